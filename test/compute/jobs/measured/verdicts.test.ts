import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { KIND, STATE, TERMS } from "../world.ts";
import { CASES } from "./cases.ts";
import {
  AGGREGATE,
  deployMeasuredJob,
  findingOf,
  HONEST,
  MEASURING,
  RIVAL,
  type MeasuredJob,
} from "./measuredWorld.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const BOND = TERMS.evaluatorBondTicks;
const [WINDOW, CHALLENGE] = [BigInt(TERMS.scoreCommitSeconds), BigInt(TERMS.challengeSeconds)];

async function measuredJob() {
  return deployMeasuredJob(connection);
}

async function load(): Promise<MeasuredJob> {
  return networkHelpers.loadFixture(measuredJob);
}

/** The round is paid, nobody's bond is left locked but for places, and every tick is where it belongs. */
async function settle({ world, job }: MeasuredJob): Promise<void> {
  await world.pass(job);
  expect(await world.state(job)).to.equal(STATE.waiting);
  expect((await world.stake(RIVAL)).locked).to.equal(0n);
  await world.expectConserved();
}

for (const { name, part, position, lie, truth, program, dataset } of CASES) {
  describe(`tables that differ first in ${name}`, () => {
    it("are decided for an answerer that is right, by the job that follows from the table", async () => {
      const measuring = await load();
      const { world, job } = measuring;
      const [answerer = 0] = await measuring.stand(HONEST);
      await expect(measuring.challenge(RIVAL, lie)).to.emit(world.jobs, "MeasuredChallenge");
      expect(await world.state(job)).to.equal(MEASURING);
      await measuring.answer(answerer, lie, HONEST);
      const held = await world.jobs.measuredCase(job);
      expect([held.part, held.position, held.challengerProves]).to.deep.equal([part, BigInt(position), false]);

      const terms = await world.reproducible.termsOf(held.measured);
      const { root, stateTensors, operations } = program.program;
      expect([...terms.program]).to.deep.equal([root, BigInt(stateTensors), BigInt(operations)]);
      expect([terms.dataset, terms.initialState, terms.specification]).to.deep.equal([
        dataset,
        program.initialState,
        TERMS.specHash,
      ]);
      expect([terms.firstStep, terms.stride, terms.checkpoints, terms.rounds]).to.deep.equal([0n, 1n, 1n, 1n]);
      expect([terms.payTicks, terms.bondTicks, terms.challengeBondTicks]).to.deep.equal([0n, BOND, BOND]);
      expect([terms.roundSeconds, terms.clockSeconds, terms.extensionSeconds]).to.deep.equal([WINDOW, WINDOW, 75n]);
      expect(terms.windowSeconds).to.equal(CHALLENGE);

      await measuring.prove(answerer, truth);
      await measuring.expectStanding(HONEST);
      // Half of the lost bond is the answerer's, and whoever else finds the result wrong has the whole time.
      expect(await world.held(answerer)).to.equal(BOND / 2n);
      expect((await world.stake(RIVAL)).stake).to.equal(10_000n - BOND);
      expect((await world.jobs.jobInfo(job)).deadline).to.equal(BigInt(await world.now()) + CHALLENGE);
      await settle(measuring);
      expect((await world.jobs.jobInfo(job)).modelRoot).to.equal(AGGREGATE);
      expect(await world.held(answerer)).to.equal(BOND / 2n + TERMS.feeTicks);
    });

    it("are decided against an answerer whose own claim shows something else", async () => {
      const measuring = await load();
      const { world, job } = measuring;
      const [liar = 0] = await measuring.stand(lie);
      await measuring.challenge(RIVAL, HONEST);
      await measuring.answer(liar, HONEST, lie);
      const number = await measuring.claim(liar, truth.tensors);
      await measuring.endClaim(number);
      await measuring.conclude(truth);
      await measuring.expectStanding(HONEST);
      expect((await world.jobs.roundInfo(job, 1n)).rival).to.equal(world.signer(RIVAL).address);
      await settle(measuring);
      expect((await world.jobs.jobInfo(job)).modelRoot).to.equal(AGGREGATE);
      // Three quarters of the evaluator's bond, and the fee.
      expect((await world.stake(liar)).stake).to.equal(10_000n - BOND);
      expect(await world.held(RIVAL)).to.equal((BOND * 3n) / 4n + TERMS.feeTicks);
      expect((await world.stake(RIVAL)).stake).to.equal(10_000n);
    });

    it("are decided against an answerer whose claim is refuted", async () => {
      const measuring = await load();
      const { world, job } = measuring;
      const [liar = 0] = await measuring.stand(lie);
      await measuring.challenge(RIVAL, HONEST);
      await measuring.answer(liar, HONEST, lie);
      const number = await measuring.claim(liar, [...truth.tensors].reverse());
      const dispute = await world.reproducible.connect(world.signer(RIVAL)).challenge.staticCall(number, 0);
      await world.reproducible.connect(world.signer(RIVAL)).challenge(number, 0);
      await expect(world.jobs.advance(job)).to.be.revertedWithCustomError(world.jobs, "CaseOpen").withArgs(job, number);
      await world.wait(TERMS.scoreCommitSeconds + 1);
      await world.reproducible.callTime(dispute);
      await world.jobs.advance(job);
      await measuring.expectStanding(HONEST);
      await settle(measuring);
    });
  });
}

