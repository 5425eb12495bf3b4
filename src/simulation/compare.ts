import { measuresOf, type Measures } from "./measures.ts";
import { netSeries } from "./netSeries.ts";
import type { ReadMeasurements } from "./profiles/measuredShapes.ts";
import type { Scenario } from "./scenario.ts";
import { simulate, STEPS, type Simulation, type Step } from "./simulate.ts";

/** A scenario under each step, the first being what all are compared with. */
export interface Comparison {
  readonly scenario: { readonly name: string; readonly seed: number; readonly days: number; readonly agents: number };
  readonly steps: readonly { readonly step: Step; readonly measures: Measures }[];
}

/**
 * Plays every step on the same agents, weather and loads.
 *
 * @param onRun Sees each run before it is dropped.
 * @param read Reads the folders of measured agents.
 */
export function compareSteps(
  scenario: Scenario,
  onStep?: (step: Step) => void,
  onRun?: (run: Simulation) => void,
  read?: ReadMeasurements,
): Comparison {
  const series = netSeries(scenario, read);
  let first: Float64Array | undefined;
  const steps = STEPS.map((step) => {
    onStep?.(step);
    const run = simulate(scenario, step, series);
    onRun?.(run);
    const measures = measuresOf(run, first);
    first ??= run.costTicks;
    return { step, measures };
  });
  const { name, seed, days, agents } = scenario;
  return { scenario: { name, seed, days, agents: agents.reduce((sum, { count }) => sum + count, 0) }, steps };
}
