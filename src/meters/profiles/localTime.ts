import { SLOTS_PER_DAY } from "../../units.ts";

const DAYS_PER_YEAR = 365.2425;

export interface LocalTime {
  /** Days since 1 January 1970 in local time. */
  day: number;
  /** Slot of the local day, 0 to 95. */
  slotOfDay: number;
  /** Hour of the local day at the middle of the slot. */
  hour: number;
  /** Saturday or Sunday. */
  weekend: boolean;
  /** Season as a phase of the year, 0 at the turn of the year. */
  yearPhase: number;
}

/**
 * The time by which people and the sun's warmth live: UTC moved by the longitude (15 degrees an hour),
 * rounded to a slot, without daylight saving.
 */
export function localTime(slot: number, longitudeDeg: number): LocalTime {
  const localSlot = slot + Math.round((longitudeDeg / 360) * SLOTS_PER_DAY);
  const day = Math.floor(localSlot / SLOTS_PER_DAY);
  const slotOfDay = localSlot - day * SLOTS_PER_DAY;
  // 1 January 1970 was a Thursday, day 3 of a week that starts on Monday.
  const weekday = (((day + 3) % 7) + 7) % 7;
  const year = (day + 0.5) / DAYS_PER_YEAR;
  return {
    day,
    slotOfDay,
    hour: ((slotOfDay + 0.5) * 24) / SLOTS_PER_DAY,
    weekend: weekday >= 5,
    yearPhase: year - Math.floor(year),
  };
}
