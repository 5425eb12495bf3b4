import type { Operation } from "./operations.ts";
import type { Program } from "./program.ts";
import type { Optimizer, OptimizerState } from "./types.ts";

export const ADAM_DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** An optimizer's constants; Adam's powers of beta go on by one multiplication a step. */
export class OptimizerOperation {
  readonly #optimizer: Optimizer;
  #power1: number;
  #power2: number;

  constructor(optimizer: Optimizer, state?: OptimizerState) {
    this.#optimizer = optimizer;
    this.#power1 = state?.beta1Power ?? 1;
    this.#power2 = state?.beta2Power ?? 1;
  }

  /** Of the steps so far. */
  get powers(): Pick<OptimizerState, "beta1Power" | "beta2Power"> {
    return { beta1Power: this.#power1, beta2Power: this.#power2 };
  }

  /** The operation of the next step. */
  next({ shape, buffers, gradients }: Program): Operation {
    if (gradients === undefined) throw new TypeError("a program without gradients has no optimizer");
    const { kind, learningRate } = this.#optimizer;
    const common = [buffers.weights, gradients.weights, shape.parameters.count, gradients.flag];
    const moments = [gradients.firstMoments, gradients.secondMoments];
    if (kind === "sgd") return { kernel: "sgd", operands: [...common, ...moments, { constant: learningRate }] };

    const beta1 = Math.fround(this.#optimizer.beta1 ?? ADAM_DEFAULTS.beta1);
    const beta2 = Math.fround(this.#optimizer.beta2 ?? ADAM_DEFAULTS.beta2);
    this.#power1 = Math.fround(this.#power1 * beta1);
    this.#power2 = Math.fround(this.#power2 * beta2);
    const constants = [
      learningRate,
      beta1,
      Math.fround(1 - beta1),
      beta2,
      Math.fround(1 - beta2),
      this.#optimizer.epsilon ?? ADAM_DEFAULTS.epsilon,
      Math.fround(1 / Math.fround(1 - this.#power1)),
      Math.fround(1 / Math.fround(1 - this.#power2)),
    ];
    return { kernel: "adam", operands: [...common, ...moments, ...constants.map((constant) => ({ constant }))] };
  }
}
