import { expect } from "chai";
import { id, ZeroAddress, ZeroHash, encodeBytes32String } from "ethers";
import hre from "hardhat";
import { resultHash, validationLeaf, validationTree } from "../../../src/training/jobs/hashes.ts";
import {
  deployFullJob,
  deployJobWorld,
  EVALUATORS,
  saltOf,
  SLICES,
  STATE,
  STRANGER,
  TERMS,
  WORKERS,
  type JobWorld,
} from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

async function emptyWorld() {
  return deployJobWorld(connection);
}

async function fullJob() {
  return deployFullJob(connection);
}

async function at(state: bigint) {
  const { world, job } = await networkHelpers.loadFixture(fullJob);
  await world.driveTo(job, state);
  return { world, job, jobs: world.jobs };
}

/** Every verb that a state may refuse, called by somebody whom the right state would listen to. */
const VERBS: Readonly<
  Record<string, { readonly states: readonly bigint[]; call: (world: JobWorld, job: bigint) => Promise<unknown> }>
> = {
  join: { states: [STATE.waiting], call: async (world, job) => world.as(STRANGER).join(job) },
  joinEvaluators: { states: [STATE.waiting], call: async (world, job) => world.as(STRANGER).joinEvaluators(job) },
  vacate: { states: [STATE.waiting], call: async (world, job) => world.as(3).vacate(job) },
  cancel: { states: [STATE.waiting], call: async (world, job) => world.as(2).cancel(job) },
  open: { states: [STATE.waiting], call: async (world, job) => world.jobs.open(job) },
  commitUpdate: { states: [STATE.commit], call: async (world, job) => world.as(3).commitUpdate(job, id("x")) },
  revealUpdate: {
    states: [STATE.reveal],
    call: async (world, job) => world.as(3).revealUpdate(job, id("x"), id("x"), 1),
  },
  revealValidation: {
    states: [STATE.validation],
    call: async (world, job) => world.as(2).revealValidation(job, id("x"), []),
  },
  commitScores: { states: [STATE.scoreCommit], call: async (world, job) => world.as(8).commitScores(job, id("x")) },
  revealScores: {
    states: [STATE.scoreReveal],
    call: async (world, job) => world.as(8).revealScores(job, [], id("x"), id("x")),
  },
  challenge: { states: [STATE.challenge], call: async (world, job) => world.as(STRANGER).challenge(job) },
  advance: {
    states: Object.values(STATE).filter((state) => state !== STATE.none && state !== STATE.ended),
    call: async (world, job) => world.jobs.advance(job),
  },
};

describe("forbidden transitions", () => {
  for (const [name, state] of Object.entries(STATE)) {
    it(`in the state ${name} every verb of another state is refused`, async () => {
      const { world, job } = await networkHelpers.loadFixture(fullJob);
      const number = state === STATE.none ? job + 1n : job;
      if (state !== STATE.none) await world.driveTo(job, state);
      let refused = 0;
      for (const { states, call } of Object.values(VERBS)) {
        if (states.includes(state)) continue;
        await expect(call(world, number))
          .to.be.revertedWithCustomError(world.jobs, "WrongState")
          .withArgs(number, state);
        ++refused;
      }
      expect(refused).to.be.greaterThan(5);
    });
  }

  for (const name of ["commit", "validation", "scoreCommit", "waiting", "challenge"] as const) {
    it(`before the deadline of ${name} nobody moves a job on`, async () => {
      const { world, job, jobs } = await at(STATE[name]);
      const { deadline } = await jobs.jobInfo(job);
      await expect(jobs.advance(job)).to.be.revertedWithCustomError(jobs, "WindowOpen").withArgs(job, deadline);
      await networkHelpers.time.setNextBlockTimestamp(deadline - 1n);
      await expect(world.jobs.advance(job)).to.be.revertedWithCustomError(jobs, "WindowOpen");
      await networkHelpers.time.setNextBlockTimestamp(deadline);
      await world.jobs.advance(job);
    });
  }

  for (const name of ["reveal", "scoreReveal"] as const) {
    it(`while somebody may still act, nobody moves a job on in ${name}`, async () => {
      const { job, jobs } = await at(STATE[name]);
      await expect(jobs.advance(job)).to.be.revertedWithCustomError(jobs, "WindowOpen");
    });
  }

  for (const [verb, { states, call }] of Object.entries(VERBS)) {
    const [state] = states;
    if (state === undefined || ["vacate", "cancel", "advance"].includes(verb)) continue;
    it(`${verb} is refused from its state's deadline on`, async () => {
      const { world, job, jobs } = await at(state);
      const { deadline } = await jobs.jobInfo(job);
      await networkHelpers.time.increaseTo(deadline);
      await expect(call(world, job)).to.be.revertedWithCustomError(jobs, "WindowOver").withArgs(job, deadline);
    });
  }
});

