import { JouleworkError } from "../errors.ts";
import type { Comparison } from "../simulation/compare.ts";
import type { Measures } from "../simulation/measures.ts";

/**
 * What a community wants less of. Every figure is one of the last step as a share of the step without control under the present rules, of the
 * same seed.
 */
export interface Objectives {
  /** Largest power through the feeders. */
  readonly peak: number;
  /** What all agents pay. */
  readonly cost: number;
  /** Training energy that was not used. */
  readonly idleTraining: number;
  /** The largest gain of a dishonest part of a group over the honest part beside it, as a share of what the honest pay or earn. */
  readonly cheating: number;
}

export const OBJECTIVES = ["peak", "cost", "idleTraining", "cheating"] as const satisfies (keyof Objectives)[];

/** Objectives in the order of `OBJECTIVES`. */
export function valuesOf(objectives: Objectives): number[] {
  return OBJECTIVES.map((name) => objectives[name]);
}

/**
 * @param steps Those of the settings in question.
 * @param present Those of the present settings, the first of which is the measure of all.
 * @throws JouleworkError TUNING_BASELINE where that step has no peak or no cost to compare with.
 */
export function objectivesOf(steps: Comparison["steps"], present: Comparison["steps"]): Objectives {
  const first = present[0]?.measures;
  const last = steps.at(-1)?.measures;
  if (first === undefined || last === undefined || first.peakW <= 0 || first.costCredits <= 0) {
    throw new JouleworkError({
      code: "TUNING_BASELINE",
      what: "Without control the scenario has no peak or its agents pay nothing together, so nothing can be a share of that",
      values: { peakW: first?.peakW ?? 0, costCredits: first?.costCredits ?? 0 },
      hint: "Tune a scenario whose agents take more from the grid than they give to it.",
    });
  }
  return {
    peak: last.peakW / first.peakW,
    cost: last.costCredits / first.costCredits,
    idleTraining: first.trainingWh === 0 ? 0 : 1 - last.trainingWh / first.trainingWh,
    cheating: largestGain(last),
  };
}

/** Means over seeds. */
export function meanObjectives(all: readonly Objectives[]): Objectives {
  const mean = (name: keyof Objectives) => all.reduce((sum, one) => sum + one[name], 0) / Math.max(1, all.length);
  return { peak: mean("peak"), cost: mean("cost"), idleTraining: mean("idleTraining"), cheating: mean("cheating") };
}

/** Zero where nobody cheats; below zero where cheating loses. */
export function largestGain({ conducts }: Measures): number {
  let largest: number | undefined;
  for (const cheat of conducts) {
    if (cheat.conduct === "honest" || cheat.creditsPerKwh === null) continue;
    const honest = conducts.find(({ group, conduct }) => group === cheat.group && conduct === "honest")?.creditsPerKwh;
    if (honest === undefined || honest === null || honest === 0) continue;
    const gain = (honest - cheat.creditsPerKwh) / Math.abs(honest);
    largest = Math.max(largest ?? gain, gain);
  }
  return largest ?? 0;
}
