import { expect } from "chai";
import { TfjsModel } from "../../scripts/bench/tfjsModel.ts";
import { batchStarts } from "../../src/training/batches.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { layOutParameters } from "../../src/training/parameters.ts";
import type { ModelConfig, Optimizer } from "../../src/training/types.ts";
import { exampleText } from "./goldenRun.ts";

const MODEL: ModelConfig = { layers: 2, width: 24, heads: 3, context: 12 };
const STEPS = 50;
const BATCH = 4;
const TOLERANCE = 1e-3;

const OPTIMIZERS: readonly Optimizer[] = [
  { kind: "adam", learningRate: 0.002 },
  { kind: "sgd", learningRate: 0.1 },
];

function distance(a: Float32Array, b: Float32Array): number {
  const length = (values: Float32Array): number => Math.hypot(...values);
  return length(a.map((value, index) => value - Number(b[index]))) / length(b);
}

describe("training: TensorFlow.js", () => {
  for (const optimizer of OPTIMIZERS) {
    it(`finds the same losses and weights over 50 steps of ${optimizer.kind}`, async () => {
      const corpus = exampleText();
      const trainer = await openTrainer(MODEL);
      const initial = trainer.initialWeights(3);
      const input = { weights: initial, corpus, seed: 11, firstStep: 0, steps: STEPS, batch: BATCH, optimizer };
      const { weights, losses } = await trainer.train(input);
      await trainer.close();

      const other = await TfjsModel.create({ model: MODEL, weights: initial, optimizer, backend: "wasm" });
      for (const [step, loss] of losses.entries()) {
        const starts = batchStarts(11, step, BATCH, corpus.length - MODEL.context);
        const expected = other.step(starts.map((start) => corpus.subarray(start, start + MODEL.context + 1)));
        expect(Math.abs(loss - expected) / expected, `loss of step ${String(step)}`).to.be.below(TOLERANCE);
      }
      const expected = other.weights();
      other.dispose();
      for (const { name, offset, rows, columns } of layOutParameters(MODEL).all) {
        const end = offset + rows * columns;
        expect(distance(weights.slice(offset, end), expected.slice(offset, end)), name).to.be.below(TOLERANCE);
      }
      expect(distance(weights, initial), "how far training went").to.be.above(0.05);
    });
  }
});
