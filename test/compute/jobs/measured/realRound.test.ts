import { expect } from "chai";
import { id, MaxUint256 } from "ethers";
import hre from "hardhat";
import { encodeState } from "../../../../src/training/federated/encodeState.ts";
import type { Move } from "../../../../src/training/federated/measureMoves.ts";
import { scoreFromTable, tableQuestions, type TableSeat } from "../../../../src/training/federated/scoreFromTable.ts";
import { scoreUpdates } from "../../../../src/training/federated/scoreUpdates.ts";
import type { ScoreTable } from "../../../../src/training/federated/scoreTable.ts";
import type { ScoringRule } from "../../../../src/training/federated/types.ts";
import { validationTree } from "../../../../src/training/jobs/hashes.ts";
import { bytesTree, tensorTree, type ChunkTree } from "../../../../src/training/reproducible/chunkTree.ts";
import { loadFunctions } from "../../../../src/training/reproducible/loadFunctions.ts";
import { stateAfter } from "../../../../src/training/reproducible/runStep.ts";
import { addressJob, composeMeasurement, measurementJob } from "../../../../src/training/reproducible/scoring/index.ts";
import {
  measurementHash,
  measurementPrograms,
} from "../../../../src/training/reproducible/scoring/measurementPrograms.ts";
import { readStateJob } from "../../../../src/training/reproducible/scoring/readStateJob.ts";
import type { StringsJob } from "../../../../src/training/reproducible/scoring/stringsJob.ts";
import { contentAddress } from "../../../../src/training/store/contentAddress.ts";
import { scoringRound } from "../../../reproducible/scoringRound.ts";
import { BASE_UNITS, deployJobWorld, EVALUATORS, STATE, WORKERS } from "../world.ts";
import { CREDITS, hexOf, leafOf, MeasuredJob, NO_LEAF, RIVAL, type Measured, type Showing } from "./measuredWorld.ts";
import { PART } from "./tables.ts";

const connection = await hre.network.create();
const MODEL = { layers: 1, width: 4, heads: 1, context: 6 };
const SLICE_BYTES = 75;
const RULE: ScoringRule = {
  outer: { learningRate: 0.7, momentum: 0.5 },
  aggregation: { kind: "median" },
  measure: { kind: "leave-one-out" },
  nearCopyPpm: 999_000,
  leastSharePpm: 0,
};
const PROGRAMS = measurementPrograms({ model: MODEL, rule: RULE, sliceBytes: SLICE_BYTES, maxWorkers: WORKERS.length });

/** A round of a tiny model up to the evaluators' turn, and what is true of it. */
async function realRound() {
  const { trainer, state, slice, honest, nearCopy } = await scoringRound(MODEL, SLICE_BYTES);
  const bytes = [...honest, nearCopy];
  const updates = bytes.map((one, seat) => ({ bytes: one, commitOrder: seat + 1, sizeBytes: one.length }));
  const found = await scoreUpdates({ trainer, state, updates, earlier: new Set(), slice, rule: RULE });
  const { table } = found;

  const world = await deployJobWorld(connection);
  for (const index of [...EVALUATORS, RIVAL]) {
    await world.credit.mint(world.signer(index).address, CREDITS * BASE_UNITS);
    await world.credit.connect(world.signer(index)).approve(world.reproducible, MaxUint256);
  }
  const slices = [contentAddress(slice), ...Array.from({ length: 255 }, (_, at) => id(`slice ${String(at)}`))];
  const job = await world.post({
    measurement: measurementHash(PROGRAMS),
    modelRoot: contentAddress(encodeState(state)),
    validationRoot: validationTree(slices).root,
  });
  await world.join(job, WORKERS, EVALUATORS);
  await world.jobs.open(job);
  const roots = bytes.map(contentAddress);
  const each = [...WORKERS.entries()];
  for (const [seat, index] of each) await world.commitUpdate(job, index, roots[seat] ?? "");
  await world.pass(job);
  for (const [seat, index] of each) await world.revealUpdate(job, index, roots[seat] ?? "", bytes[seat]?.length);
  await world.pass(job);
  await world.as(2).revealValidation(job, slices[0] ?? "", validationTree(slices).proof(1));
  const measuring = new MeasuredJob(world, job);
  const [evaluator = 0] = await world.draw(job);
  await measuring.score([evaluator], [{ scores: found.scores, aggregate: found.aggregateRoot }]);
  const seats = roots.map((hash): TableSeat => ({ hash, verdict: null }));
  const { taken } = scoreFromTable(table, RULE, seats);
  return { measuring, evaluator, found, taken, table, seats, state, slice, bytes };
}

type RealRound = Awaited<ReturnType<typeof realRound>>;

/** The job that a player computes for a measurement of the round. */
async function measurement({ state, slice, bytes }: RealRound, move: Move): Promise<StringsJob> {
  const aggregation = move.rule.kind === "mean" ? "mean" : "sorted";
  const tape = composeMeasurement({ model: MODEL, updates: bytes.length, aggregation, sliceBytes: SLICE_BYTES });
  const updates = [...bytes].sort((a, b) => (contentAddress(a) < contentAddress(b) ? -1 : 1));
  return measurementJob(tape, { state, slice, updates, outer: RULE.outer }, move, await loadFunctions());
}

