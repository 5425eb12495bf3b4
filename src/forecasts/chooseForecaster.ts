import { ridgeRegression } from "./ridge.ts";
import { seasonalNaive } from "./seasonalNaive.ts";
import { smoothing } from "./smoothing.ts";
import type { Forecaster, History } from "./types.ts";

/** From what needs most history, and forecasts best, to what needs least. */
const CHOICES: readonly Forecaster[] = [ridgeRegression(), smoothing(), seasonalNaive()];

/** The best forecaster that a history is long enough for; undefined below a day. */
export function chooseForecaster(history: History): Forecaster | undefined {
  return CHOICES.find(({ leastHistory }) => history.values.length >= leastHistory);
}
