import { AbiCoder, keccak256 } from "ethers";
import type { ExchangeEvent } from "../chain/exchange.ts";
import { contentProblem, tradingProblem } from "../market/admission.ts";
import { placementLockTicks, PLACEMENT_FEE_TICKS } from "../market/fees.ts";
import { sideOf } from "../market/side.ts";
import { commitWindow, gateWindow, isWithin, RECORD_RING_SLOTS } from "../market/timeline.ts";
import { slotOf as slotAt } from "../units.ts";
import { expectCharges, expectIn, expectOut, takeWord, type Run } from "./run.ts";
import {
  addTo,
  meterOf,
  NO_CHARGES,
  slotRecordOf,
  STATUS,
  zoneOf,
  type PlacedEntry,
  type SlotEntry,
  type ZoneEntry,
} from "./state.ts";

const PENALTY_TICKS = 20_000_000_000n;
const MIN_MATCHER_BOND_TICKS = 100_000_000_000n;

export function orderPlaced(run: Run, { args }: ExchangeEvent<"OrderPlaced">): void {
  const { meter, zone, slot, index, energyWh, limitPrice } = args;
  const place = { zone, slot, meter };
  const { findings } = run;
  const record = slotRecordOf(run.state, zone, slot);
  const entry = meterOf(run.state, meter);
  const side = sideOf(args.side);
  findings.expect(
    "orders",
    place,
    "placed while the gate was open",
    true,
    isWithin(gateWindow(slot), run.tx.transaction.timestamp),
  );
  // The meter's newest reading is looked at when the slot is cleared.
  const problem =
    tradingProblem(entry.word, { zone, side }) ??
    contentProblem(entry.word, { zone, slot, side, energyWh, limitPrice }, record.terms);
  findings.expect("orders", place, "problem of the placed order", "none", problem ?? "none");
  const at = placeIn(record, meter);
  findings.expect("orders", place, "index in the slot's list", at, index);
  const available = entry.word.balanceTicks + lockOf(record, record.placed[at]);
  const lock = placementLockTicks(side, energyWh, limitPrice, record.terms.feePpm);
  findings.expect("orders", place, "the balance covers the lock", true, available >= lock);
  record.placed[at] = { meter, side, energyWh, limitPrice, locked: true };
  findings.add("orders", "placed", 1);
  takeWord(run, "orders", place, entry, { ...entry.word, balanceTicks: available - lock }, args.word);
}

export function orderCancelled(run: Run, { args }: ExchangeEvent<"OrderCancelled">): void {
  const { meter, zone, slot, index } = args;
  const place = { zone, slot, meter };
  const { findings } = run;
  const record = slotRecordOf(run.state, zone, slot);
  const entry = meterOf(run.state, meter);
  findings.expect(
    "orders",
    place,
    "cancelled while the gate was open",
    true,
    isWithin(gateWindow(slot), run.tx.transaction.timestamp),
  );
  const at = placeIn(record, meter);
  findings.expect("orders", place, "index in the slot's list", at, index);
  const before = record.placed[at];
  const balance = entry.word.balanceTicks + lockOf(record, before);
  // A cancellation keeps side and price of what it cancels.
  record.placed[at] = { side: "bid", limitPrice: 0, ...before, meter, energyWh: 0, locked: false };
  expectCharges(run, zone, slot, { ...NO_CHARGES, season: PLACEMENT_FEE_TICKS });
  findings.add("orders", "cancelled", 1);
  takeWord(run, "orders", place, entry, { ...entry.word, balanceTicks: balance - PLACEMENT_FEE_TICKS }, args.word);
}

/** A placed order's money comes back: because clearing skipped it, or because its slot was never cleared. */
export function placedOrderReleased(run: Run, { args }: ExchangeEvent<"PlacedOrderReleased">): void {
  const { meter, zone, slot } = args;
  const place = { zone, slot, meter };
  const record = slotRecordOf(run.state, zone, slot);
  const entry = meterOf(run.state, meter);
  const at = record.placed.findIndex((order) => order.meter === meter && order.locked);
  const order = record.placed[at];
  run.findings.expect("orders", place, "the released order had money locked", true, order !== undefined);
  let back = lockOf(record, order);
  // The fee for placing stays where clearing skipped the order.
  const skipped = run.tx.clearing?.zone === zone && run.tx.clearing.slot === slot;
  if (skipped) {
    back -= PLACEMENT_FEE_TICKS;
    expectCharges(run, zone, slot, { ...NO_CHARGES, season: PLACEMENT_FEE_TICKS });
  }
  if (order !== undefined) record.placed[at] = { ...order, locked: false };
  run.findings.add("orders", "released", 1);
  takeWord(run, "orders", place, entry, { ...entry.word, balanceTicks: entry.word.balanceTicks + back }, args.word);
}

