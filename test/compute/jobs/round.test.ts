import { expect } from "chai";
import { id, ZeroHash } from "ethers";
import hre from "hardhat";
import { dividePool } from "../../../src/training/jobs/payouts.ts";
import {
  deployFullJob,
  deployJobWorld,
  EVALUATORS,
  KIND,
  OUTCOME,
  STATE,
  STATUS,
  STRANGER,
  WORKERS,
  type Finding,
} from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

const ROOTS = new Map([3, 4, 5, 6].map((index) => [index, id(`update of ${String(index)}`)]));
const HONEST: Finding = { scores: [700n, 200n, -50n, 100n], aggregate: id("model 1") };
const LIE: Finding = { scores: [0n, 0n, 900n, 0n], aggregate: id("lie") };

async function fullJob() {
  return deployFullJob(connection);
}

async function scored() {
  const { world, job } = await networkHelpers.loadFixture(fullJob);
  await world.train(job, ROOTS);
  await world.revealValidation(job);
  return { world, job, drawn: await world.draw(job) };
}

/** An evaluator found this, and the time for challenges runs. */
async function standing(finding: Finding) {
  const { world, job, drawn } = await scored();
  await world.score(job, new Map(drawn.map((index) => [index, finding])));
  expect(await world.state(job)).to.equal(STATE.challenge);
  const [first] = drawn;
  if (first === undefined) throw new Error("nobody was drawn");
  return { world, job, first };
}

describe("a round that everybody plays fair", () => {
  it("pays the pool by score, at most half of it to a site, the fee to the evaluator, and returns the rest", async () => {
    const { world, job, first } = await standing(HONEST);
    const { jobs } = world;
    await world.pass(job);
    // By hand: 1,000 ticks over 700 + 200 + 100 = 1,000 points; site 3 is cut from 700 to its cap of 500.
    expect(await Promise.all([3, 4, 5, 6].map(async (index) => world.held(index)))).to.deep.equal([
      500n,
      200n,
      0n,
      100n,
    ]);
    expect(await world.held(first)).to.equal(90n);
    expect(await world.held(2)).to.equal(200n);
    const twin = dividePool({
      poolTicks: 1_000n,
      siteCapPpm: 500_000,
      updates: HONEST.scores.map((score, seat) => ({ site: seat + 3, score, update: "valid" })),
    });
    expect(twin).to.deep.equal({ paidTicks: [500n, 200n, 0n, 100n], refundTicks: 200n });
    const info = await jobs.jobInfo(job);
    expect([info.state, info.round, info.modelRoot, info.heldTicks]).to.deep.equal([
      STATE.waiting,
      1n,
      HONEST.aggregate,
      2_180n,
    ]);
    const receipt = await jobs.receipt(job);
    expect([
      receipt.roundsSettled,
      receipt.updatesPaid,
      receipt.tokens,
      receipt.steps,
      receipt.paidTicks,
    ]).to.deep.equal([1n, 3n, 12_000n, 1_500n, 800n]);
    expect([receipt.feeTicks, receipt.refundedTicks]).to.deep.equal([90n, 200n]);
    await world.expectConserved();
  });

  it("pays workers of one site no more than its cap together, the first seats first", async () => {
    const world = await deployJobWorld(connection);
    await world.provider(4, { site: 3 });
    const job = await world.post();
    await world.join(job, WORKERS, EVALUATORS);
    await world.train(job, ROOTS);
    await world.revealValidation(job);
    const drawn = await world.draw(job);
    await world.score(job, new Map(drawn.map((index) => [index, HONEST])));
    await world.pass(job);
    // 700 and 200 of 1,000 points would be 900 ticks; the site's 500 are all the first one's.
    const { paidTicks, refundTicks } = dividePool({
      poolTicks: 1_000n,
      siteCapPpm: 500_000,
      updates: HONEST.scores.map((score, seat) => ({ site: [3, 3, 5, 6][seat] ?? 0, score, update: "valid" })),
    });
    expect(paidTicks).to.deep.equal([500n, 0n, 0n, 100n]);
    expect(await Promise.all(WORKERS.map(async (index) => world.held(index)))).to.deep.equal(paidTicks);
    expect(await world.held(2)).to.equal(refundTicks);
    expect((await world.jobs.receipt(job)).updatesPaid).to.equal(2n);
    const paid = await world.jobs.queryFilter(world.jobs.filters.UpdatePaid());
    expect(paid.map(({ args }) => world.indexOf(args.worker))).to.deep.equal([3, 6]);
    await world.expectConserved();
  });

  it("reports what each update was worth against the average", async () => {
    const { world, job } = await standing(HONEST);
    await networkHelpers.time.increase(600);
    // 500,000 * 700 * 4 / 1,000 is above the most there is; a negative score counts as nothing.
    const settled = expect(world.jobs.advance(job));
    for (const [site, sample] of [
      [3, 1_000_000],
      [4, 400_000],
      [5, 0],
      [6, 200_000],
    ]) {
      await settled.to.emit(world.mock, "WorkNoted").withArgs(site, sample, 16_777_215);
    }
  });

  it("runs all rounds, gives every bond free at the end and holds nothing but what was earned", async () => {
    const { world, job } = await networkHelpers.loadFixture(fullJob);
    for (const round of [1, 2, 3]) {
      await world.train(job, new Map([...ROOTS].map(([index]) => [index, id(`${String(round)} of ${String(index)}`)])));
      await world.revealValidation(job);
      const drawn = await world.draw(job);
      const finding = { scores: HONEST.scores, aggregate: id(`model ${String(round)}`) };
      await world.score(job, new Map(drawn.map((index) => [index, finding])));
      await world.pass(job);
    }
    expect(await world.state(job)).to.equal(STATE.ended);
    for (const index of [...ROOTS.keys(), 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]) {
      expect(await world.stake(index)).to.deep.equal({ stake: 10_000n, locked: 0n });
    }
    expect(await world.jobs.totalHeld()).to.equal(3n * 1_090n);
    await world.as(3).collect(world.signer(STRANGER).address);
    expect(await world.credit.balanceOf(world.signer(STRANGER).address)).to.equal(1_500n * 10n ** 9n);
    await world.expectConserved();
  });
});