describe("posting a job", () => {
  const bad: readonly (readonly [keyof typeof TERMS, readonly (number | bigint | string)[]])[] = [
    ["rounds", [0, 257]],
    ["maxWorkers", [0, 17]],
    ["minWorkers", [0, 5]],
    ["workersPerSite", [0, 5]],
    ["evaluators", [0, 2, 4, 6, 7]],
    ["siteCapPpm", [0, 1_000_001]],
    ["maxWaitSlots", [0, 2_689]],
    ["energyWh", [0]],
    ["steps", [0]],
    ["tokens", [0, 2n ** 48n]],
    ["maxUpdateBytes", [0]],
    ["poolTicks", [0]],
    ["feeTicks", [0]],
    ["workerBondTicks", [0]],
    ["evaluatorBondTicks", [0]],
    ["commitSeconds", [59, 604_801]],
    ["revealSeconds", [59, 604_801]],
    ["validationSeconds", [59, 604_801]],
    ["scoreCommitSeconds", [59, 604_801]],
    ["scoreRevealSeconds", [59, 604_801]],
    ["challengeSeconds", [59, 604_801]],
    ["specHash", [ZeroHash]],
    ["modelRoot", [ZeroHash]],
    ["validationRoot", [ZeroHash]],
  ];
  for (const [term, values] of bad) {
    it(`refuses a bad ${term}`, async () => {
      const { jobs, ...world } = await networkHelpers.loadFixture(emptyWorld);
      for (const value of values) {
        await expect(jobs.connect(world.signers[2]).post({ ...TERMS, [term]: value }))
          .to.be.revertedWithCustomError(jobs, "BadTerm")
          .withArgs(encodeBytes32String(term), value === ZeroHash ? 0 : value);
      }
    });
  }

  it("refuses a budget that no word holds, a zone that is none, and a requester without credits", async () => {
    const world = await networkHelpers.loadFixture(emptyWorld);
    const { jobs, mock, credit } = world;
    const half = 2n ** 63n;
    await expect(world.post({ rounds: 2, poolTicks: half }))
      .to.be.revertedWithCustomError(jobs, "BadTerm")
      .withArgs(encodeBytes32String("budget"), 2n * (half + TERMS.feeTicks));
    await expect(world.post({ zone: 0 })).to.be.revertedWithCustomError(mock, "BadZone");
    await expect(world.as(3).post(TERMS)).to.be.revertedWithCustomError(credit, "ERC20InsufficientAllowance");
  });

  it("escrows all rounds at once and queues the energy of all places", async () => {
    const world = await networkHelpers.loadFixture(emptyWorld);
    await expect(world.as(2).post(TERMS))
      .to.emit(world.mock, "Queued")
      .withArgs((item: string) => item.length === 66, 1, world.requester.address, 800, 3_270);
    expect(await world.jobs.totalHeld()).to.equal(3_270n);
    expect(await world.jobs.jobCount()).to.equal(1n);
    expect((await world.jobs.termsOf(1)).specHash).to.equal(TERMS.specHash);
    await world.expectConserved();
  });
});

