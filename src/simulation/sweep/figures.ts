import type { Comparison } from "../compare.ts";
import type { Measures } from "../measures.ts";
import { estimate, type Estimate } from "./statistics.ts";

/** Every figure of a step as a number by its name, costs by group as `costs.<group>`; null where there is none. */
export function flatFigures(measures: Measures): Record<string, number | null> {
  const flat: Record<string, number | null> = {};
  const put = (prefix: string, values: object): void => {
    for (const [name, value] of Object.entries(values) as [string, unknown][]) {
      if (typeof value === "number" || value === null) flat[`${prefix}${name}`] = value;
      else if (typeof value === "object") put(`${prefix}${name}.`, value);
    }
  };
  put("", measures);
  return flat;
}

export type StepEstimates = Readonly<Record<string, Estimate | null>>;

/** Means over runs of one combination, figure by figure; a figure that a run does not have is left out of its mean. */
export function estimateSteps(
  runs: readonly { readonly steps: Comparison["steps"] }[],
): { step: Comparison["steps"][number]["step"]; figures: StepEstimates }[] {
  const [first] = runs;
  if (first === undefined) return [];
  return first.steps.map(({ step, measures }, place) => {
    const flat = runs.map(({ steps }) => {
      const found = steps[place];
      return found === undefined ? {} : flatFigures(found.measures);
    });
    const figures: Record<string, Estimate | null> = {};
    for (const name of Object.keys(flatFigures(measures))) {
      const values = flat.flatMap((one) => (typeof one[name] === "number" ? [one[name]] : []));
      figures[name] = values.length === 0 ? null : estimate(values);
    }
    return { step, figures };
  });
}