describe("copies in a round", () => {
  it("leave the root with who committed first, whoever reveals first, and earn nothing", async () => {
    const { world, job } = await networkHelpers.loadFixture(fullJob);
    const { jobs } = world;
    await jobs.open(job);
    const root = id("one update");
    for (const index of [4, 3, 5]) await world.commitUpdate(job, index, root);
    await world.pass(job);
    await world.revealUpdate(job, 3, root);
    await expect(world.as(4).revealUpdate(job, root, id("salt 4"), 1_000))
      .to.emit(jobs, "UpdateDemoted")
      .withArgs(job, 1, world.signer(3).address, STATUS.copy);
    await world.revealUpdate(job, 5, root);
    const { seats } = await jobs.roundInfo(job, 1);
    expect(seats.map(({ status }) => status)).to.deep.equal([STATUS.copy, STATUS.valid, STATUS.copy, STATUS.none]);
  });

  it("of the model or of an earlier round's update are stale", async () => {
    const { world, job } = await standing(HONEST);
    const { jobs } = world;
    await world.pass(job);
    await jobs.open(job);
    const roots = new Map([
      [3, HONEST.aggregate],
      [4, id("model 0")],
      [5, id("update of 6")],
      [6, id("something new")],
    ]);
    for (const [index, root] of roots) await world.commitUpdate(job, index, root);
    await world.pass(job);
    for (const [index, root] of roots) await world.revealUpdate(job, index, root);
    const { seats } = await jobs.roundInfo(job, 2);
    expect(seats.map(({ status }) => status)).to.deep.equal([STATUS.stale, STATUS.stale, STATUS.stale, STATUS.valid]);
  });
});

