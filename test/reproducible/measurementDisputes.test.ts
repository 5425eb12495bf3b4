import { expect } from "chai";
import hre from "hardhat";
import { encodeState } from "../../src/training/federated/encodeState.ts";
import type { GlobalState } from "../../src/training/federated/types.ts";
import type { Move } from "../../src/training/federated/measureMoves.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import { elementsOf } from "../../src/training/reproducible/primitives.ts";
import type { RoundComputation } from "../../src/training/reproducible/players/roundComputation.ts";
import { composeMeasurement } from "../../src/training/reproducible/scoring/composeMeasurement.ts";
import { inOrderOfHashes, lossOnTape } from "../../src/training/reproducible/scoring/measureOnTape.ts";
import { addressJob } from "../../src/training/reproducible/scoring/addressJob.ts";
import { measurementJob, measurementStrings } from "../../src/training/reproducible/scoring/measurementJob.ts";
import type { MeasurementTape } from "../../src/training/reproducible/scoring/measurementTypes.ts";
import { composeReadState, readStateJob } from "../../src/training/reproducible/scoring/readStateJob.ts";
import { zeroState } from "../../src/training/reproducible/scoring/stringsJob.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import { Choices } from "../differential/random.ts";
import {
  BOND,
  CHALLENGE_BOND,
  deployStringsJob,
  PAY,
  STATE,
  WINDOW,
  type Lie,
  type ReproducibleWorld,
} from "./jobsWorld.ts";
import { scoringRound, type ScoringRound } from "./scoringRound.ts";

const model = { layers: 1, width: 8, heads: 2, context: 6 };
const outer = { learningRate: 0.7, momentum: 0.9 };
/** Random disputes of each sort. */
const DISPUTES = Number(process.env.JOULEWORK_DISPUTES ?? 6);

/** Measures all updates by the median and the outer step; on a chain of its own. */
async function measuring(round: ScoringRound, state: GlobalState): Promise<[ReproducibleWorld, MeasurementTape]> {
  const updates = inOrderOfHashes(round.honest);
  const hashes = updates.map(contentAddress);
  const players = hashes.map((hash, seat) => {
    return { seats: [seat], hash, members: [hash], factor: 1 };
  });
  const move: Move = { rule: { kind: "median" }, players, present: new Set(players), step: "outer" };
  const sliceBytes = round.slice.length;
  const tape = composeMeasurement({ model, updates: updates.length, aggregation: "sorted", sliceBytes });
  const measured = { state, slice: round.slice, updates, outer };
  const job = await measurementJob(tape, measured, move, await loadFunctions());
  const strings = measurementStrings(measured, move);
  return [await deployStringsJob(await hre.network.create(), job, zeroState(tape), strings), tape];
}

