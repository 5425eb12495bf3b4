import { SLOT_SECONDS, slotOf, slotStart } from "../units.ts";

/** The tariff is fixed and the gate opens this many slots before the slot. */
export const GATE_OPEN_SLOTS = 8;
/** Seconds before the slot starts: placing and cancelling end, the matcher may commit. */
export const GATE_CLOSURE_SECONDS = 600;
/** Seconds before the slot starts: committing ends. */
export const COMMIT_END_SECONDS = 480;
/** Seconds before the slot starts: from here anybody may clear the committed book. */
export const MATCHER_END_SECONDS = 300;
/** Seconds before the slot starts: from here only the orders placed on chain clear. */
export const COMMITTED_END_SECONDS = 120;
/** Readings are in time until this many slots after the slot's end. */
export const READING_SLOTS = 4;
/** A flag delays money until this many slots after the reading deadline. */
export const INSPECTION_SLOTS = 96;
/** Slot records live in a ring of this size. */
export const RECORD_RING_SLOTS = 128;
/** The newest slot that the contracts can hold. */
export const MAX_SLOT = 0xffffff;

/** A span of Unix seconds: `from` belongs to it, `to` does not. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** What clears: the committed book with the placed orders, or the placed orders alone. */
export type ClearedBook = "committed" | "placed";

export interface ClearingWindow extends TimeWindow {
  readonly book: ClearedBook;
}

/** When orders of a slot may be placed and cancelled on chain; signed orders end at the same moment. */
export function gateWindow(slot: number): TimeWindow {
  return { from: slotStart(slot) - GATE_OPEN_SLOTS * SLOT_SECONDS, to: slotStart(slot) - GATE_CLOSURE_SECONDS };
}

/** When the matcher may commit a slot's book. */
export function commitWindow(slot: number): TimeWindow {
  const start = slotStart(slot);
  return { from: start - GATE_CLOSURE_SECONDS, to: start - COMMIT_END_SECONDS };
}

/** When a caller may clear a slot, and what. A committed slot has a second window, for the placed orders alone. */
export function clearingWindows(slot: number, committed: boolean, isMatcher: boolean): ClearingWindow[] {
  const start = slotStart(slot);
  if (!committed) return [{ book: "placed", from: start - COMMIT_END_SECONDS, to: start }];
  const from = start - (isMatcher ? GATE_CLOSURE_SECONDS : MATCHER_END_SECONDS);
  const committedEnd = start - COMMITTED_END_SECONDS;
  return [
    { book: "committed", from, to: committedEnd },
    { book: "placed", from: committedEnd, to: start },
  ];
}

/** When readings of a slot are settled as its own; the end is the reading deadline. */
export function readingWindow(slot: number): TimeWindow {
  return { from: slotStart(slot + 1), to: readingDeadline(slot) };
}

/** The last moment (exclusive) for an in-time reading of the slot. */
export function readingDeadline(slot: number): number {
  return slotStart(slot + 1 + READING_SLOTS);
}

/** The moment from which a flag on the slot delays nothing any more. */
export function inspectionDeadline(slot: number): number {
  return slotStart(slot + 1 + READING_SLOTS + INSPECTION_SLOTS);
}

/** First slot whose gate is not open yet: what governance sets may hold from here. */
export function firstUnopenedSlot(unixSeconds: number): number {
  return slotOf(unixSeconds) + GATE_OPEN_SLOTS + 1;
}

/** Whether a moment lies in a window. */
export function isWithin(window: TimeWindow, unixSeconds: number): boolean {
  return unixSeconds >= window.from && unixSeconds < window.to;
}

/** The part of a slot's life that a moment belongs to. */
export type SlotPhase =
  | "before the gate"
  | "gate"
  | "commitment"
  | "matcher clears"
  | "anybody clears"
  | "placed orders clear"
  | "delivery"
  | "readings"
  | "closing";

/** Where a slot with a committed book stands at a moment. */
export function slotPhase(slot: number, unixSeconds: number): SlotPhase {
  const start = slotStart(slot);
  if (unixSeconds >= readingDeadline(slot)) return "closing";
  if (unixSeconds >= start + SLOT_SECONDS) return "readings";
  if (unixSeconds >= start) return "delivery";
  if (unixSeconds >= start - COMMITTED_END_SECONDS) return "placed orders clear";
  if (unixSeconds >= start - MATCHER_END_SECONDS) return "anybody clears";
  if (unixSeconds >= start - COMMIT_END_SECONDS) return "matcher clears";
  if (unixSeconds >= start - GATE_CLOSURE_SECONDS) return "commitment";
  return unixSeconds >= gateWindow(slot).from ? "gate" : "before the gate";
}
