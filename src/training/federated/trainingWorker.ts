import { localUpdate, type LocalTrainer } from "./localUpdate.ts";
import type { FederatedWorker } from "./runFederated.ts";

export interface TrainingWorkerParameters {
  readonly name: string;
  readonly shard: Uint8Array;
  readonly train: LocalTrainer;
  readonly seed: number;
  /** Local steps a round. */
  readonly steps: number;
}

/** A worker that trains on its shard. */
export function trainingWorker({ name, shard, train, seed, steps }: TrainingWorkerParameters): FederatedWorker {
  return {
    name,
    update: async ({ state }) => (await localUpdate({ state, train, shard, seed, steps })).bytes,
  };
}
