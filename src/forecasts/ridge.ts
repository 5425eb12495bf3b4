import { SLOTS_PER_DAY } from "../units.ts";
import { MAX_HORIZON, requireHistory, requireHorizon } from "./checkHistory.ts";
import { featureReader, LOOK_BACK, type FeatureReader } from "./features.ts";
import { addSample, ridgeSums, solveRidge, type RidgeFit, type RidgeSums } from "./solveRidge.ts";
import type { Forecaster, History } from "./types.ts";

/** First horizon of each range that shares a regression. */
const RANGES = [1, 2, 3, 4, 5, 9, 17, 25, 49, 73];
/** Slots that are learned from at most: older ones are of another season. */
const LEARNED_SLOTS = 90 * SLOTS_PER_DAY;
const PENALTY = 1e-3;
/** Passes that weigh samples by the residuals of the pass before. */
const ROBUST_PASSES = 2;
/** Residual, as a share of the mean one, from which on it counts linearly and not squared. */
const BEND = 0.5;
/** Slots in front of a sample that its features look at. */
const LEAST_FEATURED = LOOK_BACK + MAX_HORIZON;
/** Days whose same slot bounds a forecast: the sun does not shine where it did not for a month. */
const BOUND_DAYS = 28;

/**
 * Ridge regression on lags, calendar and weather: direct forecasts, a regression for each range of horizons. Forecasts stay
 * within what the same slot of the day was in the last four weeks.
 */
export function ridgeRegression(): Forecaster {
  const facts = { name: "ridge", leastHistory: 2 * LOOK_BACK };
  return {
    ...facts,
    fit: (fitted) => {
      requireHistory(facts, fitted);
      const learned = latest(fitted, LEARNED_SLOTS + LEAST_FEATURED);
      const reader = featureReader(learned);
      const fits = RANGES.map((from, index) =>
        fitRange(learned, reader, from, (RANGES[index + 1] ?? MAX_HORIZON + 1) - 1),
      );
      return {
        forecast: (history, horizon) => {
          requireHorizon(horizon);
          requireHistory(facts, history);
          const recent = latest(history, BOUND_DAYS * SLOTS_PER_DAY);
          const now = featureReader(recent);
          const row = new Float64Array(now.count);
          const origin = recent.values.length - 1;
          return Array.from({ length: horizon }, (_, ahead) => {
            now.read(row, origin, origin + ahead + 1);
            const fit = fits[RANGES.findLastIndex((from) => from <= ahead + 1)];
            if (fit === undefined) throw new RangeError("a horizon has no regression");
            return withinSeen(recent.values, origin + ahead + 1, predict(fit, row));
          });
        },
      };
    },
  };
}

/**
 * Samples go through the horizons of the range in turn, so a range costs as much as a single horizon. A day of clouds among
 * sunny ones would draw least squares away from both, so larger residuals count linearly (Huber, Robust estimation of a
 * location parameter, 1964), by weights from the pass before.
 */
function fitRange(history: History, reader: FeatureReader, from: number, to: number): RidgeFit {
  const samples = readSamples(history, reader, from, to);
  let fit = solveRidge(
    weightedSums(samples, () => 1),
    PENALTY,
  );
  for (let pass = 0; pass < ROBUST_PASSES; pass++) {
    const before = fit;
    const residual = ({ row, target }: Sample): number => Math.abs(target - predict(before, row));
    const bend = (BEND * samples.reduce((sum, sample) => sum + residual(sample), 0)) / samples.length;
    fit = solveRidge(
      weightedSums(samples, (sample) => (residual(sample) <= bend ? 1 : bend / residual(sample))),
      PENALTY,
    );
  }
  return fit;
}

interface Sample {
  readonly row: Float64Array;
  readonly target: number;
}

function readSamples({ values }: History, reader: FeatureReader, from: number, to: number): Sample[] {
  const first = Math.max(LEAST_FEATURED, values.length - LEARNED_SLOTS);
  return Array.from({ length: values.length - first }, (_, index) => {
    const row = new Float64Array(reader.count);
    const place = first + index;
    reader.read(row, place - from - (index % (to - from + 1)), place);
    return { row, target: values[place] ?? 0 };
  });
}

function weightedSums(samples: readonly Sample[], weightOf: (sample: Sample) => number): RidgeSums {
  const sums = ridgeSums(samples[0]?.row.length ?? 0);
  for (const sample of samples) addSample(sums, sample.row, sample.target, weightOf(sample));
  return sums;
}

function predict({ intercept, weights }: RidgeFit, row: Float64Array): number {
  let sum = intercept;
  for (let index = 0; index < weights.length; index++) sum += (weights[index] ?? 0) * (row[index] ?? 0);
  return sum;
}

/** The last slots of a history: what lies before is not looked at. */
function latest(history: History, slots: number): History {
  const { firstSlot, values } = history;
  const cut = Math.max(0, values.length - slots);
  const kept = Float64Array.from({ length: values.length - cut }, (_, index) => values[cut + index] ?? 0);
  return { ...history, firstSlot: firstSlot + cut, values: kept };
}

function withinSeen(values: ArrayLike<number>, target: number, forecast: number): number {
  let least = Infinity;
  let most = -Infinity;
  for (let day = 1; day <= BOUND_DAYS; day++) {
    const value = values[target - day * SLOTS_PER_DAY];
    if (value === undefined) break;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return Math.round(Math.min(Math.max(forecast, least), most));
}
