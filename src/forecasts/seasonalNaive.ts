import { SLOTS_PER_DAY } from "../units.ts";
import { requireHistory, requireHorizon } from "./checkHistory.ts";
import type { Forecaster } from "./types.ts";

/** The same slot of yesterday: the baseline that others are measured against. With a period of a week, that of a week ago. */
export function seasonalNaive(period = SLOTS_PER_DAY): Forecaster {
  const facts = { name: period === SLOTS_PER_DAY ? "yesterday" : `${period} slots ago`, leastHistory: period };
  return {
    ...facts,
    fit: (fitted) => {
      requireHistory(facts, fitted);
      return {
        forecast: (history, horizon) => {
          requireHorizon(horizon);
          requireHistory(facts, history);
          const { values } = history;
          const season = values.length - period;
          return Array.from({ length: horizon }, (_, ahead) => values[season + (ahead % period)] ?? 0);
        },
      };
    },
  };
}
