import type { Parameters } from "../parameters.ts";
import type { OptimizerState } from "../types.ts";

/** The tensors of a state: for Adam the powers of beta and the moments, then the weights, parameter by parameter. */
export function splitState(
  parameters: Parameters,
  weights: Float32Array,
  optimizerState?: OptimizerState,
): Float32Array[] {
  const split = (all: Float32Array): Float32Array[] =>
    parameters.all.map(({ offset, rows, columns }) => all.slice(offset, offset + rows * columns));
  if (optimizerState === undefined) return split(weights);
  const { beta1Power, beta2Power, firstMoments, secondMoments } = optimizerState;
  const powers = [beta1Power, beta2Power].map((power) => Float32Array.of(power));
  return [...powers, ...split(firstMoments), ...split(secondMoments), ...split(weights)];
}

/** Weights, and for Adam what it remembers, of the tensors of a state. */
export function joinState(
  parameters: Parameters,
  state: readonly Float32Array[],
): { readonly weights: Float32Array; readonly optimizerState?: OptimizerState } {
  const { count, all } = parameters;
  const join = (first: number): Float32Array => {
    const joined = new Float32Array(count);
    all.forEach(({ offset }, index) => joined.set(state[first + index] ?? [], offset));
    return joined;
  };
  const weights = join(state.length - all.length);
  if (state.length === all.length) return { weights };
  const [[beta1Power = 1] = [], [beta2Power = 1] = []] = state;
  return {
    weights,
    optimizerState: { beta1Power, beta2Power, firstMoments: join(2), secondMoments: join(2 + all.length) },
  };
}

/** Adam's state before a first step. */
export function initialOptimizerState(parameters: Parameters): OptimizerState {
  const zeros = (): Float32Array => new Float32Array(parameters.count);
  return { beta1Power: 1, beta2Power: 1, firstMoments: zeros(), secondMoments: zeros() };
}
