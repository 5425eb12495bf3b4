import hre from "hardhat";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../../test/support/testMarket.ts";

export interface GasFigures {
  readonly clearPerOrder: Record<string, number>;
  readonly clearPerDelegatedOrder: Record<string, number>;
  readonly settlePerReading: Record<string, number>;
  readonly deposit: number;
  readonly placeOrder: number;
  readonly commitBook: number;
  readonly close: number;
  readonly requestWithdrawal: number;
  readonly collectWithdrawal: number;
}

export interface GasBench {
  readonly gas: GasFigures;
  /** Storage slots that a batch of a warm zone writes for the first time, per item. */
  readonly slotsCreatedPerItem: { readonly clear: number; readonly settle: number };
  /** The same for the whole batch: the root of its readings is one. */
  readonly slotsCreatedPerBatch: { readonly clear: number; readonly settle: number };
}

interface Measured {
  readonly gas: number;
  readonly hash: string;
}

const WARM_UP_SLOTS = 2;
const TREASURY_TICKS = 10n ** 15n;
const BALANCE_TICKS = 10n ** 11n;
const SIZES = { clear: [10, 100, 1000], settle: [10, 100] } as const;

/** Measures the gas of every verb of a market slot on an in-process chain with Osaka's rules. */
export async function benchGas(onStep: (text: string) => void): Promise<GasBench> {
  const clearPerOrder: Record<string, number> = {};
  const clearPerDelegatedOrder: Record<string, number> = {};
  const settlePerReading: Record<string, number> = {};
  const created = { clear: 0, settle: 0 };
  let verbs: Omit<GasFigures, "clearPerOrder" | "clearPerDelegatedOrder" | "settlePerReading"> | undefined;
  for (const size of SIZES.clear) {
    onStep(`${String(size)} meters`);
    const connection = await hre.network.create();
    const market = await deployTestMarket(connection);
    const meters = await addMeters(market, size);
    let slot = FIRST_SLOT + 1;
    // The first batches write fresh records; measured is what follows, as in a running zone.
    for (let warm = 0; warm < WARM_UP_SLOTS; ++warm, ++slot) {
      await clear(market, slot, meters);
      await settle(market, slot - 1, meters);
    }
    const cleared = await clear(market, slot, meters);
    clearPerOrder[size] = perItem(cleared, size);
    const settled = await settle(market, slot - 1, meters);
    if (size <= 100) settlePerReading[size] = perItem(settled, size);
    if (size === 100) {
      created.clear = await slotsCreated(market, cleared.hash);
      created.settle = await slotsCreated(market, settled.hash);
      clearPerDelegatedOrder[size] = perItem(await clearDelegated(market, slot + 1, meters), size);
      await settle(market, slot, meters);
      verbs = await singleVerbs(market, slot + 2, meters);
    }
    await connection.close();
  }
  if (verbs === undefined) throw new RangeError("the sizes have no 100");
  // Ring records and roots belong to the slot and the batch: they do not grow with its items.
  return {
    gas: { clearPerOrder, clearPerDelegatedOrder, settlePerReading, ...verbs },
    slotsCreatedPerItem: { clear: Math.floor(created.clear / 100), settle: Math.floor(created.settle / 100) },
    slotsCreatedPerBatch: created,
  };
}

/** Half of them sellers. One account funds all: buying credits for each would take most of the time. */
async function addMeters(market: TestMarket, count: number): Promise<TestMeter[]> {
  const exchange = market.exchange.connect(market.worker);
  await market.fund(market.worker, TREASURY_TICKS);
  const meters: TestMeter[] = [];
  for (let i = 0; i < count; ++i) {
    const seller = i % 2 === 1;
    const kind = seller ? ({ kind: "producer", source: "solar" } as const) : ({ kind: "consumer" } as const);
    const meter = await market.addMeter({ ...kind, balanceTicks: 0n, bonded: false });
    await exchange.deposit(meter.address, BALANCE_TICKS);
    if (seller) await exchange.postBond(meter.site, await exchange.requiredBond(meter.site));
    meters.push(meter);
  }
  return meters;
}

function ordersOf(market: TestMarket, slot: number, meters: readonly TestMeter[]) {
  return meters.map((meter, i) =>
    i % 2 === 1
      ? market.order(meter, slot, "offer", 1_000 + i, 120_000 + 10 * i)
      : market.order(meter, slot, "bid", 1_000 + i, 280_000 - 10 * i),
  );
}