describe("places", () => {
  it("are for providers with free stake, of the job's zone, once", async () => {
    const world = await networkHelpers.loadFixture(emptyWorld);
    const { jobs, mock } = world;
    const job = await world.post();
    await expect(world.as(7).join(job)).to.be.revertedWithCustomError(jobs, "NotPlaced");
    await expect(world.as(7).joinEvaluators(job)).to.be.revertedWithCustomError(jobs, "NotPlaced");
    await world.provider(7, { zone: 2 });
    await expect(world.as(7).join(job)).to.be.revertedWithCustomError(jobs, "SiteElsewhere").withArgs(job, 7, 2);
    await world.as(3).join(job);
    await expect(world.as(3).join(job)).to.be.revertedWithCustomError(jobs, "AlreadyPlaced");
    await expect(world.as(3).joinEvaluators(job)).to.be.revertedWithCustomError(jobs, "AlreadyPlaced");
    await expect(world.as(4).vacate(job)).to.be.revertedWithCustomError(jobs, "NotPlaced");
    const dear = await world.post({ workerBondTicks: 10_001n });
    await expect(world.as(4).join(dear)).to.be.revertedWithCustomError(mock, "StakeTooSmall");
  });

  it("of one site are bounded, and no site works on both sides", async () => {
    const world = await networkHelpers.loadFixture(emptyWorld);
    const { jobs } = world;
    const job = await world.post();
    for (const index of [5, 6, 9, 10]) await world.provider(index, { site: 5 });
    await world.provider(11, { site: 12 });
    await world.join(job, [5, 6], [12]);
    await expect(world.as(9).join(job)).to.be.revertedWithCustomError(jobs, "SiteFull").withArgs(job, 5);
    await expect(world.as(9).joinEvaluators(job)).to.be.revertedWithCustomError(jobs, "SiteFull");
    await expect(world.as(11).join(job)).to.be.revertedWithCustomError(jobs, "SiteFull").withArgs(job, 12);
    await expect(world.as(11).joinEvaluators(job)).to.be.revertedWithCustomError(jobs, "SiteFull");
    await world.as(5).vacate(job);
    await world.as(9).join(job);
  });

  it("go to a higher rank, from the lowest, the latest of equals; an equal rank gets none", async () => {
    const world = await networkHelpers.loadFixture(emptyWorld);
    const { jobs } = world;
    const job = await world.post();
    for (const [index, rank] of [
      [3, 50],
      [4, 20],
      [5, 20],
      [6, 90],
      [7, 20],
    ] as const) {
      await world.provider(index, { rank });
    }
    await world.join(job, WORKERS, []);
    await expect(world.as(7).join(job)).to.be.revertedWithCustomError(jobs, "NoPlace").withArgs(job, 20, 20);
    await world.provider(7, { rank: 21 });
    await expect(world.as(7).join(job))
      .to.emit(jobs, "PlaceLeft")
      .withArgs(job, world.signer(5).address, false, TERMS.workerBondTicks);
    expect(await world.stake(5)).to.deep.equal({ stake: 10_000n, locked: 0n });
    expect((await jobs.workersOf(job)).map(({ provider }) => world.indexOf(provider))).to.deep.equal([3, 4, 7, 6]);
  });
});

describe("opening a round", () => {
  it("needs the workers, twice the evaluators and two, and a slot that meets the policy", async () => {
    const world = await networkHelpers.loadFixture(emptyWorld);
    const { jobs, mock } = world;
    const job = await world.post();
    await world.join(job, [3], EVALUATORS);
    await expect(jobs.open(job)).to.be.revertedWithCustomError(jobs, "TooFewPlaces").withArgs(job, 1, 10);
    const other = await world.post();
    await world.join(other, [4, 5], [8, 9, 10]);
    await expect(jobs.open(other)).to.be.revertedWithCustomError(jobs, "TooFewPlaces").withArgs(other, 2, 3);
    await world.as(11).joinEvaluators(other);
    await mock.setTariff(300_001, 0);
    await expect(jobs.open(other)).to.be.revertedWithCustomError(jobs, "PolicyUnmet");
    await mock.setTariff(300_000, 100_001);
    await expect(jobs.open(other)).to.be.revertedWithCustomError(jobs, "PolicyUnmet");
    await mock.setTariff(300_000, 100_000);
    await expect(jobs.open(other))
      .to.emit(mock, "Queued")
      .withArgs((item: string) => item.length === 66, 1, world.requester.address, 0, 3_270);
  });
});

