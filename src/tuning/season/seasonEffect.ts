import type { SeasonFigures } from "./seasonFigures.ts";

/** The figures of a season, in the order in which they are shown. */
export const SEASON_FIGURES = [
  "peakW",
  "costCredits",
  "rewardCredits",
  "gridCostCredits",
  "cost",
  "cheating",
] as const satisfies (keyof SeasonFigures)[];

/** One figure before and after a change of the rules. */
export interface EffectRow {
  readonly figure: keyof SeasonFigures;
  /** Measured in the season that was tuned from. */
  readonly before: number;
  /** What the simulator said of that season's days under the new rules. */
  readonly predicted: number;
  /** Measured in the season after the change. */
  readonly measured: number;
  /** Measured less predicted. */
  readonly difference: number;
}

/** What a change of the rules did beside what it was said to do. */
export function seasonEffect(before: SeasonFigures, predicted: SeasonFigures, measured: SeasonFigures): EffectRow[] {
  return SEASON_FIGURES.map((figure) => ({
    figure,
    before: before[figure],
    predicted: predicted[figure],
    measured: measured[figure],
    difference: measured[figure] - predicted[figure],
  }));
}
