import { outerStep } from "./outerStep.ts";
import type { GlobalState } from "./types.ts";

/** The plain step, weights less gradient: with the mean, the average of the workers' weights. It clears the momentum. */
export function averagingStep(state: GlobalState, gradient: Float32Array): GlobalState {
  const momentum = new Float32Array(state.momentum.length);
  return { ...outerStep(state, gradient, { learningRate: 1, momentum: 0 }), momentum };
}
