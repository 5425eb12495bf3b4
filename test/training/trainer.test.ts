import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import { hashWeights } from "../../src/training/hashWeights.ts";
import { openTrainer, type KernelTrainer } from "../../src/training/openTrainer.ts";
import type { ModelConfig, TrainInput } from "../../src/training/types.ts";
import { DEFAULT_MODEL, exampleText } from "./goldenRun.ts";
import { referenceLoss } from "./referenceModel.ts";
import { near } from "../meters/profiles/near.ts";

const SMALL: ModelConfig = { layers: 1, width: 8, heads: 2, context: 8 };

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof JouleworkError) return error.code;
    throw error;
  }
  return "none";
}

describe("training: trainer", () => {
  let trainer: KernelTrainer;
  let input: TrainInput;

  beforeEach(async () => {
    trainer = await openTrainer(SMALL);
    input = {
      weights: trainer.initialWeights(1),
      corpus: exampleText(20),
      seed: 1,
      firstStep: 0,
      steps: 3,
      batch: 2,
      optimizer: { kind: "sgd", learningRate: 0.1 },
    };
  });

  afterEach(() => trainer.close());

  it("counts 136,448 parameters of the default model", async () => {
    const large = await openTrainer(DEFAULT_MODEL);
    expect(large.parameters).to.equal(136_448);
    expect(large.initialWeights(1)).to.have.length(136_448);
    await large.close();
  });

  it("evaluates to the micro-nats of a second implementation, in windows of the context", async () => {
    const text = exampleText(2).subarray(0, 3 * SMALL.context + 1);
    const windows = [0, 1, 2].map((index) => text.subarray(index * SMALL.context, (index + 1) * SMALL.context + 1));
    const expected = referenceLoss(SMALL, input.weights, windows) * 3 * SMALL.context;
    const microNats = await trainer.evaluate(input.weights, text);
    expect(Number(microNats) / 1e6).to.satisfy(near(expected, 1e-4));
  });

  it("evaluates a text of any length: what follows its end does not count", async () => {
    const text = exampleText(20);
    const whole = await trainer.evaluate(input.weights, text.subarray(0, 301));
    const start = await trainer.evaluate(input.weights, text.subarray(0, 297));
    const end = await trainer.evaluate(input.weights, text.subarray(296, 301));
    expect(whole).to.equal(start + end);
  });

  it("goes on where it stopped with plain gradient descent", async () => {
    const whole = await trainer.train(input);
    const first = await trainer.train({ ...input, steps: 1 });
    const rest = await trainer.train({ ...input, weights: first.weights, firstStep: 1, steps: 2 });
    expect(hashWeights(rest.weights)).to.equal(hashWeights(whole.weights));
    expect([...first.losses, ...rest.losses]).to.deep.equal(whole.losses);
  });

  it("goes on where it stopped with Adam, given what Adam remembered", async () => {
    const adam = { ...input, optimizer: { kind: "adam", learningRate: 0.01 } } as const;
    const whole = await trainer.train(adam);
    const first = await trainer.train({ ...adam, steps: 1 });
    const { optimizerState } = first;
    if (optimizerState === undefined) throw new Error("Adam left no state");
    const before = hashWeights(optimizerState.firstMoments);
    const rest = await trainer.train({ ...adam, weights: first.weights, optimizerState, firstStep: 1, steps: 2 });
    expect(rest).to.deep.equal({ ...whole, losses: whole.losses.slice(1) });
    expect(hashWeights(optimizerState.firstMoments)).to.equal(before);
    const forgetful = await trainer.train({ ...adam, weights: first.weights, firstStep: 1, steps: 2 });
    expect(hashWeights(forgetful.weights)).not.to.equal(hashWeights(whole.weights));
  });

  it("refuses an optimizer's state that is not this optimizer's", async () => {
    const adam = { ...input, optimizer: { kind: "adam", learningRate: 0.01 } } as const;
    const { optimizerState } = await trainer.train(adam);
    if (optimizerState === undefined) throw new Error("Adam left no state");
    const short = { ...optimizerState, secondMoments: new Float32Array(3) };
    for (const wrong of [
      { ...input, optimizerState },
      { ...adam, optimizerState: short },
      { ...adam, optimizerState: { ...optimizerState, beta1Power: 0.1 } },
      { ...adam, optimizerState: { ...optimizerState, firstMoments: optimizerState.firstMoments.map(() => NaN) } },
    ]) {
      expect(await codeOf(() => trainer.train(wrong))).to.equal("OPTIMIZER_STATE_MISMATCH");
    }
  });

  it("leaves the weights that it was given alone, and computes calls one after another", async () => {
    const before = hashWeights(input.weights);
    const [one, other, alone] = await Promise.all([
      trainer.train(input),
      trainer.train({ ...input, seed: 2 }),
      trainer.train(input),
    ]);
    expect(hashWeights(input.weights)).to.equal(before);
    expect(hashWeights(alone.weights)).to.equal(hashWeights(one.weights));
    expect(hashWeights(other.weights)).not.to.equal(hashWeights(one.weights));
  });

  it("samples the same bytes for the same seed, and the most probable ones at temperature 0", async () => {
    const prompt = new TextEncoder().encode("Home ");
    const sample = (seed: number, temperature = 1): Promise<Uint8Array> =>
      trainer.sample({ weights: input.weights, prompt, bytes: 20, seed, temperature });
    expect(await sample(1)).to.deep.equal(await sample(1));
    expect(await sample(1)).not.to.deep.equal(await sample(2));
    expect(await sample(1, 0)).to.deep.equal(await sample(2, 0));
    expect(await sample(1)).to.have.length(20);
  });

  it("stops where a weight or the loss is no longer finite", async () => {
    const wild = { ...input, optimizer: { kind: "sgd", learningRate: 1e38 } } as const;
    expect(await codeOf(() => trainer.train(wild))).to.equal("TRAINING_DIVERGED");
    const broken = input.weights.slice();
    broken[5] = NaN;
    expect(await codeOf(() => trainer.train({ ...input, weights: broken }))).to.equal("TRAINING_DIVERGED");
    expect(await codeOf(() => trainer.evaluate(broken, input.corpus))).to.equal("TRAINING_DIVERGED");
    // It still works afterwards.
    expect((await trainer.train(input)).losses).to.have.length(3);
  });

  it("refuses what it cannot compute, with a code for each", async () => {
    const weights = new Float32Array(3);
    expect(await codeOf(() => trainer.train({ ...input, weights }))).to.equal("WEIGHTS_MISMATCH");
    expect(await codeOf(() => trainer.train({ ...input, corpus: new Uint8Array(8) }))).to.equal("CORPUS_TOO_SHORT");
    expect(await codeOf(() => trainer.train({ ...input, batch: 0 }))).to.equal("TRAINING_INPUT_INVALID");
    expect(await codeOf(() => trainer.train({ ...input, seed: -1 }))).to.equal("TRAINING_INPUT_INVALID");
    expect(await codeOf(() => trainer.evaluate(input.weights, new Uint8Array(1)))).to.equal("TEXT_TOO_SHORT");
    expect(await codeOf(() => openTrainer({ ...SMALL, heads: 3 }))).to.equal("MODEL_INVALID");
    expect(await codeOf(() => openTrainer(SMALL, { threads: 0 }))).to.equal("TRAINING_INPUT_INVALID");
    expect(await codeOf(() => trainer.train({ ...input, batch: 10_000_000 }))).to.equal("MODEL_TOO_LARGE");
  });
});

describe("training: hash of weights", () => {
  it("is SHA-256 of their little-endian bytes", () => {
    // printf '\x00\x00\x80\x3f\x00\x00\x00\xc0' | sha256sum
    expect(hashWeights(Float32Array.of(1, -2))).to.equal(
      "0xee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b",
    );
  });
});
