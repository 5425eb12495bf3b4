import { JouleworkError } from "../errors.ts";
import { SLOTS_PER_DAY } from "../units.ts";
import type { History, WeatherColumn } from "./types.ts";

/** Days that the profile of a slot is the mean of. */
export const PROFILE_DAYS = 7;
/** Slots before a forecast's first one that features look back on. */
export const LOOK_BACK = PROFILE_DAYS * SLOTS_PER_DAY;
const HARMONICS = 3;
const OWN_FEATURES = 15 + 2 * HARMONICS;
const FEATURES_A_COLUMN = 2;

/** Turns a history into what a regression sees of a slot from another one. */
export interface FeatureReader {
  readonly count: number;
  /** Fills `row` with what is known at the end of the slot `origin` about the slot `target`, both places in the history. */
  read(row: Float64Array, origin: number, target: number): void;
}

/**
 * Lags, a profile, how today differs from it, the time of the day, and the weather. The target is 1 to 96 slots after the
 * origin, so everything a day and more before the target is known.
 */
export function featureReader(history: History): FeatureReader {
  const { values, firstSlot, weather = [] } = history;
  const sums = runningSums(values);
  const tops = weeklyTops(values);
  const topSums = runningSums(tops);
  const columns = weather.map((column) => aligned(column, firstSlot));
  const valueAt = (place: number): number => values[place] ?? 0;
  const meanOf = (from: number, to: number): number => spanMean(sums, from, to);
  /** How much of what the week's best days gave in these slots there was. */
  const clearness = (from: number, to: number): number => {
    const top = spanMean(topSums, from, to);
    return top === 0 ? 0 : meanOf(from, to) / top;
  };
  const profile = (place: number): number => dailyMean(valueAt, place);
  return {
    count: OWN_FEATURES + FEATURES_A_COLUMN * columns.length,
    read: (row, origin, target) => {
      const usual = profile(target);
      const lastDay = meanOf(origin - SLOTS_PER_DAY + 1, origin);
      const lastWeek = meanOf(origin - LOOK_BACK + 1, origin);
      let place = 0;
      const put = (value: number): void => {
        row[place] = value;
        place += 1;
      };
      put(valueAt(target - SLOTS_PER_DAY));
      put(valueAt(target - 2 * SLOTS_PER_DAY));
      put(valueAt(target - LOOK_BACK));
      put(usual);
      const around = target - SLOTS_PER_DAY;
      put(meanOf(around - 4, Math.min(around + 4, origin)));
      put(valueAt(origin));
      put(meanOf(origin - 7, origin));
      put(valueAt(origin) - profile(origin));
      put(lastDay);
      put(lastDay - lastWeek);
      put(lastWeek === 0 ? 0 : usual * Math.min(lastDay / lastWeek, 3));
      const top = weeklyTop(values, target);
      put(top);
      put(weeklyBottom(values, target));
      put(top * clearness(origin - SLOTS_PER_DAY + 1, origin));
      put(top * clearness(origin - 15, origin));
      const angle = (2 * Math.PI * (firstSlot + target)) / SLOTS_PER_DAY;
      for (let harmonic = 1; harmonic <= HARMONICS; harmonic++) {
        put(Math.sin(harmonic * angle));
        put(Math.cos(harmonic * angle));
      }
      for (const columnAt of columns) {
        put(columnAt(target));
        put(columnAt(target) - dailyMean(columnAt, target));
      }
    },
  };
}

/** Mean of the same slot of the days before. */
function dailyMean(valueAt: (place: number) => number, place: number): number {
  let sum = 0;
  for (let day = 1; day <= PROFILE_DAYS; day++) sum += valueAt(place - day * SLOTS_PER_DAY);
  return sum / PROFILE_DAYS;
}

/** The largest value of the same slot of the days before. */
function weeklyTop(values: ArrayLike<number>, place: number): number {
  let top = values[place - SLOTS_PER_DAY] ?? 0;
  for (let day = 2; day <= PROFILE_DAYS; day++) top = Math.max(top, values[place - day * SLOTS_PER_DAY] ?? top);
  return top;
}

function weeklyBottom(values: ArrayLike<number>, place: number): number {
  let bottom = values[place - SLOTS_PER_DAY] ?? 0;
  for (let day = 2; day <= PROFILE_DAYS; day++)
    bottom = Math.min(bottom, values[place - day * SLOTS_PER_DAY] ?? bottom);
  return bottom;
}

function weeklyTops(values: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: values.length }, (_, place) => weeklyTop(values, place));
}

function spanMean(sums: Float64Array, from: number, to: number): number {
  return ((sums[to + 1] ?? 0) - (sums[from] ?? 0)) / (to - from + 1);
}

function runningSums(values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let index = 0; index < values.length; index++) sums[index + 1] = (sums[index] ?? 0) + (values[index] ?? 0);
  return sums;
}

/** A column by the places of the history. A gap in the weather would pass for cold and darkness, so it is an error. */
function aligned({ name, firstSlot, values }: WeatherColumn, historyFirstSlot: number): (place: number) => number {
  const shift = historyFirstSlot - firstSlot;
  return (place) => {
    const value = values[place + shift];
    if (value !== undefined) return value;
    throw new JouleworkError({
      code: "WEATHER_MISSING",
      what: "The weather does not cover a slot that is forecast",
      values: { column: name, slot: historyFirstSlot + place },
      hint: "Give weather for the whole history and for every slot of the horizon.",
    });
  };
}
