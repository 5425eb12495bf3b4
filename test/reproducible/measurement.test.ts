import { expect } from "chai";
import { aggregate } from "../../src/training/federated/aggregate.ts";
import { decodeUpdate } from "../../src/training/federated/decodeUpdate.ts";
import { encodeState } from "../../src/training/federated/encodeState.ts";
import type { Player } from "../../src/training/federated/formPlayers.ts";
import { dot } from "../../src/training/federated/isNearCopy.ts";
import { measureMoves, type Move } from "../../src/training/federated/measureMoves.ts";
import { modelRoot } from "../../src/training/federated/modelRoot.ts";
import { outerStep } from "../../src/training/federated/outerStep.ts";
import { WORST_LOSS } from "../../src/training/federated/roundLoss.ts";
import { scoreByMoves, scoreUpdates } from "../../src/training/federated/scoreUpdates.ts";
import type { AggregationRule, RoundScores, ScoringRule } from "../../src/training/federated/types.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import type { KernelFunctions } from "../../src/training/reproducible/evaluatePrimitive.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import { encodeTape } from "../../src/training/reproducible/encodePrimitive.ts";
import {
  coordinatesOf,
  elementsOf,
  isSourceKind,
  operandElement,
  termsOf,
} from "../../src/training/reproducible/primitives.ts";
import { stateAfter } from "../../src/training/reproducible/runStep.ts";
import { bytesTree, ChunkTree, tensorTree } from "../../src/training/reproducible/chunkTree.ts";
import { stateRoot } from "../../src/training/reproducible/players/jobComputation.ts";
import { composeMeasurement } from "../../src/training/reproducible/scoring/composeMeasurement.ts";
import { globalTensors, movedRoot } from "../../src/training/reproducible/scoring/globalTensors.ts";
import { measurementJob } from "../../src/training/reproducible/scoring/measurementJob.ts";
import {
  measurementHash,
  measurementPrograms,
  type MeasuredSpec,
} from "../../src/training/reproducible/scoring/measurementPrograms.ts";
import { inOrderOfHashes, measureOnTape } from "../../src/training/reproducible/scoring/measureOnTape.ts";
import type { MeasurementConfig } from "../../src/training/reproducible/scoring/measurementTypes.ts";
import { mergeExchange } from "../../src/training/reproducible/scoring/mergeExchange.ts";
import { composeReadState, readStateJob } from "../../src/training/reproducible/scoring/readStateJob.ts";
import { microNats, wideTotal, wordOfWide } from "../../src/training/reproducible/wideIntegers.ts";
import { Choices } from "../differential/random.ts";
import { scoringRound, type ScoringRound } from "./scoringRound.ts";

const outer = { learningRate: 0.7, momentum: 0.9 };
const BASE: ScoringRule = {
  ...{ outer, aggregation: { kind: "mean" }, measure: { kind: "leave-one-out" } },
  ...{ nearCopyPpm: 990_000, leastSharePpm: 50_000 },
};
const SHAPLEY: ScoringRule["measure"] = {
  ...{ kind: "shapley", permutations: 5, seed: `0x${"5a".repeat(32)}`, toleranceMicroNats: 1_000n },
};
const RULES: Readonly<Record<string, ScoringRule>> = {
  "the mean, leave-one-out": BASE,
  "the mean, Shapley": { ...BASE, measure: SHAPLEY },
  "the median, leave-one-out": { ...BASE, aggregation: { kind: "median" } },
  "a trimmed mean, Shapley": { ...BASE, aggregation: { kind: "trimmed-mean", trimPpm: 300_000 }, measure: SHAPLEY },
};
const LAYERS = { layers: 2, width: 8, heads: 2, context: 7 };
const ONE_HEAD = { layers: 1, width: 4, heads: 1, context: 8 };

