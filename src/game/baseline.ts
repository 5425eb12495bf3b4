import { SLOTS_PER_DAY } from "../units.ts";

/** A baseline is the mean of this many comparable days. */
export const BASELINE_DAYS = 3;
/** How far back a baseline looks. */
export const LOOK_BACK_DAYS = 28;

/**
 * The slots that a slot of an event is compared with, the newest first: the same quarter hour of the last three days of
 * the same class (weekdays, or weekends, in universal time) that were no events. Undefined where there are fewer.
 */
export function baselineSlots(slot: number, isEvent: (slot: number) => boolean): readonly number[] | undefined {
  const found: number[] = [];
  for (let back = 1; back <= LOOK_BACK_DAYS && slot >= back * SLOTS_PER_DAY; ++back) {
    const candidate = slot - back * SLOTS_PER_DAY;
    if (isWeekend(candidate) !== isWeekend(slot) || isEvent(candidate)) continue;
    if (found.push(candidate) === BASELINE_DAYS) return found;
  }
  return undefined;
}

/** Energy shed against the mean of the baseline's net imports, rounded down and never negative. */
export function shedWh(baselineWh: readonly number[], actualWh: number): number {
  const less = baselineWh.reduce((total, wh) => total + wh, 0) - BASELINE_DAYS * actualWh;
  return Math.max(0, Math.floor(less / BASELINE_DAYS));
}

/** Whether a slot's day is a Saturday or Sunday, in universal time. */
export function isWeekend(slot: number): boolean {
  // Day 0, 1 January 1970, was a Thursday.
  return (Math.floor(slot / SLOTS_PER_DAY) + 3) % 7 >= 5;
}
