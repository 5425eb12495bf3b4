import { SLOTS_PER_DAY } from "../units.ts";
import { requireHistory, requireHorizon } from "./checkHistory.ts";
import type { Forecaster } from "./types.ts";

/** The same slot of yesterday: the baseline that others are measured against. With 7 days, that of a week ago. */
export function seasonalNaive(days = 1): Forecaster {
  const period = days * SLOTS_PER_DAY;
  const facts = { name: days === 1 ? "yesterday" : `${days} days ago`, leastHistory: period };
  return {
    ...facts,
    fit: (fitted) => {
      requireHistory(facts, fitted);
      return {
        forecast: (history, horizon) => {
          requireHorizon(horizon);
          requireHistory(facts, history);
          const { values } = history;
          return Array.from({ length: horizon }, (_, ahead) => values[values.length - period + ahead] ?? 0);
        },
      };
    },
  };
}