export function bookCommitted(run: Run, { args }: ExchangeEvent<"BookCommitted">): void {
  const { zone, slot, matcher } = args;
  const place = { zone, slot };
  const record = slotRecordOf(run.state, zone, slot);
  const { findings } = run;
  findings.expect("clearing", place, "matcher of the slot", matcherAt(zoneOf(run.state, zone), slot), matcher);
  findings.expect("clearing", place, "first commitment", true, (record.status & STATUS.committed) === 0);
  findings.expect(
    "clearing",
    place,
    "committed in its window",
    true,
    isWithin(commitWindow(slot), run.tx.transaction.timestamp),
  );
  const bond = run.state.matcherBonds.get(matcher);
  const bonded = bond !== undefined && bond.ticks >= MIN_MATCHER_BOND_TICKS && bond.unlockSlot === 0;
  findings.expect("clearing", place, "the matcher is bonded", true, bonded);
  findings.add("clearing", "committed", 1);
  record.bookHash = args.bookHash;
  record.matcher = matcher;
  record.bookOrders = Number(args.orders);
  record.status |= STATUS.committed;
}

export function matcherBondChanged(run: Run, { args }: ExchangeEvent<"MatcherBondChanged">): void {
  const { matcher, changeTicks, bondTicks } = args;
  const place = { account: matcher };
  const before = run.state.matcherBonds.get(matcher) ?? { ticks: 0n, unlockSlot: 0 };
  run.findings.expect("accounts", place, "matcher bond", before.ticks + changeTicks, bondTicks);
  if (changeTicks > 0n) {
    expectIn(run, "matcher bond", place, undefined, changeTicks);
    run.state.matcherBonds.set(matcher, { ...before, ticks: bondTicks });
    return;
  }
  const unlocked = before.unlockSlot !== 0 && slotAt(run.tx.transaction.timestamp) >= before.unlockSlot;
  run.findings.expect("accounts", place, "matcher bond collected after its lock", true, unlocked);
  expectOut(run, "matcher bond", place, undefined, -changeTicks);
  run.state.matcherBonds.delete(matcher);
}

export function matcherUnlockRequested(run: Run, { args }: ExchangeEvent<"MatcherUnlockRequested">): void {
  const before = run.state.matcherBonds.get(args.matcher) ?? { ticks: 0n, unlockSlot: 0 };
  const unlockSlot = slotAt(run.tx.transaction.timestamp) + 2 * RECORD_RING_SLOTS;
  run.findings.expect(
    "accounts",
    { account: args.matcher },
    "slot from which the matcher bond is free",
    unlockSlot,
    args.unlockSlot,
  );
  run.state.matcherBonds.set(args.matcher, { ...before, unlockSlot: args.unlockSlot });
}

export function matcherPenalised(run: Run, { args }: ExchangeEvent<"MatcherPenalised">): void {
  const { matcher, zone, slot, cutTicks, rewardTicks } = args;
  const place = { zone, slot, account: matcher };
  const record = slotRecordOf(run.state, zone, slot);
  const bond = run.state.matcherBonds.get(matcher) ?? { ticks: 0n, unlockSlot: 0 };
  const cut = bond.ticks < PENALTY_TICKS ? bond.ticks : PENALTY_TICKS;
  run.findings.expect("accounts", place, "cut of the matcher bond", cut, cutTicks);
  run.findings.expect("accounts", place, "reward of the reporter", cutTicks / 2n, rewardTicks);
  const uncleared = AbiCoder.defaultAbiCoder().encode(["string", "uint256", "uint256"], ["uncleared", zone, slot]);
  if (keccak256(uncleared) === args.fault) {
    const stood = (record.status & (STATUS.committed | STATUS.bookCleared)) === STATUS.committed;
    run.findings.expect("accounts", place, "a committed book was not cleared", true, stood);
    record.status |= STATUS.defaultPunished;
  }
  run.state.matcherBonds.set(matcher, { ...bond, ticks: bond.ticks - cutTicks });
  addTo(run.state.earnedTicks, args.reporter, rewardTicks);
  run.findings.add("charges", "rewardTicks", rewardTicks);
  expectCharges(run, zone, slot, { ...NO_CHARGES, season: cutTicks - rewardTicks });
}

/** Everything that a placed order has locked, the placement fee included. */
export function lockOf(record: SlotEntry, order: PlacedEntry | undefined): bigint {
  if (order?.locked !== true) return 0n;
  return placementLockTicks(order.side, order.energyWh, order.limitPrice, record.terms.feePpm);
}

function placeIn({ placed }: SlotEntry, meter: string): number {
  const at = placed.findIndex((order) => order.meter === meter);
  return at < 0 ? placed.length : at;
}

function matcherAt({ matcher, nextMatcher, nextMatcherSlot }: ZoneEntry, slot: number): string {
  return nextMatcherSlot !== 0 && slot >= nextMatcherSlot ? nextMatcher : matcher;
}