describe("who is silent in a round", () => {
  it("as a worker that committed loses a quarter of its bond and its place", async () => {
    const { world, job } = await networkHelpers.loadFixture(fullJob);
    const { jobs } = world;
    await jobs.open(job);
    for (const [index, root] of ROOTS) if (index !== 6) await world.commitUpdate(job, index, root);
    await world.pass(job);
    for (const index of [3, 4]) await world.revealUpdate(job, index, ROOTS.get(index) ?? "");
    await world.pass(job);
    expect(await world.stake(5)).to.deep.equal({ stake: 9_900n, locked: 300n });
    await world.revealValidation(job);
    const drawn = await world.draw(job);
    await world.score(job, new Map(drawn.map((index) => [index, { ...HONEST, scores: [1n, 3n, 900n, 900n] }])));
    await world.pass(job);
    // Scores of updates that nobody revealed count nothing: 250 and 750, the latter capped at 500.
    expect([await world.held(3), await world.held(4), await world.held(5), await world.held(6)]).to.deep.equal([
      250n,
      500n,
      0n,
      0n,
    ]);
    expect((await jobs.workersOf(job)).map(({ provider }) => world.indexOf(provider)).sort()).to.deep.equal([3, 4]);
    expect([await world.stake(5), await world.stake(6)]).to.deep.equal([
      { stake: 9_900n, locked: 0n },
      { stake: 10_000n, locked: 0n },
    ]);
    expect(await world.credit.balanceOf(world.signer(19).address)).to.equal(100n * 10n ** 9n);
  });

  it("loses its place alone where a quarter of its bond is less than a tick", async () => {
    const { world } = await networkHelpers.loadFixture(fullJob);
    const { jobs } = world;
    const job = await world.post({ workerBondTicks: 3n });
    await world.join(job, WORKERS, EVALUATORS);
    await jobs.open(job);
    for (const index of [3, 4]) await world.commitUpdate(job, index, ROOTS.get(index) ?? "");
    await world.pass(job);
    await world.revealUpdate(job, 3, ROOTS.get(3) ?? "");
    await world.wait(600);
    await expect(jobs.advance(job)).to.not.emit(jobs, "BondCut");
    await world.revealValidation(job);
    const drawn = await world.draw(job);
    await world.score(job, new Map(drawn.map((index) => [index, { ...HONEST, scores: [1n, 0n, 0n, 0n] }])));
    await world.pass(job);
    // Its bond of 400 for the other job is still locked.
    expect(await world.stake(4)).to.deep.equal({ stake: 10_000n, locked: 400n });
    expect((await jobs.workersOf(job)).map(({ provider }) => world.indexOf(provider))).to.deep.equal([3]);
  });

  it("as all workers gets the round's budget returned", async () => {
    const { world, job } = await networkHelpers.loadFixture(fullJob);
    await world.jobs.open(job);
    await world.pass(job);
    await world.pass(job);
    expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.void);
    expect(await world.held(2)).to.equal(1_090n);
    expect(await world.state(job)).to.equal(STATE.waiting);
  });

  it("as the requester pays the pool to the valid updates and ends the job", async () => {
    const { world, job } = await networkHelpers.loadFixture(fullJob);
    await world.train(job, new Map([...ROOTS].slice(0, 3)));
    await world.pass(job);
    expect(await Promise.all([3, 4, 5, 6].map(async (index) => world.held(index)))).to.deep.equal([
      333n,
      333n,
      333n,
      0n,
    ]);
    expect(await world.state(job)).to.equal(STATE.ended);
    expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.unvalidated);
    expect(await world.held(2)).to.equal(3n * 1_090n - 999n);
  });

  it("as an evaluator loses its bond and is replaced once; then the round is void and a tenth is paid", async () => {
    const { world, job, drawn } = await scored();
    const { jobs } = world;
    await world.pass(job);
    await world.pass(job);
    expect((await jobs.jobInfo(job)).draw).to.equal(KIND.redraw);
    const again = await world.draw(job);
    expect(again).to.have.length(1);
    expect(again).to.not.deep.equal(drawn);
    await world.pass(job);
    await world.pass(job);
    expect((await jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.void);
    for (const index of [...drawn, ...again]) {
      expect(await world.stake(index)).to.deep.equal({ stake: 9_200n, locked: 0n });
    }
    expect(await Promise.all([3, 4, 5, 6].map(async (index) => world.held(index)))).to.deep.equal([25n, 25n, 25n, 25n]);
    expect(await world.held(2)).to.equal(990n);
    expect(await world.state(job)).to.equal(STATE.waiting);
    expect(await jobs.evaluatorsOf(job)).to.have.length(8);
  });

  it("as the first evaluator leaves the round to the one drawn in its place", async () => {
    const { world, job } = await scored();
    await world.pass(job);
    await world.pass(job);
    const again = await world.draw(job);
    await world.score(job, new Map(again.map((index) => [index, HONEST])));
    await world.pass(job);
    expect(await world.held(again[0] ?? 0)).to.equal(90n);
    expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.settled);
  });
});