interface RealCase {
  readonly part: bigint;
  readonly position: number;
  readonly lie: Partial<ScoreTable>;
  readonly decides: () => Promise<StringsJob>;
  /** Where a leaf has to be shown: of the products, or of a byte string. */
  readonly leaf?: (products: ChunkTree) => Showing["leaf"];
  readonly tree?: ChunkTree;
}

/** A lie in every kind of part, and the player's own job about it. */
function casesOf(round: RealRound): RealCase[] {
  const { table, seats, state, slice, bytes, found, taken } = round;
  const asked = tableQuestions(table, RULE, seats).map(({ question }) => question);
  const losses = asked.flatMap((question) => (question.kind === "loss" ? [question.move] : []));
  const whole = (kind: "products" | "squares"): Move => {
    const players = asked.flatMap((question) => (question.kind === kind ? question.players : []));
    return { rule: { kind: "mean" }, players, present: new Set(players), step: "averaging" };
  };
  const strings = { model: encodeState(state), slice, update: bytes[1] ?? slice, next: encodeState(found.next) };
  const trees = Object.fromEntries(Object.entries(strings).map(([name, string]) => [name, bytesTree(string)]));
  const ofString = (name: keyof typeof strings) => ({
    decides: async () => addressJob(strings[name], await loadFunctions()),
    leaf: () => leafOf(trees[name] ?? bytesTree(slice), Math.ceil(strings[name].length / 32) - 1),
    ...(trees[name] === undefined ? {} : { tree: trees[name] }),
  });
  const other = id("a lie");
  const flip = (list: readonly number[], at: number) => list.map((bits, place) => (place === at ? bits ^ 1 : bits));
  const ofLoss = (position: number): RealCase => ({
    ...{ part: PART.loss, position },
    lie: { losses: table.losses.map((loss, place) => (place === position ? loss + 1n : loss)) },
    decides: () => measurement(round, losses[position] ?? taken),
  });
  return [
    { part: PART.model, position: 0, lie: { model: other }, ...ofString("model") },
    { part: PART.slice, position: 0, lie: { slice: other }, ...ofString("slice") },
    {
      ...{
        part: PART.update,
        position: 1,
        lie: { updates: table.updates.map((root, at) => (at === 1 ? other : root)) },
      },
      ...ofString("update"),
    },
    {
      ...{ part: PART.product, position: 9, lie: { products: flip(table.products, 9) } },
      decides: () => measurement(round, whole("products")),
      leaf: (products) => leafOf(products, 1),
    },
    {
      ...{ part: PART.square, position: 0, lie: { squares: flip(table.squares, 0) } },
      decides: () => measurement(round, whole("squares")),
      leaf: (products) => leafOf(products, 0),
    },
    ofLoss(1),
    ofLoss(table.losses.length - 1),
    { part: PART.moved, position: 0, lie: { moved: other }, decides: () => measurement(round, taken) },
    {
      ...{ part: PART.next, position: 0, lie: { next: other }, tree: trees.next ?? bytesTree(slice) },
      decides: async () => readStateJob(MODEL, strings.model, strings.next, await loadFunctions()),
    },
  ];
}

describe("a round that was really measured", () => {
  it("has the jobs posted that players compute, and what they compute decides", async () => {
    const round = await realRound();
    const { measuring, evaluator, found, table } = round;
    const { world, job } = measuring;
    const honest: Measured = { table, aggregate: found.aggregateRoot };
    const standing = await measuring.standing();
    expect(found.scores.some((score) => score > 0n)).to.equal(true);
    expect(table.squares.length, "a near copy shares a place").to.equal(WORKERS.length - 1);
    const cases = casesOf(round);
    for (const { part, position, lie, decides, leaf, tree } of cases) {
      const rival: Measured = { table: { ...table, ...lie }, aggregate: id("another aggregate") };
      await measuring.challenge(RIVAL, rival, PROGRAMS);
      await measuring.answer(evaluator, rival, honest, PROGRAMS);
      const held = await world.jobs.measuredCase(job);
      expect([held.part, held.position]).to.deep.equal([part, BigInt(position)]);
      const posted = await world.reproducible.termsOf(held.measured);
      const { terms, computation } = await decides();
      const { program } = terms;
      expect([...posted.program], String(part)).to.deep.equal([
        hexOf(program.root),
        BigInt(program.stateTensors),
        BigInt(program.operations),
      ]);
      expect([posted.dataset, posted.initialState]).to.deep.equal([hexOf(terms.dataset), hexOf(terms.initialState)]);

      const { tensors } = await computation.step(0, 0);
      const trees = stateAfter(computation.job.tape, tensors).map(tensorTree);
      const [, products = bytesTree(new Uint8Array())] = trees;
      await measuring.prove(evaluator, {
        tensors: trees.map(({ root }) => hexOf(root)),
        leaf: leaf?.(products) ?? NO_LEAF,
        ...(tree === undefined ? {} : { tree }),
      });
      expect(await measuring.standing(), `part ${String(part)}`).to.equal(standing);
    }
    await world.pass(job);
    expect(await world.state(job)).to.equal(STATE.waiting);
    expect((await world.jobs.jobInfo(job)).modelRoot).to.equal(found.aggregateRoot);
    await world.expectConserved();
  });
});