describe("committing and revealing an update", () => {
  it("is for seated workers, once, and never changes", async () => {
    const { world, job, jobs } = await at(STATE.commit);
    await expect(world.as(STRANGER).commitUpdate(job, id("x"))).to.be.revertedWithCustomError(jobs, "NotSeated");
    await expect(world.as(3).commitUpdate(job, ZeroHash)).to.be.revertedWithCustomError(jobs, "BadTerm");
    await world.commitUpdate(job, 3, id("a"));
    const before = (await jobs.roundInfo(job, 1)).seats[0]?.commitment;
    await expect(world.commitUpdate(job, 3, id("b"))).to.be.revertedWithCustomError(jobs, "AlreadyCommitted");
    await world.pass(job);
    await expect(world.as(4).revealUpdate(job, id("a"), saltOf(4), 1)).to.be.revertedWithCustomError(
      jobs,
      "CommitmentMismatch",
    );
    await expect(world.as(3).revealUpdate(job, id("b"), saltOf(3), 1)).to.be.revertedWithCustomError(
      jobs,
      "CommitmentMismatch",
    );
    for (const size of [0, 1_000_001]) {
      await expect(world.as(3).revealUpdate(job, id("a"), saltOf(3), size))
        .to.be.revertedWithCustomError(jobs, "UpdateSize")
        .withArgs(size, 1_000_000);
    }
    await world.revealUpdate(job, 3, id("a"));
    await expect(world.revealUpdate(job, 3, id("a"))).to.be.revertedWithCustomError(jobs, "CommitmentMismatch");
    expect((await jobs.roundInfo(job, 1)).seats[0]?.commitment).to.equal(before);
    expect(await jobs.updateCommitment(job, 1, world.signer(3).address, id("a"), saltOf(3))).to.equal(before);
  });
});

describe("naming the validation slice", () => {
  it("is for the requester, and only the round's slice counts", async () => {
    const { world, job, jobs } = await at(STATE.validation);
    const tree = validationTree(SLICES);
    expect(await jobs.validationLeaf(1, SLICES[0] ?? "")).to.equal(validationLeaf(1n, SLICES[0] ?? ""));
    await expect(world.as(3).revealValidation(job, SLICES[0] ?? "", tree.proof(1))).to.be.revertedWithCustomError(
      jobs,
      "NotRequester",
    );
    await expect(world.as(2).revealValidation(job, SLICES[1] ?? "", tree.proof(2)))
      .to.be.revertedWithCustomError(jobs, "ForeignSlice")
      .withArgs(job, 1, SLICES[1]);
    await world.revealValidation(job);
    expect((await jobs.roundInfo(job, 1)).validation).to.equal(SLICES[0]);
  });

  it("is for the requester, as cancelling is", async () => {
    const { world, job, jobs } = await at(STATE.waiting);
    await expect(world.as(3).cancel(job)).to.be.revertedWithCustomError(jobs, "NotRequester");
  });
});

