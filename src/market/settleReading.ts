import { valueTicks } from "../units.ts";
import { applyDue, type GridOutcome, type GridState } from "./gridLeg.ts";
import type { ItemError } from "./itemErrors.ts";
import {
  BALANCE_CEILING_TICKS,
  isMeter,
  laneOf,
  meterSlotLimitWh,
  withDelivery,
  withLane,
  type Lane,
  type MeterWord,
} from "./meterWord.ts";
import type { RegisterReading } from "./messages.ts";
import type { SettlementLine } from "./packed.ts";
import { closePosition, dueForGap, dueForSlot, type Flow, type SlotPrices } from "./settlement.ts";
import { isBeyondStorage, type StorageFacts } from "./storagePhysics.ts";
import type { ZoneLimits } from "./tariff.ts";
import { readingDeadline, readingWindow } from "./timeline.ts";

/** When a batch arrives, as far as settlement cares. */
export interface ReadingTimes {
  /** The slot has not ended. */
  readonly early: boolean;
  /** Past the deadline or closed: every reading is a gap reading. */
  readonly late: boolean;
  /** The slot before is before its deadline. */
  readonly previousOpen: boolean;
}

export interface ReadingContext extends ReadingTimes {
  readonly prices: SlotPrices;
  readonly limits: Pick<ZoneLimits, "capPrice" | "floorPrice">;
  /** Prices of an earlier slot whose lane is open; only gap readings ask. */
  readonly pricesOf: (slot: number) => SlotPrices;
  /** Of a storage meter. */
  readonly storage?: StorageFacts;
}

export interface ClosedPosition {
  readonly slot: number;
  readonly outcome: GridOutcome;
}

export interface SettledReading extends GridState {
  readonly problem?: undefined;
  readonly flow: Flow;
  readonly gap: boolean;
  readonly line: SettlementLine;
  /** The grid leg of the reading itself; absent for a feeder, which has none. */
  readonly outcome?: GridOutcome;
  /** Positions that a gap reading closed on its way. */
  readonly closed: readonly ClosedPosition[];
  /** Below this balance the grid operator is asked to act; undefined where nothing was imported. */
  readonly depositTicks?: bigint;
}

export interface SkippedReading {
  readonly problem: ItemError;
}

const NO_LINE: SettlementLine = { mintedTicks: 0n, burnedTicks: 0n, networkTicks: 0n, levyTicks: 0n };

/** What the moment of a batch means for readings of a slot. */
export function readingTimes(slot: number, unixSeconds: number, closed: boolean): ReadingTimes {
  return {
    early: unixSeconds < readingWindow(slot).from,
    late: closed || unixSeconds >= readingDeadline(slot),
    previousOpen: slot > 0 && unixSeconds < readingDeadline(slot - 1),
  };
}

/** Settles one well-signed reading, or says why the exchange would skip it. Changes nothing that it is given. */
export function settleReading(
  state: GridState,
  reading: RegisterReading,
  context: ReadingContext,
): SettledReading | SkippedReading {
  const { word } = state.meter;
  const problem = readingProblem(word, reading, context);
  if (problem !== undefined) return { problem };
  const flow = { importedWh: reading.importWh - word.importWh, exportedWh: reading.exportWh - word.exportWh };
  const gap = context.late || reading.slot > word.lastSlot + 1;
  if (word.flags.feeder) return { ...recordRegisters(state, reading, gap), flow, gap, line: NO_LINE, closed: [] };
  return gap ? settleGap(state, reading, flow, context) : settleSlot(state, reading, flow, context);
}

/** Everything that can be wrong with a well-signed reading, except that its value would not fit the balance. */
export function readingProblem(
  word: MeterWord,
  { zone, slot, importWh, exportWh }: RegisterReading,
  { early, previousOpen, storage }: Pick<ReadingContext, "early" | "previousOpen" | "storage">,
): ItemError | undefined {
  if (word.zone !== zone) return isMeter(word) ? "WrongZone" : "UnknownMeter";
  if (word.flags.suspended) return "MeterSuspended";
  if (slot <= word.lastSlot) return "ReadingTooOld";
  if (early) return "ReadingTooEarly";
  const elapsedSlots = slot - word.lastSlot;
  if (elapsedSlots !== 1 && previousOpen) return "EarlierSlotOpen";
  if (importWh < word.importWh || exportWh < word.exportWh) return "RegisterDecreased";
  const limitWh = meterSlotLimitWh(word) * elapsedSlots;
  if (importWh - word.importWh > limitWh || exportWh - word.exportWh > limitWh) return "EnergyBeyondRatedPower";
  if (storage !== undefined && isBeyondStorage(storage, importWh, exportWh)) return "StorageBeyondCapacity";
  return undefined;
}

function settleSlot(
  state: GridState,
  reading: RegisterReading,
  flow: Flow,
  { prices }: ReadingContext,
): SettledReading | SkippedReading {
  const { word } = state.meter;
  const lane = laneOf(word, reading.slot);
  const due = dueForSlot(lane, word.flags.bonded, flow, prices);
  if (word.balanceTicks + due.proceedsTicks + due.mintTicks > BALANCE_CEILING_TICKS)
    return { problem: "BalanceOverflow" };
  const outcome = applyDue(lane === null ? state : afterDelivery(state, lane, flow), due);
  return {
    ...recordRegisters(outcome, reading, false),
    flow,
    gap: false,
    line: outcome.line,
    outcome,
    closed: [],
    ...deposit(word, flow, prices.importPrice),
  };
}

/** The meter's reliability moves by what it delivered of its position. */
function afterDelivery(state: GridState, { side, energyWh }: Lane, flow: Flow): GridState {
  const meteredWh = side === "offer" ? flow.exportedWh : flow.importedWh;
  return { ...state, meter: { ...state.meter, word: withDelivery(state.meter.word, energyWh, meteredWh) } };
}

/** A gap reading first closes every lane up to its slot, then settles its whole register difference gross. */
function settleGap(
  state: GridState,
  reading: RegisterReading,
  flow: Flow,
  { prices, limits, pricesOf }: ReadingContext,
): SettledReading | SkippedReading {
  const { word } = state.meter;
  const due = dueForGap(word.flags.bonded, flow, limits, prices);
  if (word.balanceTicks + due.mintTicks > BALANCE_CEILING_TICKS) return { problem: "BalanceOverflow" };
  let current: GridState = state;
  const closed: ClosedPosition[] = [];
  for (let slot = word.lastSlot + 1; slot <= reading.slot && slot <= word.lastSlot + 2; ++slot) {
    if (laneOf(word, slot) === null) continue;
    const outcome = closePosition(current, slot, pricesOf(slot));
    if (outcome === undefined) continue;
    closed.push({ slot, outcome });
    current = outcome;
  }
  const outcome = applyDue(current, due);
  return {
    ...recordRegisters(outcome, reading, true),
    flow,
    gap: true,
    line: outcome.line,
    outcome,
    closed,
    ...deposit(word, flow, limits.capPrice),
  };
}

function recordRegisters({ meter, site, ledger }: GridState, reading: RegisterReading, gap: boolean): GridState {
  const { importWh, exportWh, slot } = reading;
  const read = { ...meter.word, importWh, exportWh, lastSlot: slot };
  return { meter: { ...meter, word: gap ? read : withLane(read, slot, null) }, site, ledger };
}

function deposit(word: MeterWord, flow: Flow, price: number): { depositTicks?: bigint } {
  return flow.importedWh === 0 ? {} : { depositTicks: valueTicks(meterSlotLimitWh(word), price) };
}