describe("a round's scores as primitive operations", () => {
  let functions: KernelFunctions;
  let round: ScoringRound;
  let small: ScoringRound;
  before(async () => {
    functions = await loadFunctions();
    // A slice that ends inside a window, and one that is shorter than a window.
    round = await scoringRound(LAYERS, 45);
    small = await scoringRound(ONE_HEAD, 6);
  });
  after(async () => {
    await round.trainer.close();
    await small.trainer.close();
  });

  const scored = (world: ScoringRound, updates: readonly Uint8Array[], rule: ScoringRule) => {
    const { state, slice, trainer } = world;
    const revealed = updates.map((bytes, seat) => ({ bytes, commitOrder: seat + 1 }));
    const parameters = { state, updates: revealed, earlier: new Set<string>(), slice, rule };
    const onTape = measureOnTape({ state, slice, outer: rule.outer, functions });
    return Promise.all([scoreUpdates({ ...parameters, trainer }), scoreByMoves(parameters, onTape)]);
  };
  const agree = ([kernels, tape]: readonly [RoundScores, RoundScores]) => {
    expect(tape.scores).to.deep.equal(kernels.scores);
    expect(tape.aggregateRoot).to.equal(kernels.aggregateRoot);
    expect(tape).to.deep.equal(kernels);
  };
  const verdicts = ([, { updates }]: readonly [RoundScores, RoundScores]) => updates.map(({ verdict }) => verdict);

  for (const [name, rule] of Object.entries(RULES)) {
    it(`are the evaluators' to the last digit: ${name}`, async () => {
      const { honest, nearCopy, poison } = round;
      const both = await scored(round, [...honest, nearCopy, poison], rule);
      agree(both);
      // The round tells something: somebody is paid, and one group of two is formed.
      expect(verdicts(both)).to.include("counted");
      expect(both[1].updates[0]?.group).to.deep.equal([0, 3]);
      expect(Number(both[1].lossAfter)).to.be.below(Number(both[1].lossBefore));
    });
  }

  it("are those of one update, of two, and of a slice shorter than the context", async () => {
    const [first = new Uint8Array(), second = new Uint8Array()] = small.honest;
    for (const rule of [BASE, { ...BASE, aggregation: { kind: "median" } } as const]) {
      agree(await scored(small, [first], rule));
      agree(await scored(small, [second, first], rule));
    }
  });

  it("are those of a round that nobody moves for the better, and of one without an update that can be read", async () => {
    for (const updates of [[small.poison], [small.poison.slice(1)], []]) {
      const both = await scored(small, updates, BASE);
      agree(both);
      expect(both[1].lossAfter).to.equal(both[1].lossBefore);
    }
  });

  it("take the worst loss for a move whose weights give no finite one", async () => {
    const { lost: state, slice, trainer, flood } = round;
    const hash = contentAddress(flood);
    const player: Player = { seats: [0], hash, members: [hash], factor: 1 };
    const move: Move = { rule: { kind: "mean" }, players: [player], present: new Set([player]), step: "averaging" };
    const kernels = await measureMoves({ trainer, state, slice, outer })([flood]).move(move);
    const tape = await measureOnTape({ state, slice, outer, functions })([flood]).move(move);
    expect(kernels.loss).to.equal(WORST_LOSS);
    expect(tape.loss).to.equal(WORST_LOSS);
    expect(tape.next()).to.deep.equal(kernels.next());
    agree(await scored(round, [...round.honest, flood], BASE));
  });

  it("hold the products by which near-copies are told and lengths compared", async () => {
    const { state, slice, honest, nearCopy, poison } = round;
    const updates = inOrderOfHashes([...honest, nearCopy, poison]);
    const values = updates.map((bytes) => decodeUpdate(state.model, state.weights.length, bytes));
    const players = updates.map((bytes, seat): Player => {
      const hash = contentAddress(bytes);
      return { seats: [seat], hash, members: [hash], factor: 1 };
    });
    const products = await measureOnTape({ state, slice, outer, functions })(updates).products(players);
    expect([...products]).to.deep.equal(values.flatMap((a) => values.map((b) => dot(a, b))));
  });

  it("end in what a result is made of: loss, products, and the state that a move leads to", async () => {
    const { state, slice, honest } = round;
    const updates = inOrderOfHashes(honest);
    const players = updates.map((bytes, seat): Player => {
      const hash = contentAddress(bytes);
      return { seats: [seat], hash, members: [hash], factor: 1 };
    });
    const move: Move = { rule: { kind: "mean" }, players, present: new Set(players), step: "outer" };
    const config = { model: state.model, updates: updates.length, sliceBytes: slice.length };
    const tape = composeMeasurement({ ...config, aggregation: "mean" });
    const job = await measurementJob(tape, { state, slice, updates, outer }, move, functions);
    const measured = await measureMoves({ trainer: round.trainer, state, slice, outer })(updates).move(move);
    const end = stateAfter(tape, (await job.computation.step(0, 0)).tensors);
    expect([...new Uint32Array(end[0]?.buffer ?? new ArrayBuffer())]).to.deep.equal([0, Number(measured.loss)]);
    expect(end[1]).to.have.length(updates.length ** 2);
    expect(end.slice(2)).to.deep.equal(globalTensors(measured.next()));
  });

  it("are tied to the bytes of the next model, its content address and the rounds that led there", async () => {
    const { state } = small;
    const next = { ...state, round: state.round + 1, weights: state.weights.map((weight) => weight / 2) };
    const [before, after] = [encodeState(state), encodeState(next)];
    const { terms, computation } = await readStateJob(state.model, before, after, functions);
    const [digest, ...rest] = stateAfter(composeReadState(state.model), (await computation.step(0, 0)).tensors);
    expect(`0x${tensorTree(digest ?? new Float32Array()).root.toString("hex")}`).to.equal(modelRoot(next));
    const words = (bytes: Uint8Array) => [...new Uint32Array(bytes.slice(0, 32).buffer)];
    const headers = rest.slice(0, 2).map((header) => [...new Uint32Array(header.buffer)]);
    expect(headers).to.deep.equal([words(before), words(after)]);
    expect(headers[1]?.[7]).to.equal(state.round + 1);
    expect(rest.slice(2)).to.deep.equal(globalTensors(next));
    expect(stateRoot(rest.slice(2))).to.deep.equal(movedRoot(next));
    expect(terms.dataset).to.deep.equal(new ChunkTree([before, after].map((bytes) => bytesTree(bytes).root)).root);
  });

  for (const rule of [
    { kind: "mean" },
    { kind: "median" },
    { kind: "trimmed-mean", trimPpm: 250_000 },
  ] satisfies AggregationRule[]) {
    it(`lead to the state of the outer step along the aggregate: ${rule.kind}`, async () => {
      const { state, trainer, slice } = small;
      const all = [...small.honest, small.nearCopy, small.poison];
      for (let count = 1; count <= all.length; ++count) {
        const updates = all.slice(0, count);
        const players = updates.map((bytes, seat): Player => {
          const hash = contentAddress(bytes);
          return { seats: [seat], hash, members: [hash], factor: 1 };
        });
        const values = updates.map((bytes) => decodeUpdate(state.model, trainer.parameters, bytes));
        const gradient = aggregate(
          rule,
          players.map(({ hash }, place) => ({ hash, values: values[place] ?? new Float32Array() })),
        );
        const move: Move = { rule, players, present: new Set(players), step: "outer" };
        const { next } = await measureOnTape({ state, slice, outer, functions })(inOrderOfHashes(updates)).move(move);
        expect(next(), String(count)).to.deep.equal(outerStep(state, gradient, outer));
      }
    });
  }

  it("sort any number of values with exchanges that do not depend on them", () => {
    for (let count = 0; count <= 10; ++count) {
      // A network sorts everything if it sorts all zeros and ones.
      for (let bits = 0; bits < 2 ** count; ++bits) {
        const values = Array.from({ length: count }, (_, place) => (bits >> place) & 1);
        for (const [a, b] of mergeExchange(count)) {
          const [left = 0, right = 0] = [values[a], values[b]];
          [values[a], values[b]] = [Math.min(left, right), Math.max(left, right)];
        }
        expect(values).to.deep.equal(values.toSorted((a, b) => a - b));
      }
    }
  });

  it("count losses as the trainer does, and add their parts without loss", () => {
    const choices = new Choices("micro-nats");
    let sum = 0n;
    const sums = [0, 0, 0, 0];
    for (let run = 0; run < 2_000; ++run) {
      const loss = Math.fround(choices.whole(0, 1_000_000) / choices.whole(1, 50_000));
      const whole = BigInt(Math.round(loss * 1e6));
      expect(microNats(loss)).to.equal(whole);
      sum += whole;
      sums.forEach((part, index) => (sums[index] = part + Number((whole >> BigInt(16 * index)) & 0xffffn)));
    }
    expect(wideTotal(sums)).to.equal(sum);
    expect((BigInt(wordOfWide(sum, 0)) << 32n) | BigInt(wordOfWide(sum, 1))).to.equal(sum);
    expect([NaN, Infinity, -Infinity, 3e38, 2 ** 44].map(microNats)).to.deep.equal(Array(5).fill(WORST_LOSS));
    expect(microNats(-1)).to.equal(0n);
    expect(wideTotal([0, 0, 0, 2 ** 20])).to.equal(WORST_LOSS);
  });

  it("take operands from earlier tensors alone, within their sizes", () => {
    const config: MeasurementConfig = { model: LAYERS, updates: 5, aggregation: "sorted", sliceBytes: 45 };
    const tape = composeMeasurement(config);
    tape.primitives.forEach((primitive, index) => {
      if (isSourceKind(primitive.kind)) return;
      for (const operand of primitive.operands) {
        expect(operand.tensor, primitive.name).to.be.lessThan(tape.state.length + index);
        const last = coordinatesOf(primitive, elementsOf(primitive) - 1);
        const [, end] = termsOf(primitive, last);
        const largestIndex = primitive.kind === "embed" || primitive.kind === "loss" ? 255 : 0;
        const farthest = operandElement(operand, last, Math.max(0, end - 1), largestIndex);
        expect(farthest, primitive.name).to.be.lessThan(tape.sizes[operand.tensor] ?? 0);
      }
    });
    expect(tape.primitives.slice(-tape.state.length).map(({ name }) => name)).to.deep.equal(tape.state);
  });

  it("have a program for each configuration", () => {
    const config: MeasurementConfig = { model: ONE_HEAD, updates: 3, aggregation: "sorted", sliceBytes: 20 };
    const others: MeasurementConfig[] = [
      config,
      { ...config, updates: 4 },
      { ...config, aggregation: "mean" },
      { ...config, sliceBytes: 21 },
      { ...config, model: { ...ONE_HEAD, context: 9 } },
    ];
    const roots = others.map((other) => encodeTape(composeMeasurement(other)).programRoot.toString("hex"));
    expect(new Set(roots).size).to.equal(others.length);
    expect(encodeTape(composeMeasurement({ ...config })).programRoot.toString("hex")).to.equal(roots[0]);
  });

  it("are named for a job by one hash of all programs and constants", () => {
    const spec: MeasuredSpec = { model: ONE_HEAD, rule: BASE, sliceBytes: 20, maxWorkers: 2 };
    const programs = measurementPrograms(spec);
    expect(programs.mean).to.have.length(2);
    expect(programs.sorted).to.deep.equal([]);
    const two = composeMeasurement({ model: ONE_HEAD, updates: 2, aggregation: "mean", sliceBytes: 20 });
    const { programRoot } = encodeTape(two);
    expect(programs.mean[1]?.program).to.deep.equal({
      root: `0x${programRoot.toString("hex")}`,
      stateTensors: two.state.length,
      operations: two.primitives.length,
    });
    const others: MeasuredSpec[] = [
      spec,
      { ...spec, sliceBytes: 21 },
      { ...spec, maxWorkers: 3 },
      { ...spec, model: { ...ONE_HEAD, context: 9 } },
      { ...spec, rule: { ...BASE, nearCopyPpm: 980_000 } },
      { ...spec, rule: { ...BASE, leastSharePpm: 0 } },
      { ...spec, rule: { ...BASE, outer: { learningRate: 0.7, momentum: 0.8 } } },
      { ...spec, rule: { ...BASE, outer: { learningRate: 0.6, momentum: 0.9 } } },
      { ...spec, rule: { ...BASE, aggregation: { kind: "median" } } },
      { ...spec, rule: { ...BASE, aggregation: { kind: "trimmed-mean", trimPpm: 1 } } },
      { ...spec, rule: { ...BASE, aggregation: { kind: "trimmed-mean", trimPpm: 2 } } },
    ];
    const hashes = others.map((other) => measurementHash(measurementPrograms(other)));
    expect(new Set(hashes).size).to.equal(others.length);
    expect(measurementHash(measurementPrograms({ ...spec }))).to.equal(hashes[0]);
  });

  it("refuse a slice without a prediction, and one whose losses 32 bits cannot add", () => {
    for (const sliceBytes of [1, 65_538, 2.5]) {
      expect(() => composeMeasurement({ model: ONE_HEAD, updates: 1, aggregation: "mean", sliceBytes })).to.throw(
        "from 2 to 65,537 bytes",
      );
    }
  });
});
