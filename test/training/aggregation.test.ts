import { expect } from "chai";
import fc from "fast-check";
import { aggregate } from "../../src/training/federated/aggregate.ts";
import { decodeState } from "../../src/training/federated/decodeState.ts";
import { decodeUpdate } from "../../src/training/federated/decodeUpdate.ts";
import { encodeState } from "../../src/training/federated/encodeState.ts";
import { initialState } from "../../src/training/federated/initialState.ts";
import { localUpdate } from "../../src/training/federated/localUpdate.ts";
import { modelRoot } from "../../src/training/federated/modelRoot.ts";
import { outerStep } from "../../src/training/federated/outerStep.ts";
import { trainHere } from "../../src/training/federated/trainHere.ts";
import type { AggregationRule, GlobalState } from "../../src/training/federated/types.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import { bigramTrainer } from "./support/bigramTrainer.ts";
import { codeOf } from "./support/codes.ts";
import { near } from "../meters/profiles/near.ts";

const MODEL = { layers: 1, width: 8, heads: 2, context: 4 };
const RULES: readonly AggregationRule[] = [
  { kind: "mean" },
  { kind: "median" },
  { kind: "trimmed-mean", trimPpm: 250_000 },
];
const vectors = (rows: readonly (readonly number[])[]) =>
  rows.map((row, i) => ({ hash: `0x${String(i).padStart(64, "0")}`, values: Float32Array.from(row) }));

function state(weights: readonly number[], momentum: readonly number[]): GlobalState {
  return { model: MODEL, round: 6, weights: Float32Array.from(weights), momentum: Float32Array.from(momentum) };
}

describe("aggregation", () => {
  it("gives the mean, the median and the trimmed mean of each coordinate", () => {
    const rows = vectors([
      [1, -10],
      [2, 0],
      [3, 1],
      [1000, 2],
    ]);
    const results = RULES.map((rule) => [...aggregate(rule, rows)]);
    expect(results).to.deep.equal([
      [251.5, -1.75],
      [2.5, 0.5],
      [2.5, 0.5],
    ]);
    expect([...aggregate({ kind: "median" }, rows.slice(0, 3))]).to.deep.equal([2, 0]);
  });

  it("is the same to the last bit in whatever order the contributions come", () => {
    const value = fc.float({ noNaN: true, min: -1000, max: 1000 });
    const row = fc.array(value, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 7 }),
        fc.array(fc.nat(), { minLength: 7, maxLength: 7 }),
        (rows, keys) => {
          const given = vectors(rows);
          const shuffled = given.map((item, i) => ({ item, key: keys[i] ?? 0 })).sort((a, b) => a.key - b.key);
          for (const rule of RULES) {
            const other = aggregate(
              rule,
              shuffled.map(({ item }) => item),
            );
            expect(Buffer.from(other.buffer).equals(Buffer.from(aggregate(rule, given).buffer))).to.equal(true);
          }
        },
      ),
    );
  });

  it("adds in the order of the hashes, in single precision", () => {
    // 1 is lost next to 2^24, so that the order shows: (2^24 + 1) + 1 is 2^24, and (1 + 1) + 2^24 is 2^24 + 2.
    const [big, one, other] = [Float32Array.of(2 ** 24), Float32Array.of(1), Float32Array.of(1)];
    const first = [
      { hash: "0x01", values: big },
      { hash: "0x02", values: one },
      { hash: "0x03", values: other },
    ];
    const last = [
      { hash: "0x04", values: big },
      { hash: "0x02", values: one },
      { hash: "0x03", values: other },
    ];
    expect(aggregate({ kind: "mean" }, first)[0]).to.equal(Math.fround(2 ** 24 / 3));
    expect(aggregate({ kind: "mean" }, last)[0]).to.equal(Math.fround((2 ** 24 + 2) / 3));
  });

  it("refuses nothing, different lengths, and a trim of half", async () => {
    expect(await codeOf(() => aggregate({ kind: "mean" }, []))).to.equal("AGGREGATION_INVALID");
    expect(await codeOf(() => aggregate({ kind: "mean" }, vectors([[1], [1, 2]])))).to.equal("AGGREGATION_INVALID");
    for (const trimPpm of [500_000, -1, 0.5]) {
      expect(await codeOf(() => aggregate({ kind: "trimmed-mean", trimPpm }, vectors([[1]])))).to.equal(
        "AGGREGATION_INVALID",
      );
    }
  });
});

