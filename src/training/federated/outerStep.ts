import { federatedError } from "./federatedError.ts";
import type { GlobalState, OuterOptimizer } from "./types.ts";

/**
 * The outer step of DiLoCo (arXiv 2311.08105): stochastic gradient descent with Nesterov momentum, where the aggregated
 * pseudo-gradient takes the gradient's place.
 *
 *     momentum' = mu x momentum + gradient
 *     weights'  = weights - rate x (gradient + mu x momentum')
 *
 * Every operation is rounded to single precision.
 *
 * @throws OUTER_STEP_NOT_FINITE where a weight or the momentum would no longer be a finite number.
 */
export function outerStep(state: GlobalState, gradient: Float32Array, outer: OuterOptimizer): GlobalState {
  const rate = Math.fround(outer.learningRate);
  const mu = Math.fround(outer.momentum);
  const weights = new Float32Array(state.weights.length);
  const momentum = new Float32Array(state.weights.length);
  for (let i = 0; i < weights.length; ++i) {
    const g = gradient[i] ?? 0;
    const m = Math.fround(Math.fround(mu * (state.momentum[i] ?? 0)) + g);
    const step = Math.fround(g + Math.fround(mu * m));
    const weight = Math.fround((state.weights[i] ?? 0) - Math.fround(rate * step));
    if (!Number.isFinite(weight) || !Number.isFinite(m)) {
      throw federatedError("OUTER_STEP_NOT_FINITE", "The outer step leaves the finite numbers", { parameter: i });
    }
    weights[i] = weight;
    momentum[i] = m;
  }
  return { model: state.model, round: state.round + 1, weights, momentum };
}
