import type { Trainer } from "../types.ts";
import type { LocalTrainer } from "./localUpdate.ts";

export interface TrainHereParameters {
  readonly trainer: Trainer;
  /** Sequences a step. */
  readonly batch: number;
  /** Of Adam, the inner optimizer. */
  readonly learningRate: number;
}

/** Local training with Joulework's own trainer and Adam. */
export function trainHere({ trainer, batch, learningRate }: TrainHereParameters): LocalTrainer {
  return async ({ weights, shard, seed, firstStep, steps }) => {
    const optimizer = { kind: "adam", learningRate } as const;
    const result = await trainer.train({ weights, corpus: shard, seed, firstStep, steps, batch, optimizer });
    return result.weights;
  };
}
