import type { BacktestCase } from "./backtest.ts";
import { SLOTS_PER_DAY } from "../units.ts";
import type { WeatherColumn } from "./types.ts";

const SEASON_DAYS = 15;

export interface WeatherRelation {
  readonly kind: string;
  readonly column: string;
  /** Mean over the kind's series. */
  readonly correlation: number;
}

/**
 * How far the daily sums of series follow those of the weather, once the mean of 31 days around is taken from both: whether
 * the weather is of the same days at all. The season alone correlates any two of them.
 */
export function weatherRelation(cases: readonly BacktestCase[], weather: readonly WeatherColumn[]): WeatherRelation[] {
  const kinds = [...new Set(cases.map(({ kind }) => kind))];
  return kinds.flatMap((kind) =>
    weather.map(({ name, values }) => {
      const column = withoutSeason(dailySums(values));
      const own = cases.filter((one) => one.kind === kind);
      const found = own.map(({ history }) => correlation(withoutSeason(dailySums(history.values)), column));
      return { kind, column: name, correlation: found.reduce((sum, one) => sum + one, 0) / found.length };
    }),
  );
}

function dailySums(values: ArrayLike<number>): number[] {
  const sums = new Array<number>(Math.floor(values.length / SLOTS_PER_DAY)).fill(0);
  for (let slot = 0; slot < sums.length * SLOTS_PER_DAY; slot++) {
    const day = Math.floor(slot / SLOTS_PER_DAY);
    sums[day] = (sums[day] ?? 0) + (values[slot] ?? 0);
  }
  return sums;
}

function withoutSeason(days: readonly number[]): number[] {
  return days.map((value, day) => value - mean(days.slice(Math.max(0, day - SEASON_DAYS), day + SEASON_DAYS + 1)));
}

function correlation(one: readonly number[], other: readonly number[]): number {
  const days = Math.min(one.length, other.length);
  let product = 0;
  let ownSquare = 0;
  let otherSquare = 0;
  const ownMean = mean(one.slice(0, days));
  const otherMean = mean(other.slice(0, days));
  for (let day = 0; day < days; day++) {
    const own = (one[day] ?? 0) - ownMean;
    const its = (other[day] ?? 0) - otherMean;
    product += own * its;
    ownSquare += own * own;
    otherSquare += its * its;
  }
  return ownSquare === 0 || otherSquare === 0 ? 0 : product / Math.sqrt(ownSquare * otherSquare);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
