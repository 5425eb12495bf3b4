import { slotOf, SLOTS_PER_DAY } from "../../src/units.ts";
import { FIRST_SLOT } from "../../test/support/testMarket.ts";
import { BenchMarket, SECOND_RULE_SLOT } from "./benchMarket.ts";
import { measure, type Measured } from "./measure.ts";
import { benchCompute } from "./compute.ts";
import { benchCertificates } from "./certificates.ts";
import { benchDisputes } from "./disputes.ts";
import { benchFloats } from "./floats.ts";
import { benchJobs } from "./jobs.ts";
import { benchSeasons } from "./seasons.ts";
import { benchVerbs } from "./verbs.ts";

/** Gas by the number of items in a transaction. */
export type BySize = Readonly<Record<string, number>>;

/** Gas of the batched verbs an item, of the others a transaction. */
export type GasFigures = Readonly<{
  /** Orders that the meters' own keys signed, midpoint rule. */
  clearPerOrder: BySize;
  /** The same under the strongly budget balanced rule. */
  clearPerOrderSbba: BySize;
  /** Orders that a delegate signed, midpoint rule. */
  clearPerDelegatedOrder: BySize;
  /** The same as the first in a zone whose ring of slot records has come round once. */
  clearPerOrderUsedRecord: BySize;
  settlePerReading: BySize;
  settlePerReadingUsedRecord: BySize;
}> &
  Readonly<Record<string, number | BySize>>;

export interface GasBench {
  readonly gas: GasFigures;
  /** Storage slots that a batch of a zone in use writes for the first time, per item. */
  readonly slotsCreatedPerItem: { readonly clear: number; readonly settle: number };
  /** The same for the whole batch: the root of its readings is one. */
  readonly slotsCreatedPerBatch: { readonly clear: number; readonly settle: number };
}

const RING = 128;
/** A slot's price is fixed at most so many slots ahead. */
const GATE_SLOTS = 8;
const SIZES = [1_000, 100, 10];

/** Measures the gas of every verb of a market slot on an in-process chain with Osaka's rules. */
export async function benchGas(onStep: (text: string) => void): Promise<GasBench> {
  onStep("registering a thousand meters");
  const bench = await BenchMarket.create();
  // One slot to warm the meters' words up.
  await bench.clear(FIRST_SLOT + 1, bench.orders(FIRST_SLOT + 1, 1_000));
  await bench.settle(FIRST_SLOT);

  onStep("the strongly budget balanced rule");
  const sbba = await rounds(bench, FIRST_SLOT + 2);
  let slot = FIRST_SLOT + 2 + SIZES.length;
  for (; slot < SECOND_RULE_SLOT - 1; ++slot) await bench.settle(slot);

  onStep("the midpoint rule");
  const midpoint = await rounds(bench, SECOND_RULE_SLOT);
  slot = SECOND_RULE_SLOT + SIZES.length + 1;

  onStep("delegated orders");
  const delegated = await clearDelegated(bench, slot, 100);
  await bench.settle(slot - 1);
  await bench.settle(slot);

  onStep("single verbs");
  const verbs = await benchVerbs(bench, slot + 2);

  onStep("records that were used before");
  slot = SECOND_RULE_SLOT + 1 + RING;
  await bench.comeRound(slot);
  const cleared = await bench.clear(slot, bench.orders(slot, 100));
  await bench.settle(slot - 1);
  const selfTrade = await reportSelfTrade(bench, slot);
  const settled = await bench.settle(slot);
  const created = { clear: await bench.slotsCreated(cleared), settle: await bench.slotsCreated(settled) };
  onStep("prices");
  const prices = await fixPrices(bench);
  await bench.stop();

  onStep("seasons");
  const seasons = await benchSeasons();
  onStep("training jobs");
  const jobs = await benchJobs();
  onStep("certificates");
  const certificates = await benchCertificates();
  onStep("leases");
  const leases = await benchCompute();
  onStep("single precision");
  const singlePrecision = await benchFloats();
  onStep("a dispute");
  const dispute = await benchDisputes();
  return {
    gas: {
      clearPerOrder: midpoint.clear,
      clearPerOrderSbba: sbba.clear,
      clearPerDelegatedOrder: { 100: perItem(delegated, 100) },
      clearPerOrderUsedRecord: { 100: perItem(cleared, 100) },
      settlePerReading: midpoint.settle,
      settlePerReadingUsedRecord: { 100: perItem(settled, 100) },
      ...verbs,
      reportSelfTrade: selfTrade.gas,
      ...prices,
      ...seasons,
      ...jobs,
      ...certificates,
      ...leases,
      singlePrecision,
      dispute,
    },
    // What belongs to the slot or to the batch does not grow with its items.
    slotsCreatedPerItem: { clear: Math.floor(created.clear / 100), settle: Math.floor(created.settle / 100) },
    slotsCreatedPerBatch: created,
  };
}

/** Clear and settle a book of each size, in one slot after the other. */
async function rounds(bench: BenchMarket, first: number): Promise<{ clear: BySize; settle: BySize }> {
  const clear: Record<string, number> = {};
  const settle: Record<string, number> = {};
  let slot = first;
  for (const size of SIZES) {
    clear[size] = perItem(await bench.clear(slot, bench.orders(slot, size)), size);
    const settled = await bench.settle(slot - 1);
    const before = SIZES[SIZES.indexOf(size) - 1];
    if (before !== undefined && before <= 100) settle[before] = perItem(settled, before);
    ++slot;
  }
  settle[SIZES.at(-1) ?? 0] = perItem(await bench.settle(slot - 1), SIZES.at(-1) ?? 1);
  return { clear, settle };
}

async function clearDelegated(bench: BenchMarket, slot: number, count: number): Promise<Measured> {
  const { market } = bench;
  const delegate = market.newKey();
  for (const meter of bench.meters.slice(0, count)) {
    await market.exchange.connect(meter.owner).setDelegate(meter.address, delegate.address);
  }
  return bench.clear(
    slot,
    bench.orders(slot, count).map((order) => market.delegatedOrder(delegate, order)),
  );
}

/** The first two meters are of one site, and one bids where the other offers. */
async function reportSelfTrade(bench: BenchMarket, slot: number): Promise<Measured> {
  const [buyer, seller] = bench.meters;
  if (buyer === undefined || seller === undefined) throw new RangeError("the market has no meters");
  const exchange = bench.market.exchange.connect(bench.market.worker);
  return measure(await exchange.reportSelfTrade(buyer.address, seller.address, slot));
}

/** The price of one slot that nobody has touched, and of a day of them at once. */
async function fixPrices({ market }: Pick<BenchMarket, "market">): Promise<Readonly<Record<string, number>>> {
  const exchange = market.exchange.connect(market.worker);
  const now = slotOf(await market.connection.networkHelpers.time.latest());
  // What stood still is caught up first, so that the rest is the ordinary price of slots whose gates open.
  await exchange.fixTariffs(1, now + GATE_SLOTS);
  await market.mineAt(now + 1);
  const one = await measure(await exchange.fixTariffs(1, now + 1 + GATE_SLOTS));
  await market.mineAt(now + 1 + SLOTS_PER_DAY);
  const day = await measure(await exchange.fixTariffs(1, now + 1 + SLOTS_PER_DAY + GATE_SLOTS));
  return { fixTariff: one.gas, fixTariffsOfADay: day.gas };
}

function perItem({ gas }: Measured, items: number): number {
  return Math.round(gas / items);
}
