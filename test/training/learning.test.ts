import { expect } from "chai";
import { printable } from "../../scripts/training/print.ts";
import { readDefaultCorpus, splitCorpus } from "../../src/training/corpus.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { DEFAULT_MODEL } from "./goldenRun.ts";

const STEPS = Number(process.env.JOULEWORK_TRAINING_STEPS ?? "60");
const FULL_STEPS = 400;

function meanNats(microNats: bigint, bytes: number): number {
  return Number(microNats) / 1e6 / bytes;
}

describe("training: learning", () => {
  it("brings the loss on text that it has not seen from chance to what it learned", async () => {
    const { training, heldOut } = splitCorpus((await readDefaultCorpus(DEFAULT_MODEL)).bytes);
    const trainer = await openTrainer(DEFAULT_MODEL);
    const initial = trainer.initialWeights(1);
    const heldOutLoss = async (weights: Float32Array): Promise<number> =>
      meanNats(await trainer.evaluate(weights, heldOut), heldOut.length - 1);
    const sampled = async (weights: Float32Array): Promise<string> =>
      printable(await trainer.sample({ weights, prompt: training.subarray(0, 16), bytes: 120, seed: 1 }));
    const before = await heldOutLoss(initial);
    const input = { weights: initial, corpus: training, seed: 1, firstStep: 0, steps: STEPS, batch: 16 };
    const { weights } = await trainer.train({ ...input, optimizer: { kind: "adam", learningRate: 0.003 } });
    const after = await heldOutLoss(weights);
    console.log(`      ${String(STEPS)} steps: ${before.toFixed(3)} to ${after.toFixed(3)} nats a byte`);
    console.log(`      before: ${await sampled(initial)}`);
    console.log(`      after:  ${await sampled(weights)}`);
    await trainer.close();

    // Chance is log(256) = 5.545.
    expect(before).to.be.within(5.5, 5.6);
    expect(after).to.be.below(STEPS >= FULL_STEPS ? 2.5 : 3.4);
  });
});
