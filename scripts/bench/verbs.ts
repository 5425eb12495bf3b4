import { sideCode } from "../../src/market/side.ts";
import { signConsent, signReceipt, type SignedOrder } from "../../src/market/sign.ts";
import type { TestMeter } from "../../test/support/testMarket.ts";
import type { BenchMarket } from "./benchMarket.ts";
import { measure } from "./measure.ts";

const ORDERS = 100;
const CREDIT = 1_000_000_000n;
/** After so many slots a flag delays nothing any more. */
const INSPECTED_SLOTS = 110;

/** Gas of the verbs that take one thing at a time. Nobody has traded in `slot` or before it since the last reading. */
export async function benchVerbs(bench: BenchMarket, slot: number): Promise<Readonly<Record<string, number>>> {
  return {
    ...(await account(bench, slot)),
    ...(await orders(bench, slot)),
    ...(await leaving(bench, slot)),
    ...(await faults(bench, slot)),
    ...(await registration(bench)),
  };
}

function first(bench: BenchMarket) {
  const [meter] = bench.meters;
  if (meter === undefined) throw new RangeError("the market has no meters");
  return { meter, exchange: bench.market.exchange.connect(meter.owner) };
}

async function account(bench: BenchMarket, slot: number) {
  const { meter, exchange } = first(bench);
  await bench.market.fund(meter.owner, 10n * CREDIT);
  const deposit = await measure(await exchange.deposit(meter.address, CREDIT));
  const delegate = await measure(await exchange.setDelegate(meter.address, bench.market.worker.address));
  const placed = await measure(await exchange.placeOrder(slot, meter.address, 1, 200, 250_000));
  const cancelled = await measure(await exchange.cancelOrder(slot, meter.address));
  const requested = await measure(await exchange.requestWithdrawal(meter.address, 1_000_000n, meter.owner.address));
  return {
    deposit: deposit.gas,
    setDelegate: delegate.gas,
    placeOrder: placed.gas,
    cancelOrder: cancelled.gas,
    requestWithdrawal: requested.gas,
  };
}

/** A committed book that lacks an order with a receipt and that nobody clears, and the two proofs against its matcher. */
async function orders(bench: BenchMarket, slot: number) {
  const { market } = bench;
  const [omitted, ...rest] = bench.orders(slot, ORDERS + 1, 1);
  if (omitted === undefined) throw new RangeError("there is no order to leave out");
  const book = market.book(slot, rest);
  await market.at(slot, -590);
  const commit = await measure(
    await market.exchange.connect(market.matcher).commitBook(1, slot, book.hash, rest.length),
  );
  await market.mineAt(slot, -470);
  const receipt = signReceipt(market.domain, market.matcherKey, omitted);
  const exchange = market.exchange.connect(market.worker);
  const missing = await measure(
    await exchange.reportMissing(reported(omitted), omitted.signature, receipt.signature, [...book.signedHashes]),
  );
  await market.mineAt(slot, 1);
  const uncleared = await measure(await exchange.reportUncleared(1, slot));
  return { commitBook: commit.gas, reportMissingIn100: missing.gas, reportUncleared: uncleared.gas };
}

const reported = ({ zone, slot, side, energyWh, limitPrice, meter }: SignedOrder) => ({
  zone,
  slot,
  side: sideCode(side),
  energyWh,
  limitPrice,
  meter,
  delegated: false,
});

/** Slots are closed at their deadlines, which is what a withdrawal waits for; a flag delays it, as there is no feeder. */
async function leaving(bench: BenchMarket, slot: number) {
  const { exchange, mineAt } = { exchange: bench.market.exchange, mineAt: bench.market.mineAt.bind(bench.market) };
  await mineAt(slot + 8);
  const { closedThrough } = await exchange.zoneInfo(1);
  let close = 0;
  for (let next = Number(closedThrough) + 1; next <= slot; ++next) {
    close = (await measure(await exchange.close(1, next, []))).gas;
  }
  await mineAt(slot + INSPECTED_SLOTS);
  const collected = await measure(await exchange.collectWithdrawal(1));
  const charges = await measure(await exchange.collectCharges(1));
  return { close, collectWithdrawal: collected.gas, collectCharges: charges.gas };
}

/** Two newcomers, each alone at its site with its bond, sign what cannot be. */
async function faults(bench: BenchMarket, slot: number) {
  const { market } = bench;
  const newcomer = async () => market.addMeter({ kind: "producer", source: "solar", balanceTicks: 0n });
  const [liar, boaster] = [await newcomer(), await newcomer()];
  const late = slot + INSPECTED_SLOTS + 1;
  const signed = (meter: TestMeter, exportWh: number) => market.readings(late, [{ meter, importWh: 0, exportWh }]);
  const reporter = market.exchange.connect(market.worker);
  const equivocation = await measure(await reporter.reportEquivocation(1, late, signed(liar, 10), signed(liar, 11)));
  const impossible = await measure(await reporter.reportImpossible(1, late, signed(boaster, 1_000_000)));
  return { reportEquivocation: equivocation.gas, reportImpossible: impossible.gas };
}

async function registration(bench: BenchMarket) {
  const { market } = bench;
  const { meter } = first(bench);
  const site = await market.addSite(meter.owner, undefined);
  const key = market.newKey();
  const message = {
    site,
    meter: key.address,
    kind: 1,
    source: 0,
    powerClass: 0,
    storageCapacityWh: 0,
    bestEfficiencyPpm: 0,
    importWh: 0,
    exportWh: 0,
  };
  const consents = [
    await market.consent(meter.owner, "MeterConsent", message),
    signConsent(market.domain, key, "MeterConsent", message),
  ] as const;
  const registered = await measure(await market.exchange.connect(market.registrar).registerMeter(message, ...consents));
  return { registerMeter: registered.gas };
}
