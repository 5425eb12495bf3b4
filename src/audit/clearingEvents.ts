import type { ExchangeEvent } from "../chain/exchange.ts";
import { PLACEMENT_FEE_TICKS, shareFee } from "../market/fees.ts";
import { itemErrorOf } from "../market/itemErrors.ts";
import { laneOf, withLane } from "../market/meterWord.ts";
import { decodeFill, type Fill } from "../market/packed.ts";
import { isWithinTariff } from "../market/tariff.ts";
import { valueTicks, formatPrice } from "../units.ts";
import { JouleworkError } from "../errors.ts";
import { lockOf } from "./orderEvents.ts";
import { planClearing } from "./planClearing.ts";
import { expectCharges, takeCall, workOf, type Clearing, type Run } from "./run.ts";
import { meterOf, NO_CHARGES, slotRecordOf, STATUS, type SlotEntry } from "./state.ts";

export function orderSkipped(run: Run, { args }: ExchangeEvent<"OrderSkipped">): void {
  const { meter, zone, slot } = args;
  const clearing = clearingOf(run, zone, slot);
  const found = itemErrorOf(args.reason) ?? args.reason;
  run.findings.add("clearing", "skipped", 1);
  const expected = clearing.plan?.skips[clearing.skipped++];
  if (clearing.plan === undefined) return;
  run.findings.expect(
    "clearing",
    { zone, slot, meter },
    "skipped order",
    describe(expected?.order.meter, expected?.problem),
    describe(meter, found),
  );
}

export function orderCleared(run: Run, { args }: ExchangeEvent<"OrderCleared">): void {
  const { meter } = args;
  const fill = decodeFill(args.fill);
  const { zone, slot } = fill;
  const place = { zone, slot, meter };
  const clearing = clearingOf(run, zone, slot);
  compareFill(run, clearing, meter, fill);

  const record = slotRecordOf(run.state, zone, slot);
  const entry = meterOf(run.state, meter);
  let available = entry.word.balanceTicks;
  if (fill.placed) {
    const at = record.placed.findIndex((order) => order.meter === meter && order.locked);
    const order = record.placed[at];
    run.findings.expect("orders", place, "the cleared order was placed", true, order !== undefined);
    available += lockOf(record, order);
    if (order !== undefined) record.placed[at] = { ...order, locked: false };
    if (fill.filledWh === 0) {
      available -= PLACEMENT_FEE_TICKS;
      clearing.seasonTicks += PLACEMENT_FEE_TICKS;
    }
  }
  if (fill.filledWh > 0) {
    run.findings.expect("events", place, "no position of the slot before", true, laneOf(entry.word, slot) === null);
    run.findings.expect("slots", place, "filled within the order", true, fill.filledWh <= fill.energyWh);
    clearing.positions += 1;
    if (fill.side === "bid") {
      clearing.boughtWh += fill.filledWh;
      clearing.paidTicks += available - fill.balanceTicks - fill.feeTicks;
      clearing.lowestBid = Math.min(clearing.lowestBid ?? fill.limitPrice, fill.limitPrice);
    } else {
      clearing.soldWh += fill.filledWh;
      clearing.highestOffer = Math.max(clearing.highestOffer ?? fill.limitPrice, fill.limitPrice);
    }
  }
  if (fill.side === "offer" || fill.filledWh === 0) {
    run.findings.expect("slots", place, "balance of who pays nothing", available, fill.balanceTicks);
    run.findings.expect("slots", place, "fee of who pays nothing", 0n, fill.feeTicks);
  }
  clearing.feeTicks += fill.feeTicks;
  const word = { ...entry.word, balanceTicks: fill.balanceTicks };
  entry.word = fill.filledWh === 0 ? word : withLane(word, slot, { side: fill.side, energyWh: fill.filledWh });
}

