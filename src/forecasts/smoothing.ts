import { SLOTS_PER_DAY } from "../units.ts";
import { requireHistory, requireHorizon } from "./checkHistory.ts";
import { withinWhole } from "./withinWhole.ts";
import type { Forecaster } from "./types.ts";

/** How fast level and season follow what is seen. */
interface Gains {
  readonly level: number;
  readonly season: number;
}

interface State {
  readonly level: number;
  /** Deviation from the level of the coming day's slots, the next one first. */
  readonly season: Float64Array;
  /** Error of the last slot as it was foreseen a slot before. */
  readonly error: number;
}

interface Filtered extends State {
  /** Mean squared error of the forecast of the same slot a day later. */
  readonly dayAheadError: number;
  /** Correlation of an error with the one before. */
  readonly persistence: number;
}

const LEVEL_GAINS = [0, 0.002, 0.01, 0.03, 0.1];
const SEASON_GAINS = [0.03, 0.06, 0.12, 0.25];

/**
 * Exponential smoothing of a level and of the season of a day, additive and without a trend (Holt and Winters), with Taylor's
 * correction of the first-order autocorrelation of errors (Short-term electricity demand forecasting using double seasonal
 * exponential smoothing, 2003). The gains are those of a small grid that foresaw the next day best.
 */
export function smoothing(): Forecaster {
  const facts = { name: "smoothing", leastHistory: 2 * SLOTS_PER_DAY };
  return {
    ...facts,
    fit: (fitted) => {
      requireHistory(facts, fitted);
      const { gains, persistence } = chooseGains(fitted.values);
      const bounds = withinWhole(fitted.values);
      return {
        forecast: (history, horizon) => {
          requireHorizon(horizon);
          requireHistory(facts, history);
          const { level, season, error } = filter(history.values, gains);
          return Array.from({ length: horizon }, (_, ahead) =>
            bounds(level + (season[ahead] ?? 0) + persistence ** (ahead + 1) * error),
          );
        },
      };
    },
  };
}

function chooseGains(values: ArrayLike<number>): { gains: Gains; persistence: number } {
  let best: { gains: Gains; persistence: number; dayAheadError: number } | undefined;
  for (const level of LEVEL_GAINS) {
    for (const season of SEASON_GAINS) {
      const gains = { level, season };
      const { dayAheadError, persistence } = filter(values, gains);
      if (best === undefined || dayAheadError < best.dayAheadError) best = { gains, persistence, dayAheadError };
    }
  }
  if (best === undefined) throw new RangeError("the grid of gains is empty");
  return best;
}

/** Runs through a history: the first day sets level and season, every later slot moves them. */
function filter(values: ArrayLike<number>, gains: Gains): Filtered {
  let level = 0;
  for (let index = 0; index < SLOTS_PER_DAY; index++) level += (values[index] ?? 0) / SLOTS_PER_DAY;
  const season = Float64Array.from({ length: SLOTS_PER_DAY }, (_, index) => (values[index] ?? 0) - level);
  const dayAhead = new Float64Array(SLOTS_PER_DAY).fill(NaN);
  let error = 0;
  let squares = 0;
  let products = 0;
  let daySquares = 0;
  let days = 0;
  for (let index = SLOTS_PER_DAY; index < values.length; index++) {
    const place = index % SLOTS_PER_DAY;
    const value = values[index] ?? 0;
    const foreseen = dayAhead[place] ?? NaN;
    if (!Number.isNaN(foreseen)) {
      daySquares += (value - foreseen) ** 2;
      days += 1;
    }
    const before = season[place] ?? 0;
    const now = value - level - before;
    squares += now * now;
    products += now * error;
    error = now;
    level += gains.level * now;
    const after = before + gains.season * (value - level - before);
    season[place] = after;
    dayAhead[place] = level + after;
  }
  const next = values.length % SLOTS_PER_DAY;
  return {
    level,
    season: Float64Array.from(season, (_, index) => season[(next + index) % SLOTS_PER_DAY] ?? 0),
    error,
    dayAheadError: days === 0 ? 0 : daySquares / days,
    persistence: squares === 0 ? 0 : Math.min(Math.max(products / squares, 0), 1),
  };
}
