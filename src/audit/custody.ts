import { laneOf } from "../market/meterWord.ts";
import { ticksToBaseUnits, valueTicks } from "../units.ts";
import { lockOf } from "./orderEvents.ts";
import type { Run } from "./run.ts";
import { CHARGE_NAMES, slotOfRing, zoneOf, type AuditState } from "./state.ts";
import type { Place } from "./types.ts";

/** What the exchange owes to whom, ticks. */
export interface Owed {
  readonly balances: bigint;
  /** For sellers whose position is not settled. */
  readonly setAside: bigint;
  readonly siteBonds: bigint;
  readonly matcherBonds: bigint;
  readonly withdrawals: bigint;
  readonly placedOrders: bigint;
  readonly charges: bigint;
  readonly earnings: bigint;
  /** Kept for whoever settles or closes positions. */
  readonly work: bigint;
}

export function owed(state: AuditState): Owed {
  let balances = 0n;
  let setAside = 0n;
  for (const { word } of state.meters.values()) {
    balances += word.balanceTicks;
    if (word.zone === 0) continue;
    for (const slot of [word.lastSlot + 1, word.lastSlot + 2]) {
      const lane = laneOf(word, slot);
      if (lane?.side !== "offer") continue;
      setAside += valueTicks(lane.energyWh, slotOfRing(zoneOf(state, word.zone), slot)?.clearingPrice ?? 0);
    }
  }
  let charges = 0n;
  let work = 0n;
  let placedOrders = 0n;
  for (const zone of state.zones.values()) {
    for (const name of CHARGE_NAMES) charges += zone.accruals[name];
    for (const record of zone.ring) {
      if (record === undefined) continue;
      work += record.workTicks;
      for (const order of record.placed) placedOrders += lockOf(record, order);
    }
  }
  return {
    balances,
    setAside,
    siteBonds: sum(state.sites.values(), ({ bondTicks }) => bondTicks),
    matcherBonds: sum(state.matcherBonds.values(), ({ ticks }) => ticks),
    withdrawals: sum(state.withdrawals.values(), ({ amountTicks }) => amountTicks),
    placedOrders,
    charges,
    earnings: sum(state.earnedTicks.values(), (ticks) => ticks),
    work,
  };
}

/** The exchange holds what it owes and what was given to it for nothing. */
export function custody(
  { state, findings, exchange }: Pick<Run, "state" | "findings" | "exchange">,
  place: Place,
): void {
  const total = sum<bigint>(Object.values(owed(state)), (part) => part);
  const held = state.balances.get(exchange) ?? 0n;
  findings.expect("custody", place, "credits held", ticksToBaseUnits(total) + state.donated, held);
}

function sum<T>(items: Iterable<T>, ticks: (item: T) => bigint): bigint {
  let total = 0n;
  for (const item of items) total += ticks(item);
  return total;
}
