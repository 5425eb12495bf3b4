import type { Parameter } from "../parameters.ts";
import { ADAM_DEFAULTS } from "../optimizerOperation.ts";
import type { TapeContext } from "./composeTape.ts";
import type { Gradients } from "./tapeBackward.ts";

/** The state after a step, in the order of the state before it. */
export function tapeOptimizer(tape: TapeContext, gradients: Gradients): void {
  const { builder, parameters, weight, config } = tape;
  const { optimizer } = config;
  const gradient = (parameter: Parameter): number => {
    const tensor = gradients.get(parameter);
    if (tensor === undefined) throw new RangeError(`${parameter.name} has no gradient`);
    return tensor;
  };
  const update = (
    name: string,
    kind: "firstMoment" | "secondMoment" | "adamWeight" | "sgdWeight",
    parameter: Parameter,
    tensors: readonly number[],
    constants: readonly number[],
    scalars: readonly number[] = [],
  ): number =>
    builder.add({
      name: `${name}.${parameter.name}`,
      kind,
      sizes: [1, 1, 1, parameter.rows * parameter.columns],
      operands: [
        ...tensors.map((tensor) => ({ tensor, strides: [0, 0, 0, 1] as const })),
        ...scalars.map((tensor) => ({ tensor })),
      ],
      constants,
    });

  if (optimizer.kind === "sgd") {
    for (const parameter of parameters.all) {
      update("weights", "sgdWeight", parameter, [weight(parameter), gradient(parameter)], [optimizer.learningRate]);
    }
    return;
  }
  const beta1 = Math.fround(optimizer.beta1 ?? ADAM_DEFAULTS.beta1);
  const beta2 = Math.fround(optimizer.beta2 ?? ADAM_DEFAULTS.beta2);
  const scalar = (name: string, kind: "correction" | "scaled", tensor: number, factor: number): number =>
    builder.add({ name, kind, sizes: [1, 1, 1, 1], operands: [{ tensor }], constants: [factor] });
  const corrections = [scalar("correction1", "correction", 0, beta1), scalar("correction2", "correction", 1, beta2)];
  scalar("beta1Power", "scaled", 0, beta1);
  scalar("beta2Power", "scaled", 1, beta2);
  const { all } = parameters;
  const firstMoments = all.map((parameter, index) =>
    update("firstMoments", "firstMoment", parameter, [2 + index, gradient(parameter)], [beta1, Math.fround(1 - beta1)]),
  );
  const secondMoments = all.map((parameter, index) => {
    const moments = 2 + all.length + index;
    const constants = [beta2, Math.fround(1 - beta2)];
    return update("secondMoments", "secondMoment", parameter, [moments, gradient(parameter)], constants);
  });
  all.forEach((parameter, index) => {
    const moments = [firstMoments[index] ?? 0, secondMoments[index] ?? 0];
    const constants = [optimizer.learningRate, optimizer.epsilon ?? ADAM_DEFAULTS.epsilon];
    update("weights", "adamWeight", parameter, [weight(parameter), ...moments], constants, corrections);
  });
}