describe("the outer step", () => {
  it("is Nesterov's, worked out by hand", () => {
    // momentum' = 0.5 x 2 + 1 = 2; step = 1 + 0.5 x 2 = 2; weight' = 10 - 0.25 x 2 = 9.5.
    const next = outerStep(state([10, 1], [2, 0]), Float32Array.of(1, 0), { learningRate: 0.25, momentum: 0.5 });
    expect({ weights: [...next.weights], momentum: [...next.momentum], round: next.round }).to.deep.equal({
      weights: [9.5, 1],
      momentum: [2, 0],
      round: 7,
    });
  });

  it("refuses to leave the finite numbers", async () => {
    const outer = { learningRate: 1e30, momentum: 0.9 };
    expect(await codeOf(() => outerStep(state([0], [0]), Float32Array.of(1e30), outer))).to.equal(
      "OUTER_STEP_NOT_FINITE",
    );
  });
});

describe("the global state", () => {
  it("is read as it was written, and its root covers weights, momentum and round", () => {
    const original = state([1, -2], [0.5, 0]);
    const bytes = encodeState(original);
    expect(bytes).to.have.length(32 + 16);
    expect(decodeState(MODEL, 2, bytes)).to.deep.equal(original);
    expect(modelRoot(original)).to.equal(contentAddress(bytes));
    const others = [state([1, -2], [0.5, 1]), state([1, 2], [0.5, 0]), { ...original, round: 7 }];
    expect(new Set([original, ...others].map(modelRoot)).size).to.equal(4);
  });

  it("refuses another length, format or model, and values that are not finite", async () => {
    const bytes = encodeState(state([1, -2], [0.5, 0]));
    const nan = bytes.slice();
    new DataView(nan.buffer).setFloat32(40, NaN, true);
    const magic = bytes.slice();
    magic[0] = 0;
    const attempts = [
      () => decodeState(MODEL, 2, bytes.subarray(1)),
      () => decodeState({ ...MODEL, heads: 4 }, 2, bytes),
      () => decodeState(MODEL, 2, nan),
      () => decodeState(MODEL, 2, magic),
    ];
    for (const attempt of attempts) expect(await codeOf(attempt)).to.equal("STATE_INVALID");
  });
});

describe("a local update", () => {
  const trainer = bigramTrainer();
  const shard = new TextEncoder().encode("the meter reads the meter ".repeat(20));
  const train = trainHere({ trainer, batch: 2, learningRate: 0.05 });

  it("is the way back from where training led, so that a plain outer step arrives there", async () => {
    const start = initialState(trainer, 1);
    const { hash, bytes } = await localUpdate({ state: start, train, shard, seed: 5, steps: 8 });
    expect(hash).to.equal(contentAddress(bytes));
    const gradient = decodeUpdate(trainer.model, trainer.parameters, bytes);
    const moved = outerStep(start, gradient, { learningRate: 1, momentum: 0 });
    const trained = await trainer.train({
      weights: start.weights,
      corpus: shard,
      seed: 5,
      firstStep: 0,
      steps: 8,
      batch: 2,
      optimizer: { kind: "adam", learningRate: 0.05 },
    });
    // Half a step of the quantisation: 8 Adam steps of 0.05 move a weight by at most about 0.4.
    trained.weights.forEach((weight, i) => {
      expect(Math.abs(weight - (moved.weights[i] ?? NaN))).to.be.at.most(0.45 / 254);
    });
    expect(Number(await trainer.evaluate(moved.weights, shard))).to.be.below(
      Number(await trainer.evaluate(start.weights, shard)),
    );
  });

  it("repeats to the last byte, and takes other batches in another round", async () => {
    const start = initialState(trainer, 1);
    const input = { train, shard, seed: 5, steps: 4 };
    const first = await localUpdate({ state: start, ...input });
    expect((await localUpdate({ state: start, ...input })).hash).to.equal(first.hash);
    expect((await localUpdate({ state: { ...start, round: 1 }, ...input })).hash).to.not.equal(first.hash);
  });

  it("refuses a trainer that returns another number of weights, or diverged, and is not moved by one that writes", async () => {
    const start = initialState(trainer, 1);
    const using = (other: (weights: Float32Array) => Float32Array) =>
      localUpdate({ state: start, train: ({ weights }) => Promise.resolve(other(weights)), shard, seed: 1, steps: 1 });
    expect(await codeOf(() => using((weights) => weights.slice(1)))).to.equal("UPDATE_MODEL");
    expect(await codeOf(() => using((weights) => weights.map(() => NaN)))).to.equal("UPDATE_NOT_FINITE");
    const written = await using((weights) => weights.fill(0));
    const gradient = decodeUpdate(trainer.model, trainer.parameters, written.bytes);
    expect(gradient[0]).to.satisfy(near(start.weights[0] ?? NaN, 1e-4));
  });
});