describe("drawing and scoring", () => {
  it("a draw waits for its block, and takes a later one where that is out of reach", async () => {
    const { world, job, jobs } = await at(STATE.draw);
    const { drawBlock } = await jobs.jobInfo(job);
    await expect(jobs.advance(job)).to.be.revertedWithCustomError(jobs, "DrawPending").withArgs(job, drawBlock);
    await world.mine(258);
    await expect(jobs.advance(job)).to.emit(jobs, "DrawArmed");
    expect(await world.state(job)).to.equal(STATE.draw);
    expect((await jobs.jobInfo(job)).drawBlock).to.be.greaterThan(drawBlock + 256n);
    await world.draw(job);
  });

  it("a commitment is for who was drawn, once, and must be opened as it is", async () => {
    const { world, job, jobs } = await at(STATE.scoreCommit);
    const [drawn = 0] = await world.drawn(job);
    const other = drawn === 8 ? 9 : 8;
    const scores = [1n, 2n, 3n, 4n];
    const result = resultHash({ job, round: 1n }, scores, id("m"));
    const commitment = await world.commitment(job, drawn, result, saltOf(drawn));
    await expect(world.as(other).commitScores(job, commitment)).to.be.revertedWithCustomError(jobs, "NotSeated");
    await expect(world.as(drawn).commitScores(job, ZeroHash)).to.be.revertedWithCustomError(jobs, "BadTerm");
    await world.as(drawn).commitScores(job, commitment);
    await expect(world.as(drawn).commitScores(job, id("x"))).to.be.revertedWithCustomError(jobs, "AlreadyCommitted");
    expect(await jobs.scoreCommitment(job, 1, world.signer(drawn).address, result, saltOf(drawn))).to.equal(commitment);
    expect(await jobs.resultHash(job, 1, scores, id("m"))).to.equal(result);
    await world.pass(job);
    const evaluator = world.as(drawn);
    await expect(evaluator.revealScores(job, [1n], id("m"), saltOf(drawn)))
      .to.be.revertedWithCustomError(jobs, "ScoreCount")
      .withArgs(1, 4);
    await expect(evaluator.revealScores(job, scores, ZeroHash, saltOf(drawn)))
      .to.be.revertedWithCustomError(jobs, "ScoreCount")
      .withArgs(4, 0);
    await expect(evaluator.revealScores(job, scores, id("n"), saltOf(drawn))).to.be.revertedWithCustomError(
      jobs,
      "CommitmentMismatch",
    );
    await evaluator.revealScores(job, scores, id("m"), saltOf(drawn));
    await expect(evaluator.revealScores(job, scores, id("m"), saltOf(drawn))).to.be.revertedWithCustomError(
      jobs,
      "CommitmentMismatch",
    );
    expect(await jobs.resultInfo(job, 1, result)).to.deep.equal([scores, id("m")]);
  });

  it("a challenge needs stake, and finds a judge whoever stayed away before", async () => {
    const { world, job, jobs } = await at(STATE.challenge);
    await expect(world.as(7).challenge(job)).to.be.revertedWithCustomError(world.mock, "UnknownProvider");
    const small = await world.post();
    await world.join(small, WORKERS, [8, 9, 10, 11]);
    await world.driveTo(small, STATE.scoreCommit);
    await world.pass(small);
    await world.pass(small);
    const [redrawn = 0] = await world.draw(small);
    await world.score(small, new Map([[redrawn, { scores: [1n, 1n, 1n, 1n], aggregate: id("m") }]]));
    const left = (await jobs.evaluatorsOf(small)).map(({ provider }) => world.indexOf(provider));
    const [challenger = 0, judge = 0, ...others] = left.filter((index) => index !== redrawn);
    expect(others).to.deep.equal([]);
    await world.as(challenger).challenge(small);
    expect(await world.draw(small)).to.deep.equal([judge]);
  });
});

describe("collecting", () => {
  it("pays what is held, once, and not to nobody", async () => {
    const { world, job, jobs } = await at(STATE.challenge);
    await expect(world.as(3).collect(world.signer(3).address))
      .to.be.revertedWithCustomError(jobs, "NothingHeld")
      .withArgs(world.signer(3).address);
    await world.pass(job);
    await expect(world.as(3).collect(ZeroAddress)).to.be.revertedWithCustomError(jobs, "BadTerm");
    await expect(world.as(3).collect(world.signer(3).address))
      .to.emit(jobs, "Collected")
      .withArgs(world.signer(3).address, world.signer(3).address, 500);
    await expect(world.as(3).collect(world.signer(3).address)).to.be.revertedWithCustomError(jobs, "NothingHeld");
    await world.expectConserved();
  });
});

describe("contracts that refuse", () => {
  it("keep no job from its end, nor anybody from what it earned", async () => {
    const { world, job, jobs } = await at(STATE.challenge);
    await world.mock.setClosed(true);
    await networkHelpers.time.increase(600);
    await expect(jobs.advance(job)).to.emit(jobs, "CallRefused");
    expect([await world.held(3), await world.held(4)]).to.deep.equal([500n, 200n]);
    await world.pass(job);
    expect(await world.state(job)).to.equal(STATE.ended);
    expect((await jobs.jobInfo(job)).heldTicks).to.equal(0n);
    await world.expectConserved();
  });

  it("are not made to refuse by a caller that gives little gas", async () => {
    const { world, job, jobs } = await at(STATE.challenge);
    await networkHelpers.time.increase(600);
    await expect(jobs.advance(job, { gasLimit: 500_000 })).to.be.revertedWithCustomError(jobs, "GasTooLow");
    await world.jobs.advance(job);
    expect(await world.state(job)).to.equal(STATE.waiting);
  });
});