describe("an evaluators' majority that lies", () => {
  it("loses to the one that is honest: it gets its rewards, and they lose their bonds", async () => {
    const measuring = await deployMeasuredJob(connection, { evaluators: 3 });
    const { world, job } = measuring;
    const lie = { table: HONEST.table, aggregate: CASES[0]?.lie.aggregate ?? "" };
    const [first = 0, second = 0, honest = 0] = await measuring.stand(lie, lie, HONEST);
    await measuring.expectStanding(lie);
    await measuring.challenge(honest, HONEST);
    await measuring.answer(first, HONEST, lie);
    // It cannot prove its aggregate, and does not try.
    await world.pass(job);
    await measuring.expectStanding(HONEST);
    await world.pass(job);
    expect(await world.state(job)).to.equal(STATE.waiting);
    for (const liar of [first, second]) expect((await world.stake(liar)).stake).to.equal(10_000n - BOND);
    expect((await world.stake(honest)).stake).to.equal(10_000n);
    expect(await world.held(honest)).to.equal((2n * BOND * 3n) / 4n + TERMS.feeTicks);
    expect(await world.held(first)).to.equal(0n);
    await world.expectConserved();
  });
});

describe("a tie of results that are measured", () => {
  it("needs no panel: the first of them stands until somebody challenges it", async () => {
    const measuring = await deployMeasuredJob(connection, { evaluators: 3 });
    const lies = ["one", "two"].map((_, i) => ({
      table: HONEST.table,
      aggregate: `0x${"0".repeat(63)}${String(i + 1)}`,
    }));
    const [lie = HONEST, other = HONEST] = lies;
    const [, , honest = 0] = await measuring.stand(lie, other, HONEST);
    expect((await measuring.world.jobs.jobInfo(measuring.job)).draw).to.equal(KIND.first);
    await measuring.expectStanding(lie);
    await measuring.challenge(honest, HONEST);
    await measuring.world.pass(measuring.job);
    await measuring.expectStanding(HONEST);
  });
});

describe("who reveals what a rival found", () => {
  it("shares the fee with it", async () => {
    const measuring = await deployMeasuredJob(connection, { evaluators: 3 });
    const { world, job } = measuring;
    const lie = { table: HONEST.table, aggregate: CASES[0]?.lie.aggregate ?? "" };
    const [, , honest = 0] = await measuring.stand(lie, lie, HONEST);
    await measuring.challenge(RIVAL, HONEST);
    await world.pass(job);
    await world.pass(job);
    const purse = (2n * BOND * 3n) / 4n;
    expect(await world.held(RIVAL)).to.equal((purse * 2n) / 3n + purse / 6n + TERMS.feeTicks / 2n);
    expect(await world.held(honest)).to.equal(purse / 6n + TERMS.feeTicks / 2n);
    await world.expectConserved();
  });
});

describe("a result that stands", () => {
  it("names nobody as its rival where evaluators found it", async () => {
    const measuring = await load();
    await measuring.stand(HONEST);
    const { rival } = await measuring.world.jobs.roundInfo(measuring.job, 1n);
    expect(rival).to.equal(ZeroAddress);
    expect(findingOf(HONEST).scores.every((score) => score > 0n)).to.equal(true);
  });
});
