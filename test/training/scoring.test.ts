import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { decodeUpdate } from "../../src/training/federated/decodeUpdate.ts";
import { modelRoot } from "../../src/training/federated/modelRoot.ts";
import { scoreUpdates } from "../../src/training/federated/scoreUpdates.ts";
import type { ScoringRule } from "../../src/training/federated/types.ts";
import { UPDATE_LAYOUT } from "../../src/training/federated/updateLayout.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import { codeOf } from "./support/codes.ts";
import { honest, remade, RULE, score, scoringAsText, SHAPLEY, SLICE, STATE, TRAINER } from "./support/scoringCase.ts";
import { noise } from "./support/texts.ts";

const run = promisify(execFile);

describe("the scores of a round", () => {
  let a: Uint8Array, b: Uint8Array, c: Uint8Array;
  before(async () => {
    [a, b, c] = [await honest(1), await honest(2), await honest(3)];
  });
  const verdicts = ({ updates }: Awaited<ReturnType<typeof score>>) => updates.map(({ verdict }) => verdict);

  it("pay honest updates, and the model moves to where the loss is lower", async () => {
    const result = await score([a, b, c]);
    expect(verdicts(result)).to.deep.equal(["counted", "counted", "counted"]);
    for (const value of result.scores) expect(Number(value)).to.be.above(0);
    expect(result.lossBefore).to.equal(await TRAINER.evaluate(STATE.weights, SLICE));
    expect(result.lossAfter).to.equal(await TRAINER.evaluate(result.next.weights, SLICE));
    expect(Number(result.lossAfter)).to.be.below(Number(result.lossBefore));
    expect(result.aggregateRoot).to.equal(modelRoot(result.next));
    expect(result.next.round).to.equal(1);
  });

  it("are the drop of the loss from global to local weights, where there is one update", async () => {
    const { scores } = await score([a]);
    const gradient = decodeUpdate(TRAINER.model, TRAINER.parameters, a);
    const f = Math.fround;
    const moved = STATE.weights.map((weight, i) => f(weight - (gradient[i] ?? 0)));
    const drop = (await TRAINER.evaluate(STATE.weights, SLICE)) - (await TRAINER.evaluate(moved, SLICE));
    expect(scores).to.deep.equal([drop]);
  });

  it("are by leave-one-out what the loss gains when the update is replaced by none", async () => {
    const { scores } = await score([a, b]);
    const [ga, gb] = [a, b].map((bytes) => decodeUpdate(TRAINER.model, TRAINER.parameters, bytes));
    const f = Math.fround;
    const lossAt = (half: (i: number) => number) =>
      TRAINER.evaluate(
        STATE.weights.map((weight, i) => f(weight - half(i))),
        SLICE,
      );
    // The shorter of two may not be lengthened, and neither is shortened below the longer: no vector is changed here.
    const both = await lossAt((i) => {
      const pair = [ga?.[i] ?? 0, gb?.[i] ?? 0] as const;
      return f(f(pair[0] + pair[1]) / 2);
    });
    expect(scores).to.deep.equal([
      (await lossAt((i) => f((gb?.[i] ?? 0) / 2))) - both,
      (await lossAt((i) => f((ga?.[i] ?? 0) / 2))) - both,
    ]);
  });

  it("follow the seats, and nothing else depends on their order", async () => {
    const poison = remade(a, (value) => -value);
    const one = await score([a, b, poison, c]);
    const other = await score([c, poison, b, a]);
    expect([...other.scores].reverse()).to.deep.equal(one.scores);
    expect(other.aggregateRoot).to.equal(one.aggregateRoot);
  });

  it("agree to the last digit between processes", async () => {
    const support = resolve(import.meta.dirname, "support", "scoringCase.ts");
    const quiet = resolve(import.meta.dirname, "../../scripts/quiet.mjs");
    const code = `const { scoringAsText } = await import(${JSON.stringify(`file://${support}`)}); process.stdout.write(await scoringAsText());`;
    const outputs = await Promise.all(
      [1, 2].map(() => run(process.execPath, ["--import", quiet, "--input-type=module", "-e", code])),
    );
    const here = await scoringAsText();
    expect(here.split("\n")).to.have.length(6 + 6 + 3);
    expect(outputs.map(({ stdout }) => stdout)).to.deep.equal([here, here]);
  });

  it("are zero for a copy of what was committed to before, not for the original", async () => {
    const result = await scoreUpdates({
      trainer: TRAINER,
      state: STATE,
      updates: [
        { bytes: a, commitOrder: 3 },
        { bytes: b, commitOrder: 2 },
        { bytes: a, commitOrder: 1 },
      ],
      earlier: new Set(),
      slice: SLICE,
      rule: RULE,
    });
    expect(verdicts(result)).to.deep.equal(["copy", "counted", "counted"]);
    expect(result.scores[0]).to.equal(0n);
    const without = await score([b, a]);
    expect(result.scores.slice(1)).to.deep.equal(without.scores);
    expect(result.aggregateRoot).to.equal(without.aggregateRoot);
  });

  it("are shared by updates that differ in one bit of a scale: only equal bytes are copies", async () => {
    // The last bit of one block's scale.
    const other = remade(a, (value) => value);
    const view = new DataView(other.buffer);
    view.setUint32(UPDATE_LAYOUT.headerBytes, view.getUint32(UPDATE_LAYOUT.headerBytes, true) + 1, true);
    const result = await score([a, other]);
    expect(verdicts(result)).to.deep.equal(["counted", "counted"]);
    expect(result.updates.map(({ group }) => group)).to.deep.equal([
      [0, 1],
      [0, 1],
    ]);
    expect(result.scores[0]).to.equal(result.scores[1]);
  });

  it("are zero for an update whose square vanishes in single precision", async () => {
    const tiny = remade(a, (value) => value * 2 ** -100);
    expect(decodeUpdate(TRAINER.model, TRAINER.parameters, tiny).some((value) => value !== 0)).to.equal(true);
    const result = await score([a, tiny]);
    expect(verdicts(result)).to.deep.equal(["counted", "empty"]);
    expect(result.scores).to.deep.equal([...(await score([a])).scores, 0n]);
  });

  it("are zero for an update of an earlier round", async () => {
    const result = await score([a, b], RULE, [contentAddress(a)]);
    expect(verdicts(result)).to.deep.equal(["stale", "counted"]);
    expect(result.scores).to.deep.equal([0n, (await score([b])).scores[0]]);
  });

  it("are zero for what is missing, too long, of another length than told, or of another model", async () => {
    const long = Buffer.concat([a, Buffer.alloc(1)]);
    const foreign = a.slice();
    new DataView(foreign.buffer).setUint32(8, 2, true);
    const result = await score([null, long, foreign, b]);
    expect(verdicts(result)).to.deep.equal(["refused", "refused", "refused", "counted"]);
    expect(result.scores.slice(0, 3)).to.deep.equal([0n, 0n, 0n]);
    const told = await scoreUpdates({
      trainer: TRAINER,
      state: STATE,
      updates: [{ bytes: a, commitOrder: 1, sizeBytes: a.length - 1 }],
      earlier: new Set(),
      slice: SLICE,
      rule: RULE,
    });
    expect(verdicts(told)).to.deep.equal(["refused"]);
  });

  it("are shared by near-copies, which together earn what one would", async () => {
    const near = remade(a, (value, i) => value * (i % 2 === 0 ? 1 : 0.97));
    const scaled = remade(a, (value) => value * 0.5);
    const result = await score([b, near, a, scaled]);
    expect(result.updates.map(({ group }) => group)).to.deep.equal([[0], [1, 2, 3], [1, 2, 3], [1, 2, 3]]);
    const [, first = 0n, second, third] = result.scores;
    expect([second, third]).to.deep.equal([first, first]);
    const alone = Number((await score([b, a])).scores[1]);
    expect(3 * Number(first)).to.be.within(alone * 0.7, alone * 1.05);
  });

  it("do not join what is merely alike", async () => {
    const { updates } = await score([a, b, c]);
    expect(updates.map(({ group }) => group)).to.deep.equal([[0], [1], [2]]);
  });

  it("are not raised by a longer vector", async () => {
    const honestRound = await score([a, b, c]);
    const boasting = await score([a, b, remade(c, (value) => 10 * value)]);
    const ratio = Number(boasting.scores[2]) / Number(honestRound.scores[2]);
    expect(ratio).to.be.within(0.9, 1.1);
  });

  for (const [name, rule] of [
    ["the mean with leave-one-out", RULE],
    ["the mean with Shapley values", SHAPLEY],
    ["the median", { ...RULE, aggregation: { kind: "median" } }],
    ["the trimmed mean", { ...RULE, aggregation: { kind: "trimmed-mean", trimPpm: 250_000 } }],
  ] satisfies [string, ScoringRule][]) {
    it(`are at most zero for poison, noise and laziness, whose share of the model is nothing, with ${name}`, async () => {
      const poison = remade(a, (value) => -10 * value);
      const empty = remade(a, () => 0);
      const bytes = noise("update", TRAINER.parameters);
      const random = remade(a, (_, i) => ((bytes[i] ?? 0) - 128) / 1000);
      const attacked = await score([a, poison, b, empty, c, random], rule);
      const clean = await score([a, b, c], rule);
      expect(verdicts(attacked)).to.deep.equal(["counted", "useless", "counted", "empty", "counted", "useless"]);
      for (const seat of [1, 3, 5]) expect(Number(attacked.scores[seat])).to.be.at.most(0);
      expect(attacked.aggregateRoot).to.equal(clean.aggregateRoot);
      expect(attacked.lossAfter).to.equal(clean.lossAfter);
    });
  }

  it("are at most zero for weights that were only scaled", async () => {
    for (const factor of [1, 0.1, -0.1, -1]) {
      const lazy = remade(a, (_, i) => factor * (STATE.weights[i] ?? 0));
      const result = await score([a, b, lazy, c]);
      const earned = Number(result.scores[2]);
      // What shrinking random weights is worth is measured as it is: next to nothing.
      expect(earned).to.be.below(Number(result.scores[0]) / 50);
    }
  });

  it("leave the model where it is, and pay nothing, when all that counts would make it worse", async () => {
    const result = await score([remade(a, (value) => -value), remade(b, (value) => -value)]);
    expect(result.next.weights).to.deep.equal(STATE.weights);
    expect(result.next.round).to.equal(1);
    expect(result.lossAfter).to.equal(result.lossBefore);
    for (const value of result.scores) expect(Number(value)).to.be.at.most(0);
  });

  it("do not depend on the momentum, and the model takes the plain step when the momentum overshoots", async () => {
    const state = { ...STATE, momentum: STATE.weights.map((_, i) => (i % 2 === 0 ? 30 : -30)) };
    const updates = [a, b].map((bytes, seat) => ({ bytes, commitOrder: seat + 1 }));
    const result = await scoreUpdates({
      trainer: TRAINER,
      state,
      updates,
      earlier: new Set(),
      slice: SLICE,
      rule: RULE,
    });
    expect(result.scores).to.deep.equal((await score([a, b])).scores);
    const [ga, gb] = [a, b].map((bytes) => decodeUpdate(TRAINER.model, TRAINER.parameters, bytes));
    const average = STATE.weights.map((w, i) => w - Math.fround(Math.fround((ga?.[i] ?? 0) + (gb?.[i] ?? 0)) / 2));
    expect(result.next.weights).to.deep.equal(average);
    expect(result.next.momentum.every((value) => value === 0)).to.equal(true);
  });

  it("are zero when who counts is of use by half a step, and with a whole one makes the model worse", async () => {
    // Half of 24 times a helps, and b would help it no more: a is left alone, and its whole step goes too far.
    const result = await score([remade(a, (value) => 24 * value), remade(b, (value) => 2 * value)]);
    expect(verdicts(result)).to.deep.equal(["void", "no-gain"]);
    expect(result.scores[0]).to.equal(0n);
    expect(Number(result.scores[1])).to.be.below(0);
    expect(result.lossAfter).to.equal(result.lossBefore);
    expect(result.next.weights).to.deep.equal(STATE.weights);
  });

  it("are given to a round without updates too", async () => {
    const result = await score([]);
    expect(result.scores).to.deep.equal([]);
    expect(result.next.weights).to.deep.equal(STATE.weights);
  });

  it("stop at a failure of the machine, and take weights without a finite loss for the worst", async () => {
    const failing = (error: Error) => ({ ...TRAINER, evaluate: () => Promise.reject(error) });
    const input = { state: STATE, updates: [{ bytes: a, commitOrder: 1 }], earlier: new Set<string>(), slice: SLICE };
    const broken = scoreUpdates({ ...input, trainer: failing(new Error("no thread")), rule: RULE });
    expect(await broken.catch((error: unknown) => String(error))).to.equal("Error: no thread");
    const huge = remade(a, (value) => (value < 0 ? -1e8 : 1e8));
    const result = await score([huge]);
    expect(verdicts(result)).to.deep.equal(["useless"]);
    expect(result.scores[0]).to.be.within(-(1n << 63n), 0n);
  });

  it("refuse a rule outside its bounds", async () => {
    const wrong: ScoringRule[] = [
      { ...RULE, nearCopyPpm: 0 },
      { ...RULE, nearCopyPpm: 1_000_001 },
      { ...RULE, leastSharePpm: -1 },
      { ...RULE, leastSharePpm: 500_001 },
      { ...RULE, outer: { learningRate: 0, momentum: 0.9 } },
      { ...RULE, outer: { learningRate: NaN, momentum: 0.9 } },
      { ...RULE, outer: { learningRate: 1, momentum: 1 } },
      { ...RULE, aggregation: { kind: "trimmed-mean", trimPpm: 500_000 } },
      { ...RULE, measure: { kind: "shapley", permutations: 0, seed: `0x${"00".repeat(32)}`, toleranceMicroNats: 0n } },
      { ...RULE, measure: { kind: "shapley", permutations: 1, seed: "0x00", toleranceMicroNats: 0n } },
      { ...RULE, measure: { kind: "shapley", permutations: 1, seed: `0x${"00".repeat(32)}`, toleranceMicroNats: -1n } },
    ];
    for (const rule of wrong) expect(await codeOf(() => score([a], rule))).to.equal("SCORING_RULE_INVALID");
  });
});
