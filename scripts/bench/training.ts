import { batchStarts } from "../../src/training/batches.ts";
import { DEFAULT_SCORING_RULE } from "../../src/training/federated/defaultScoringRule.ts";
import { initialState } from "../../src/training/federated/initialState.ts";
import { localUpdate } from "../../src/training/federated/localUpdate.ts";
import { scoreUpdates } from "../../src/training/federated/scoreUpdates.ts";
import { trainHere } from "../../src/training/federated/trainHere.ts";
import type { RevealedUpdate } from "../../src/training/federated/types.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { readDefaultCorpus } from "../../src/training/corpus.ts";
import type { ModelConfig, Optimizer, Trainer } from "../../src/training/types.ts";
import { TfjsModel } from "./tfjsModel.ts";

const MODEL: ModelConfig = { layers: 2, width: 64, heads: 4, context: 64 };
const OPTIMIZER: Optimizer = { kind: "adam", learningRate: 0.003 };
const BATCH = 16;
const SEED = 1;
const STEPS = 60;
const TFJS_STEPS = 6;
const SCORED_WORKERS = 4;
const SLICE_BYTES = 4_096;

export interface TrainingFigures {
  readonly cpuSecondsPerStep: number;
  /** The same model and batches with TensorFlow.js, its WebAssembly backend on one thread. */
  readonly tfjsCpuSecondsPerStep: number;
  readonly ratio: number;
  /** What an evaluator spends on one worker's update: that of a round of four, scored on a slice of 4,096 bytes. */
  readonly evaluationCpuSecondsPerWorker: number;
}

/** CPU time of a step of the 136,448-parameter model, 16 sequences of 64 bytes, after a first one to warm up. */
export async function benchTraining(): Promise<TrainingFigures> {
  const { bytes: corpus } = await readDefaultCorpus(MODEL);
  const trainer = await openTrainer(MODEL);
  const weights = trainer.initialWeights(SEED);
  const input = { weights, corpus, seed: SEED, firstStep: 0, batch: BATCH, optimizer: OPTIMIZER };
  await trainer.train({ ...input, steps: 3 });
  const ours = (await cpuSeconds(() => trainer.train({ ...input, steps: STEPS }))) / STEPS;
  const evaluation = await evaluationPerWorker(trainer, corpus);
  await trainer.close();

  const other = await TfjsModel.create({ model: MODEL, weights, optimizer: OPTIMIZER, backend: "wasm" });
  const step = (index: number): void => {
    const starts = batchStarts(SEED, index, BATCH, corpus.length - MODEL.context);
    other.step(starts.map((start) => corpus.subarray(start, start + MODEL.context + 1)));
  };
  step(0);
  const theirs = await cpuSeconds(() => {
    for (let index = 1; index <= TFJS_STEPS; ++index) step(index);
  });
  other.dispose();
  const tfjsCpuSecondsPerStep = theirs / TFJS_STEPS;
  return {
    cpuSecondsPerStep: round(ours),
    tfjsCpuSecondsPerStep: round(tfjsCpuSecondsPerStep),
    ratio: Math.round((tfjsCpuSecondsPerStep / ours) * 10) / 10,
    evaluationCpuSecondsPerWorker: round(evaluation),
  };
}

/** An evaluator's work on a round, shared among its workers; each of them trained a few steps on a part of the corpus. */
async function evaluationPerWorker(trainer: Trainer, corpus: Uint8Array): Promise<number> {
  const state = initialState(trainer, SEED);
  const train = trainHere({ trainer, batch: BATCH, learningRate: OPTIMIZER.learningRate });
  const share = Math.floor((corpus.length - SLICE_BYTES) / SCORED_WORKERS);
  const updates: RevealedUpdate[] = [];
  for (let seed = 0; seed < SCORED_WORKERS; ++seed) {
    const shard = corpus.subarray(seed * share, (seed + 1) * share);
    const { bytes } = await localUpdate({ state, train, shard, seed, steps: 3 });
    updates.push({ bytes, commitOrder: seed + 1 });
  }
  const slice = corpus.subarray(corpus.length - SLICE_BYTES);
  const round = { trainer, state, updates, earlier: new Set<string>(), slice, rule: DEFAULT_SCORING_RULE };
  return (await cpuSeconds(() => scoreUpdates(round))) / SCORED_WORKERS;
}

async function cpuSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function round(seconds: number): number {
  return Math.round(seconds * 1e5) / 1e5;
}