describe("a challenge", () => {
  it("that a panel finds right costs the evaluator its bond: half to the challenger, a quarter to the panel", async () => {
    const { world, job, first } = await standing(LIE);
    await world.as(STRANGER).challenge(job);
    expect(await world.stake(STRANGER)).to.deep.equal({ stake: 10_000n, locked: 800n });
    const panel = await world.draw(job);
    expect(panel).to.have.length(3);
    expect(panel).to.not.include(first);
    await world.score(job, new Map(panel.map((index) => [index, HONEST])));
    expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.settled);
    expect(await world.stake(first)).to.deep.equal({ stake: 9_200n, locked: 0n });
    expect(await world.stake(STRANGER)).to.deep.equal({ stake: 10_000n, locked: 0n });
    expect(await world.held(STRANGER)).to.equal(400n);
    // 90 of the fee and 200 of the bond by three, 66 and a remainder of 2 for the requester.
    for (const index of panel) expect(await world.held(index)).to.equal(30n + 66n);
    expect([await world.held(3), await world.held(2)]).to.deep.equal([500n, 202n]);
    expect(await world.credit.balanceOf(world.signer(19).address)).to.equal(200n * 10n ** 9n);
    await world.expectConserved();
  });

  it("that a panel finds wrong costs the challenger its bond, three quarters of it to those who were right", async () => {
    const { world, job, first } = await standing(HONEST);
    await world.as(STRANGER).challenge(job);
    const panel = await world.draw(job);
    await world.score(job, new Map(panel.map((index) => [index, HONEST])));
    expect(await world.stake(STRANGER)).to.deep.equal({ stake: 9_200n, locked: 0n });
    for (const index of [first, ...panel]) expect(await world.held(index)).to.equal(22n + 150n);
    expect(await world.held(2)).to.equal(202n);
    await world.expectConserved();
  });

  it("that meets a silent panel leaves the result as it stood, the challenger its bond, and the panel without", async () => {
    const { world, job, first } = await standing(HONEST);
    await world.as(STRANGER).challenge(job);
    const panel = await world.draw(job);
    await world.pass(job);
    await expect(world.jobs.advance(job))
      .to.emit(world.jobs, "ChallengeDecided")
      .withArgs(job, 1, world.signer(STRANGER).address, ZeroHash);
    expect(await world.stake(STRANGER)).to.deep.equal({ stake: 10_000n, locked: 0n });
    for (const index of panel) expect(await world.stake(index)).to.deep.equal({ stake: 9_200n, locked: 0n });
    expect([await world.held(first), await world.held(3)]).to.deep.equal([90n, 500n]);
    await world.expectConserved();
  });

  it("by an evaluator that is not drawn keeps it from the panel", async () => {
    const { world, job, first } = await standing(LIE);
    const challenger = first === 8 ? 9 : 8;
    await world.as(challenger).challenge(job);
    expect(await world.draw(job)).to.not.include(challenger);
    expect(await world.stake(challenger)).to.deep.equal({ stake: 10_000n, locked: 1_600n });
  });
});

describe("a slice that is named and not to be had", () => {
  const NOTHING: Finding = { scores: [], aggregate: ZeroHash };

  it("is what the evaluator may find: the valid updates share the pool, it has its fee, the job ends", async () => {
    const { world, job, first } = await standing(NOTHING);
    await networkHelpers.time.increase(600);
    await expect(world.jobs.advance(job)).to.not.emit(world.mock, "WorkNoted");
    expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.unvalidated);
    expect(await world.state(job)).to.equal(STATE.ended);
    for (const index of [3, 4, 5, 6]) expect(await world.held(index)).to.equal(250n);
    expect([await world.held(first), await world.held(2)]).to.deep.equal([90n, 2_180n]);
    await world.expectConserved();
  });

  it("costs an evaluator that only says so its bond, where a panel had it", async () => {
    const { world, job, first } = await standing(NOTHING);
    await world.as(STRANGER).challenge(job);
    const panel = await world.draw(job);
    await world.score(job, new Map(panel.map((index) => [index, HONEST])));
    expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.settled);
    expect((await world.stake(first)).stake).to.equal(9_200n);
  });
});

describe("scores of nothing", () => {
  it("return the pool, pay the evaluator, keep the model, and say nothing about the workers", async () => {
    const { world, job, first } = await standing({ scores: [0n, -1n, -2n, 0n], aggregate: id("model 1") });
    await networkHelpers.time.increase(600);
    await expect(world.jobs.advance(job)).to.not.emit(world.mock, "WorkNoted");
    expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.unscored);
    expect([await world.held(2), await world.held(first)]).to.deep.equal([1_000n, 90n]);
    expect((await world.jobs.jobInfo(job)).modelRoot).to.equal(id("model 0"));
  });
});
