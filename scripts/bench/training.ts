import { batchStarts } from "../../src/training/batches.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { readDefaultCorpus } from "../../src/training/corpus.ts";
import type { ModelConfig, Optimizer } from "../../src/training/types.ts";
import { TfjsModel } from "./tfjsModel.ts";

const MODEL: ModelConfig = { layers: 2, width: 64, heads: 4, context: 64 };
const OPTIMIZER: Optimizer = { kind: "adam", learningRate: 0.003 };
const BATCH = 16;
const SEED = 1;
const STEPS = 60;
const TFJS_STEPS = 6;

export interface TrainingFigures {
  readonly cpuSecondsPerStep: number;
  /** The same model and batches with TensorFlow.js, its WebAssembly backend on one thread. */
  readonly tfjsCpuSecondsPerStep: number;
  readonly ratio: number;
}

/** CPU time of a step of the 136,448-parameter model, 16 sequences of 64 bytes, after a first one to warm up. */
export async function benchTraining(): Promise<TrainingFigures> {
  const { bytes: corpus } = await readDefaultCorpus(MODEL);
  const trainer = await openTrainer(MODEL);
  const weights = trainer.initialWeights(SEED);
  const input = { weights, corpus, seed: SEED, firstStep: 0, batch: BATCH, optimizer: OPTIMIZER };
  await trainer.train({ ...input, steps: 3 });
  const ours = (await cpuSeconds(() => trainer.train({ ...input, steps: STEPS }))) / STEPS;
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
  };
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