describe("disputes about a measured loss", function () {
  let round: ScoringRound;
  let world: ReproducibleWorld;
  let tape: MeasurementTape;
  let honest: RoundComputation;

  before(async () => {
    round = await scoringRound(model, 30);
    await round.trainer.close();
    [world, tape] = await measuring(round, round.state);
    honest = await world.honest();
  });

  async function challenged(on: ReproducibleWorld, computation: RoundComputation) {
    const job = await on.claim(computation);
    await on.as(3).challenge(job, 0);
    const { jobs } = on;
    const dispute = (await jobs.queryFilter(jobs.filters.RoundChallenged())).at(-1)?.args.dispute ?? 0n;
    return { job, dispute };
  }

  const lossOf = async (computation: RoundComputation) => lossOnTape(tape, (await computation.step(0, 0)).tensors);

  /** One that changes the loss or where the move leads; a product is only read. */
  async function effectiveLie(
    choices: Choices,
    operation: () => number,
  ): Promise<{ lie: Lie; lying: RoundComputation }> {
    for (let attempt = 0; attempt < 50; ++attempt) {
      const named = operation();
      const primitive = tape.primitives[named];
      if (primitive === undefined) throw new Error("no such operation");
      const lie = { step: 0, operation: named, element: choices.whole(0, elementsOf(primitive) - 1), terms: 1 };
      const lying = await world.lying(lie);
      if (!lying.checkpoints.root.equals(honest.checkpoints.root)) return { lie, lying };
    }
    throw new Error("no bit of this kind changes a result");
  }

  it("are lost by an evaluator that tells one micro-nat more or less", async () => {
    const operation = tape.primitives.findIndex(({ name }) => name === "loss");
    // The low word.
    const lying = await world.lying({ step: 0, operation, element: 1, terms: 0 });
    const difference = (await lossOf(lying)) - (await lossOf(honest));
    expect([1n, -1n]).to.include(difference);
    const { job, dispute } = await challenged(world, lying);
    const { view, receipts } = await world.play(dispute, lying, honest);
    expect(view).to.include({ phase: "challengerWon", operation, element: 1 });
    expect((await world.jobs.jobInfo(job)).state).to.equal(STATE.refuted);
    expect(await world.jobs.heldFor(world.signer(3).address)).to.equal(2n * CHALLENGE_BOND);
    for (const { gasUsed } of receipts) expect(gasUsed).to.be.below(1_000_000n);
  });

  const kinds = new Set(
    composeMeasurement({ model, updates: 3, aggregation: "sorted", sliceBytes: 30 }).primitives.map(({ kind }) => kind),
  );
  // The last bit of a sum of squares is rounded away before the loss.
  for (const kind of [...kinds].filter((one) => one !== "squaredDifferences")) {
    it(`are lost by who changed one bit in an operation of the kind ${kind}`, async () => {
      const choices = new Choices(`measurement ${kind}`);
      const operations = tape.primitives.flatMap((primitive, index) => (primitive.kind === kind ? [index] : []));
      const { lie, lying } = await effectiveLie(choices, () => choices.of(operations));
      const { dispute } = await challenged(world, lying);
      const { view } = await world.play(dispute, lying, honest);
      expect(view).to.include({ phase: "challengerWon", operation: lie.operation, element: lie.element });
    });
  }

  it("are won by who measured honestly, wherever a challenger leads", async () => {
    const choices = new Choices("measurement leads");
    for (let run = 0; run < 2 * DISPUTES; ++run) {
      const { job, dispute } = await challenged(world, honest);
      const before = await world.jobs.heldFor(world.signer(2).address);
      const { view } = await world.play(dispute, honest, (children) => choices.whole(0, children - 1));
      expect(view.phase, JSON.stringify(view)).to.equal("providerWon");
      await world.pass(WINDOW + 1);
      await world.jobs.settle(job);
      const gained = (await world.jobs.heldFor(world.signer(2).address)) - before;
      expect(gained).to.equal(CHALLENGE_BOND / 2n + PAY + BOND);
    }
  });

  it("are won by who measured weights honestly whose numbers are lost, at a NaN too", async () => {
    const [lost, program] = await measuring(round, round.lost);
    const defence = await lost.honest();
    const { tensors } = await defence.step(0, 0);
    const isLost = (operation: number) => (tensors[program.state.length + operation] ?? []).some(Number.isNaN);
    const losses = program.primitives.findIndex(({ name }) => name === "loss.losses");
    expect(isLost(losses)).to.equal(true);
    const choices = new Choices("measurement NaN");
    const lostOnes = [...program.primitives.keys()].filter(isLost);
    const between = program.primitives.length - program.state.length;
    for (const operation of [losses, ...Array.from({ length: DISPUTES }, () => choices.of(lostOnes))]) {
      const { dispute } = await challenged(lost, defence);
      const { view } = await lost.play(dispute, defence, (children, at) => {
        if (at.phase === "parts") return operation < between ? 0 : 1;
        if (at.phase !== "tensors") return choices.whole(0, children - 1);
        const below = at.height - Math.min(4, at.height);
        return (Math.floor((operation % between) / 2 ** below) % 16) % 2 ** Math.min(4, at.height);
      });
      expect(view).to.include({ phase: "providerWon", operation });
    }
  });

  it("decide by which content address a text is known, too", async () => {
    const [text = new Uint8Array()] = round.honest;
    const job = await addressJob(text, await loadFunctions());
    const addressing = await deployStringsJob(await hre.network.create(), job, [new Float32Array(8)], [text]);
    const right = await addressing.honest();
    expect(`0x${right.checkpoints.root.toString("hex")}`).to.equal(contentAddress(text));
    const element = 8 * 11 + 3;
    const lying = await addressing.lying({ step: 0, operation: 0, element, terms: 0 });
    const wrong = await challenged(addressing, lying);
    const { view } = await addressing.play(wrong.dispute, lying, right);
    expect(view).to.include({ phase: "challengerWon", operation: 0, element });
    await leadsNowhere(addressing, right, "address leads");
  });

  it("decide which state a content address and its tensors are of, too", async () => {
    const { state } = round;
    const next = { ...state, round: state.round + 1, weights: state.weights.map((weight) => weight / 2) };
    const strings = [encodeState(state), encodeState(next)] as const;
    const program = composeReadState(model);
    const job = await readStateJob(model, ...strings, await loadFunctions());
    const reading = await deployStringsJob(await hre.network.create(), job, zeroState(program), strings);
    const right = await reading.honest();
    // The rounds that led there, the last word of the header.
    const operation = program.primitives.findIndex(({ name }) => name === "header.next");
    const lying = await reading.lying({ step: 0, operation, element: 7, terms: 0 });
    const { dispute } = await challenged(reading, lying);
    expect((await reading.play(dispute, lying, right)).view).to.include({
      phase: "challengerWon",
      operation,
      element: 7,
    });
    await leadsNowhere(reading, right, "state leads");
  });

  async function leadsNowhere(on: ReproducibleWorld, right: RoundComputation, label: string): Promise<void> {
    const choices = new Choices(label);
    for (let run = 0; run < DISPUTES; ++run) {
      const { dispute } = await challenged(on, right);
      const won = await on.play(dispute, right, (children) => choices.whole(0, children - 1));
      expect(won.view.phase).to.equal("providerWon");
    }
  }
});
