import { expect } from "chai";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { layOutParameters, type Parameter } from "../../src/training/parameters.ts";
import type { ModelConfig } from "../../src/training/types.ts";
import { referenceLoss } from "./referenceModel.ts";
import { near } from "../meters/profiles/near.ts";

// Odd sizes: rows, columns and heads that fill neither a tile nor a vector.
const MODELS: readonly ModelConfig[] = [
  { layers: 2, width: 12, heads: 4, context: 5 },
  { layers: 1, width: 8, heads: 1, context: 9 },
  { layers: 1, width: 16, heads: 2, context: 8 },
];
const STEP = 1e-4;
const PROBES = 6;

function sequencesFor({ context }: ModelConfig): Uint8Array[] {
  return [0, 1, 2].map((row) => Uint8Array.from({ length: context + 1 }, (_, i) => (i * i * 7 + row * 31) % 256));
}

/** Weights with every gain, bias and matrix away from its starting value. */
function unsettled(weights: Float32Array): Float32Array {
  return weights.map((weight, index) => weight + 0.2 * Math.sin(index * 1.7));
}

/** Some weights of each parameter; of the token table, those that the sequences read. */
function probes({ name, offset, rows, columns }: Parameter, sequences: readonly Uint8Array[]): number[] {
  if (name === "tokens") return sequences.map((bytes, i) => offset + Number(bytes[i]) * columns + i);
  return Array.from({ length: PROBES }, (_, i) => offset + Math.floor(((i + 0.5) / PROBES) * rows * columns));
}

describe("training: gradients", () => {
  for (const model of MODELS) {
    it(`are those of finite differences of a second implementation, for ${JSON.stringify(model)}`, async () => {
      const trainer = await openTrainer(model);
      const weights = unsettled(trainer.initialWeights(7));
      const sequences = sequencesFor(model);
      const { loss, gradient } = await trainer.lossAndGradient({ weights, sequences });
      await trainer.close();
      expect(loss).to.satisfy(near(referenceLoss(model, weights, sequences), 1e-5));

      for (const parameter of layOutParameters(model).all) {
        for (const index of probes(parameter, sequences)) {
          const moved = (by: number): number => {
            const other = Float64Array.from(weights);
            other[index] = Number(other[index]) + by;
            return referenceLoss(model, other, sequences);
          };
          const difference = (moved(STEP) - moved(-STEP)) / (2 * STEP);
          expect(gradient[index], `${parameter.name} at ${String(index)}`).to.satisfy(near(difference, 1e-5));
        }
      }
    });
  }

  it("are zero for tokens that no sequence reads", async () => {
    const trainer = await openTrainer({ layers: 1, width: 8, heads: 1, context: 4 });
    const { gradient } = await trainer.lossAndGradient({
      weights: trainer.initialWeights(1),
      sequences: [Uint8Array.of(1, 2, 3, 4, 5)],
    });
    await trainer.close();
    const rowIsZero = (token: number): boolean =>
      gradient.subarray(token * 8, token * 8 + 8).every((value) => value === 0);
    expect([0, 1, 2, 3, 4, 5].map(rowIsZero)).to.deep.equal([true, false, false, false, false, true]);
  });
});
