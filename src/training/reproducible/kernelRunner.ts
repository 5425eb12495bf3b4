import type { Trainer } from "../types.ts";
import type { Tape } from "./composeTape.ts";
import type { KernelFunctions } from "./evaluatePrimitive.ts";
import type { StepRunner } from "./players/stepRunner.ts";
import { runStep } from "./runStep.ts";
import { joinState, splitState } from "./state.ts";

export interface KernelRunnerParameters {
  readonly tape: Tape;
  readonly trainer: Pick<Trainer, "train">;
  readonly corpus: Uint8Array;
  readonly functions: KernelFunctions;
}

/** Trains with the kernels, and computes operation by operation only where a step is asked for whole. */
export function kernelRunner({ tape, trainer, corpus, functions }: KernelRunnerParameters): StepRunner {
  const { parameters, config } = tape;
  const { seed, batch, optimizer } = config;
  return {
    async advance(state, firstStep, steps) {
      const given = joinState(parameters, state);
      const { weights, optimizerState } = await trainer.train({
        ...{ ...given, corpus, seed, firstStep, steps, batch, optimizer },
      });
      return splitState(parameters, weights, optimizerState);
    },
    tensors: (state, step) => Promise.resolve(runStep(tape, state, { step, corpus, functions })),
  };
}
