import type { LocalTrainer } from "./localUpdate.ts";
import type { FederatedWorker } from "./runFederated.ts";
import { trainingWorker } from "./trainingWorker.ts";

export interface TrainingWorkersParameters {
  readonly text: Uint8Array;
  readonly count: number;
  readonly train: LocalTrainer;
  /** Of the first worker; the others' follow. */
  readonly seed: number;
  readonly steps: number;
}

/** Workers who share a text in equal parts, one after another. */
export function trainingWorkers({ text, count, train, seed, steps }: TrainingWorkersParameters): FederatedWorker[] {
  return Array.from({ length: count }, (_, i) => {
    const shard = text.subarray(Math.floor((i * text.length) / count), Math.floor(((i + 1) * text.length) / count));
    return trainingWorker({ name: `worker ${i + 1}`, shard, train, seed: seed + i, steps });
  });
}
