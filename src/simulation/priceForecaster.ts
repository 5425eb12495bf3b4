import { ridgeRegression, seasonalNaive, smoothing, type Forecaster, type History } from "../forecasts/index.ts";
import type { Scenario } from "./scenario.ts";

/** Of each way to forecast what it uses, from what needs most history to what needs least. */
const CHOICES: Readonly<Record<Scenario["forecaster"], readonly Forecaster[]>> = {
  yesterday: [seasonalNaive()],
  smoothing: [smoothing(), seasonalNaive()],
  learned: [ridgeRegression(), smoothing(), seasonalNaive()],
};

/** How a scenario's agents forecast prices: by the way that it names, and until history suffices for it by a simpler one. */
export function priceForecaster(name: Scenario["forecaster"]): Forecaster {
  const choices = CHOICES[name];
  return {
    name,
    leastHistory: Math.min(...choices.map(({ leastHistory }) => leastHistory)),
    fit(history: History) {
      const [first] = choices.filter(({ leastHistory }) => leastHistory <= history.values.length);
      // The simplest says itself that a history is too short for it.
      return (first ?? seasonalNaive()).fit(history);
    },
  };
}
