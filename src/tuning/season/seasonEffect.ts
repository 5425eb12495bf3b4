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

/** A change of the rules, as it was said to be and as it was. */
export interface EffectInput {
  /** Simulated on the days that were tuned from, under the old rules and under the new ones. */
  readonly present: SeasonFigures;
  readonly predicted: SeasonFigures;
  /** Measured on the days after the change, and simulated on the very same days under the old rules. */
  readonly measured: SeasonFigures;
  readonly unchanged: SeasonFigures;
}

/** One figure of it. */
export interface EffectRow {
  readonly figure: keyof SeasonFigures;
  readonly measured: number;
  readonly unchanged: number;
  /** Predicted less present. */
  readonly predictedChange: number;
  /** Measured less unchanged: other weather and loads than those of the days that were tuned from are on both sides of it. */
  readonly measuredChange: number;
  /** The measured change less the predicted one. */
  readonly difference: number;
}

/** What a change of the rules did beside what it was said to do. */
export function seasonEffect({ present, predicted, measured, unchanged }: EffectInput): EffectRow[] {
  return SEASON_FIGURES.map((figure) => {
    const predictedChange = predicted[figure] - present[figure];
    const measuredChange = measured[figure] - unchanged[figure];
    return {
      ...{ figure, measured: measured[figure], unchanged: unchanged[figure], predictedChange, measuredChange },
      difference: measuredChange - predictedChange,
    };
  });
}
