import { measuresOf } from "../../simulation/measures.ts";
import { netSeries } from "../../simulation/netSeries.ts";
import type { Scenario } from "../../simulation/scenario.ts";
import { simulate } from "../../simulation/simulate.ts";
import { largestGain } from "../objectives.ts";
import { withSettings, type Settings } from "../tunables.ts";
import type { SeasonFigures } from "./seasonFigures.ts";

/**
 * What the simulator expects of a season's days under other settings, in the figures that are measured on the chain: means over the seeds, which
 * draw the errors of forecasts and who is how reluctant. The step without control is played at the scenario's own rules.
 */
export function predictSeason(scenario: Scenario, settings: Settings, seeds: readonly number[]): SeasonFigures {
  const all = seeds.map((seed): SeasonFigures => {
    const present = { ...scenario, seed };
    const series = netSeries(present);
    const first = simulate(present, "nothing", series);
    const last = simulate({ ...withSettings(scenario, settings), seed }, "reputation and seasons", series);
    const without = measuresOf(first);
    const found = measuresOf(last, first.costTicks);
    const { peakW, costCredits, rewardCredits } = found;
    const { costCredits: gridCostCredits } = without;
    const cost = costCredits / gridCostCredits;
    return { peakW, costCredits, rewardCredits, gridCostCredits, cost, cheating: largestGain(found) };
  });
  const mean = (name: keyof SeasonFigures) => all.reduce((sum, one) => sum + one[name], 0) / Math.max(1, all.length);
  return {
    peakW: mean("peakW"),
    costCredits: mean("costCredits"),
    rewardCredits: mean("rewardCredits"),
    gridCostCredits: mean("gridCostCredits"),
    cost: mean("cost"),
    cheating: mean("cheating"),
  };
}
