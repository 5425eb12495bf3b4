import type { State, StepRunner } from "../players/stepRunner.ts";
import type { ReproducibleTerms } from "./reproducibleTypes.ts";

/** How a provider computes. All but the honest one are for demonstrations and tests: who repeats the work has to find them. */
export interface ProviderBehaviour {
  readonly name: string;
  readonly steps: (honest: StepRunner, terms: ReproducibleTerms) => StepRunner;
}

/** Trains as the job says. */
export const honestProvider: ProviderBehaviour = { name: "honest", steps: (honest) => honest };

/** A weight of the state at a checkpoint. */
export interface WeightPlace {
  readonly round: number;
  /** In the round, from 0. */
  readonly checkpoint: number;
  /** Tensor of the state, counted from its last one: 0 is the last parameter's weights. */
  readonly fromLast: number;
  readonly element: number;
}

/** Changes the lowest bit of one weight at one checkpoint, and trains on from there as if it had computed it. */
export function corruptingProvider({ round, checkpoint, fromLast, element }: WeightPlace): ProviderBehaviour {
  return {
    name: "corrupting",
    steps(honest, { firstStep, stride, checkpoints }) {
      const last = Number(firstStep) + (round * checkpoints + checkpoint + 1) * stride - 1;
      const corrupt = (tensors: State): State => {
        const tensor = tensors.length - 1 - fromLast;
        return tensors.map((values, number) => (number === tensor ? withFlippedBit(values, element) : values));
      };
      return {
        async advance(state, first, steps) {
          const before = last - first + 1;
          if (before < 1 || before > steps) return honest.advance(state, first, steps);
          const corrupted = corrupt(await honest.advance(state, first, before));
          return before === steps ? corrupted : honest.advance(corrupted, last + 1, steps - before);
        },
        async tensors(state, step) {
          const tensors = await honest.tensors(state, step);
          return step === last ? corrupt(tensors) : tensors;
        },
      };
    },
  };
}

function withFlippedBit(values: Float32Array, element: number): Float32Array {
  const changed = values.slice();
  const words = new Uint32Array(changed.buffer);
  words[element] = (words[element] ?? 0) ^ 1;
  return changed;
}