async function clear(market: TestMarket, slot: number, meters: readonly TestMeter[]): Promise<Measured> {
  return measure(await market.clear(slot, ordersOf(market, slot, meters)));
}

async function clearDelegated(market: TestMarket, slot: number, meters: readonly TestMeter[]): Promise<Measured> {
  const delegate = market.newKey();
  for (const meter of meters) await market.exchange.connect(meter.owner).setDelegate(meter.address, delegate.address);
  const orders = ordersOf(market, slot, meters).map((order) => market.delegatedOrder(delegate, order));
  return measure(await market.clear(slot, orders));
}

async function settle(market: TestMarket, slot: number, meters: readonly TestMeter[]): Promise<Measured> {
  const traded = slot > FIRST_SLOT;
  const flows = meters.map((meter, i) => {
    if (!traded) return { meter };
    return i % 2 === 1 ? { meter, importWh: 3, exportWh: 990 + i } : { meter, importWh: 1_080 + i };
  });
  await market.at(slot + 1, 10);
  return measure(await market.settleFlows(slot, flows));
}

async function singleVerbs(market: TestMarket, slot: number, meters: readonly TestMeter[]) {
  const [buyer] = meters;
  if (buyer === undefined) throw new RangeError("the market has no meters");
  const owned = market.exchange.connect(buyer.owner);
  await market.fund(buyer.owner, 10_000_000_000n);
  const deposit = await measure(await owned.deposit(buyer.address, 1_000_000_000n));
  const placed = await measure(await owned.placeOrder(slot, buyer.address, 1, 500, 250_000));
  const orders = ordersOf(market, slot, meters.slice(1));
  const book = market.book(slot, orders);
  await market.at(slot, -590);
  const commit = await measure(
    await market.exchange.connect(market.matcher).commitBook(1, slot, book.hash, orders.length),
  );
  const requested = await measure(await owned.requestWithdrawal(buyer.address, 1_000_000n, buyer.owner.address));
  // Nobody clears: the slots are closed at their deadlines instead, which is what a withdrawal waits for.
  await market.mineAt(slot + 8);
  const first = Number((await market.exchange.zoneInfo(1)).closedThrough) + 1;
  const addresses = meters.map(({ address }) => address);
  let closed: Measured | undefined;
  for (let next = first; next <= slot; ++next) {
    // Gas of the last one, which has no position left.
    closed = await measure(await market.exchange.close(1, next, next === slot ? [] : addresses));
  }
  // A flag delays money for the inspection's time: there was no feeder.
  await market.mineAt(slot + 110);
  const collected = await measure(await market.exchange.collectWithdrawal(1));
  return {
    deposit: deposit.gas,
    placeOrder: placed.gas,
    commitBook: commit.gas,
    close: closed?.gas ?? 0,
    requestWithdrawal: requested.gas,
    collectWithdrawal: collected.gas,
  };
}

interface Sent {
  readonly hash: string;
  wait(): Promise<{ readonly gasUsed: bigint } | null>;
}

async function measure(transaction: Sent): Promise<Measured> {
  const receipt = await transaction.wait();
  if (receipt === null) throw new Error("the transaction has no receipt");
  return { gas: Number(receipt.gasUsed), hash: transaction.hash };
}

function perItem({ gas }: Measured, items: number): number {
  return Math.round(gas / items);
}

type StorageDiff = Readonly<Record<string, { readonly storage?: Readonly<Record<string, string>> }>>;

/** Storage slots that were zero before the transaction and are not afterwards. */
async function slotsCreated(market: TestMarket, hash: string): Promise<number> {
  const { pre, post } = (await market.connection.provider.request({
    method: "debug_traceTransaction",
    params: [hash, { tracer: "prestateTracer", tracerConfig: { diffMode: true } }],
  })) as { readonly pre: StorageDiff; readonly post: StorageDiff };
  let count = 0;
  for (const [address, { storage = {} }] of Object.entries(post)) {
    for (const [key, value] of Object.entries(storage)) {
      const before = pre[address]?.storage?.[key] ?? "0x0";
      if (BigInt(before) === 0n && BigInt(value) !== 0n) ++count;
    }
  }
  return count;
}
