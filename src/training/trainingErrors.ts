import { JouleworkError } from "../errors.ts";

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