export function slotCleared(run: Run, { args }: ExchangeEvent<"SlotCleared">): void {
  const { zone, slot, clearingPrice, matchedWh } = args;
  const place = { zone, slot };
  const { findings } = run;
  const clearing = clearingOf(run, zone, slot);
  const record = slotRecordOf(run.state, zone, slot);
  const { plan } = clearing;
  if (plan !== undefined) {
    findings.expect("clearing", place, "clearing price", plan.price, clearingPrice);
    findings.expect("clearing", place, "matched volume", plan.volumeWh, matchedWh);
    findings.expect("clearing", place, "orders skipped", plan.skips.length, clearing.skipped);
    findings.expect("clearing", place, "orders cleared", plan.fills.length, clearing.cleared);
  }
  findings.expect("clearing", place, "first clearing of the slot", true, (record.status & STATUS.cleared) === 0);
  findings.add("clearing", "clearings", 1);
  findings.add("clearing", "orders", clearing.cleared);

  findings.expect("slots", place, "energy bought", matchedWh, clearing.boughtWh);
  findings.expect("slots", place, "energy sold", matchedWh, clearing.soldWh);
  findings.expect("slots", place, "positions", clearing.positions, args.positions);
  findings.expect("slots", place, "buyers pay for energy", valueTicks(matchedWh, clearingPrice), clearing.paidTicks);
  findings.expect("slots", place, "fees", clearing.feeTicks, args.feeTicks);
  if (matchedWh > 0) checkPrice(run, clearing, record, clearingPrice);
  findings.add("slots", "tradedWh", matchedWh);
  findings.add("slots", "buyersPaidTicks", clearing.paidTicks);
  findings.add("slots", "feeTicks", args.feeTicks);

  const shares = shareFee(args.feeTicks);
  findings.expect("charges", place, "fee for work", shares.clearerTicks + shares.laterWorkTicks, args.workTicks);
  workOf(run.tx, zone, slot).expectedTicks += shares.clearerTicks;
  expectCharges(run, zone, slot, {
    ...NO_CHARGES,
    fee: shares.feeAccountTicks,
    season: shares.seasonTicks + clearing.seasonTicks,
  });
  record.status |= STATUS.cleared | STATUS.released;
  if (plan?.committedBook ?? (record.status & STATUS.committed) !== 0) record.status |= STATUS.bookCleared;
  record.clearingPrice = clearingPrice;
  record.openPositions = args.positions;
  record.matchedWh = matchedWh;
  record.workTicks = shares.laterWorkTicks;
  record.costTicks = clearing.paidTicks;
  run.tx.clearing = undefined;
}

function checkPrice({ findings }: Run, clearing: Clearing, { slot, terms }: SlotEntry, price: number): void {
  const place = { zone: clearing.zone, slot };
  const { lowestBid = 0, highestOffer = Infinity } = clearing;
  findings.expect("slots", place, "no bid filled above its limit", true, price <= lowestBid);
  findings.expect("slots", place, "no offer filled below its limit", true, price >= highestOffer);
  const within = isWithinTariff(terms, price) ? "within the tariff" : `${formatPrice(price)} credits per kWh`;
  findings.expect("slots", place, "clearing price", "within the tariff", within);
}

function compareFill({ findings }: Run, clearing: Clearing, meter: string, fill: Fill): void {
  const expected = clearing.plan?.fills[clearing.cleared++];
  if (clearing.plan === undefined) return;
  const place = { zone: clearing.zone, slot: clearing.slot, meter };
  if (expected === undefined) {
    findings.fail("clearing", place, "cleared order", "none", `${fill.side} of ${fill.energyWh} Wh`);
    return;
  }
  const { order } = expected;
  findings.expect("clearing", place, "meter of the cleared order", order.meter, meter);
  findings.expect("clearing", place, "side", order.side, fill.side);
  findings.expect("clearing", place, "placed on chain", order.kind === "placed", fill.placed);
  findings.expect("clearing", place, "energyWh", order.energyWh, fill.energyWh);
  findings.expect("clearing", place, "limitPrice", order.limitPrice, fill.limitPrice);
  findings.expect("clearing", place, "filledWh", expected.filledWh, fill.filledWh);
  findings.expect("clearing", place, "feeTicks", expected.feeTicks, fill.feeTicks);
  findings.expect("clearing", place, "balanceTicks", expected.balanceTicks, fill.balanceTicks);
}

/** The clearing under way; with its first event it is done again from the calldata. */
function clearingOf(run: Run, zone: number, slot: number): Clearing {
  const { clearing } = run.tx;
  if (clearing?.zone === zone && clearing.slot === slot) return clearing;
  if (clearing !== undefined) {
    const place = { zone: clearing.zone, slot: clearing.slot };
    run.findings.fail("clearing", place, "SlotCleared", "an event", "none");
  }
  const begun = {
    zone,
    slot,
    plan: planFor(run, zone, slot),
    skipped: 0,
    cleared: 0,
    boughtWh: 0,
    soldWh: 0,
    positions: 0,
    paidTicks: 0n,
    feeTicks: 0n,
    seasonTicks: 0n,
    lowestBid: undefined,
    highestOffer: undefined,
  };
  run.tx.clearing = begun;
  return begun;
}

function planFor(run: Run, zone: number, slot: number): Clearing["plan"] {
  const call = takeCall(run, "clear");
  if (call === undefined) {
    run.findings.fail("clearing", { zone, slot }, "calldata of the clearing", "a call of clear", "none found");
    return undefined;
  }
  try {
    return planClearing(run, call, zone, slot);
  } catch (error) {
    if (!(error instanceof JouleworkError)) throw error;
    run.findings.fail(
      "clearing",
      { zone, slot },
      "book of the clearing",
      "one that the exchange accepts",
      error.message,
    );
    return undefined;
  }
}

function describe(meter: string | undefined, problem: string | undefined): string {
  return meter === undefined ? "none" : `${meter} ${problem ?? ""}`;
}
