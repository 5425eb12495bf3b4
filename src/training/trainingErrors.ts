import { JouleworkError } from "../errors.ts";
import type { Optimizer, OptimizerState } from "./types.ts";

export function divergedError(what: string, values: Readonly<Record<string, number>>): JouleworkError {
  return new JouleworkError({
    code: "TRAINING_DIVERGED",
    what,
    values,
    hint: "Train again with a smaller learning rate, from weights that are finite.",
  });
}

export function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new JouleworkError({
    code: "TRAINING_INPUT_INVALID",
    what: `The ${name} is not a whole number of at least ${String(least)}`,
    values: { [name]: value },
    hint: "Give a whole number below 2^53.",
  });
}

export function requireOptimizerState(
  { kind }: Optimizer,
  state: OptimizerState | undefined,
  parameters: number,
): void {
  if (state === undefined) return;
  const { firstMoments, secondMoments, beta1Power, beta2Power } = state;
  const fits = [firstMoments, secondMoments].every(
    (moments) => moments.length === parameters && moments.every(Number.isFinite),
  );
  const powers = [beta1Power, beta2Power].every((power) => power >= 0 && power <= 1 && Math.fround(power) === power);
  if (kind === "adam" && fits && powers) return;
  throw new JouleworkError({
    code: "OPTIMIZER_STATE_MISMATCH",
    what: "This optimizer's state does not belong to this model and optimizer",
    values: { optimizer: kind, moments: firstMoments.length, parameters, beta1Power, beta2Power },
    hint: "Give the state that came with the weights, or none at a first step; sgd has none.",
  });
}

export function requireWeights(weights: Float32Array, parameters: number): void {
  if (weights.length !== parameters) {
    throw new JouleworkError({
      code: "WEIGHTS_MISMATCH",
      what: "These weights are not this model's",
      values: { weights: weights.length, parameters },
      hint: "Open the trainer with the shape that the weights were trained for.",
    });
  }
  const index = weights.findIndex((weight) => !Number.isFinite(weight));
  if (index >= 0) throw divergedError("A weight is not finite", { index });
}
