import { expect } from "chai";
import { encodeBytes32String, ZeroAddress } from "ethers";
import hre from "hardhat";
import type { RoundComputation } from "../../src/training/reproducible/players/roundComputation.ts";
import type { ReproducibleTermsStruct } from "../../typechain-types/contracts/compute/reproducible/ReproducibleJobs.ts";
import {
  BASE_UNITS,
  BOND,
  deployReproducible,
  PAY,
  ROUNDS,
  STATE,
  WINDOW,
  type ReproducibleWorld,
} from "./jobsWorld.ts";

describe("claims of reproducible training", () => {
  let world: ReproducibleWorld;
  let first: RoundComputation;
  let second: RoundComputation;

  before(async () => {
    world = await deployReproducible(await hre.network.create());
    first = await world.honest();
    second = await world.honest(1);
  });

  const stateOf = async (job: bigint): Promise<bigint> => (await world.jobs.jobInfo(job)).state;
  const heldBy = (index: number): Promise<bigint> => world.jobs.heldFor(world.signer(index).address);

  async function posted(): Promise<bigint> {
    await world.as(1).post(world.terms);
    const { jobs } = world;
    return (await jobs.queryFilter(jobs.filters.ReproducibleJobPosted())).at(-1)?.args.job ?? 0n;
  }

  function claim(job: bigint, { checkpoints }: RoundComputation, index = 2) {
    return world.as(index).claim(job, checkpoints.root, checkpoints.leaf(1), checkpoints.proof(1));
  }

  it("are measured by the terms that were posted, which anybody can read", async () => {
    const { jobs } = world;
    const kept = await jobs.termsOf(await posted());
    const encoded = (terms: ReproducibleTermsStruct) => jobs.interface.encodeFunctionData("post", [terms]);
    expect(encoded(kept)).to.equal(encoded(world.terms));
  });

  it("are paid round by round, and the bond comes back with the last one", async () => {
    const { jobs, credit } = world;
    const job = await world.claim(first);
    await claim(job, second);
    const before = await heldBy(2);
    await world.pass(WINDOW + 1);
    await jobs.settle(job);
    expect((await heldBy(2)) - before).to.equal(PAY);
    expect(await stateOf(job)).to.equal(STATE.training);
    await expect(jobs.settle(job)).to.emit(jobs, "RoundPaid").withArgs(job, 1, world.signer(2).address, PAY);
    expect((await heldBy(2)) - before).to.equal(PAY * BigInt(ROUNDS) + BOND);
    expect(await stateOf(job)).to.equal(STATE.done);
    expect((await jobs.jobInfo(job)).heldTicks).to.equal(0n);
    await expect(world.as(2).collect(world.signer(5).address)).to.changeTokenBalance(
      world.connection.ethers,
      credit,
      world.signer(5),
      (before + PAY * BigInt(ROUNDS) + BOND) * BASE_UNITS,
    );
    await expect(world.as(2).collect(world.signer(5).address)).to.be.revertedWithCustomError(jobs, "NothingToCollect");
  });

  it("start where the claim before ended, also in a dispute", async () => {
    const { jobs } = world;
    const job = await world.claim(first);
    await claim(job, second);
    const endState = `0x${first.checkpoints.leaf(1).toString("hex")}`;
    expect((await jobs.claimInfo(job, 0)).endState).to.equal(endState);
    await world.as(3).challenge(job, 1);
    const dispute = (await jobs.queryFilter(jobs.filters.RoundChallenged())).at(-1)?.args.dispute ?? 0n;
    // The first step of the second round, and in it the first place of the text.
    const { view } = await world.play(dispute, second, () => 0);
    expect(view).to.include({ phase: "providerWon", checkpoint: 0, step: 0, operation: 0, element: 0 });
    const { stateBefore, round } = await jobs.disputeInfo(dispute);
    expect(stateBefore).to.equal(endState);
    expect(round).to.equal(1n);
  });

  it("end with a refund where no provider came, where it stops and where it is silent", async () => {
    const { jobs } = world;
    const pay = PAY * BigInt(ROUNDS);
    const cancelled = await posted();
    const before = { requester: await heldBy(1), provider: await heldBy(2), pool: await world.poolTicks() };
    await world.as(1).cancel(cancelled);
    expect(await stateOf(cancelled)).to.equal(STATE.cancelled);
    expect((await heldBy(1)) - before.requester).to.equal(pay);

    const stopped = await posted();
    await world.as(2).accept(stopped);
    await world.as(2).stop(stopped);
    expect(await stateOf(stopped)).to.equal(STATE.stopped);
    expect((await heldBy(1)) - before.requester).to.equal(2n * pay);
    expect((await heldBy(2)) - before.provider).to.equal(BOND);

    const abandoned = await posted();
    await world.as(2).accept(abandoned);
    await expect(jobs.abandon(abandoned)).to.be.revertedWithCustomError(jobs, "TimeNotOver");
    await world.pass(36_001);
    await expect(claim(abandoned, first)).to.be.revertedWithCustomError(jobs, "TimeOver");
    await jobs.abandon(abandoned);
    expect(await stateOf(abandoned)).to.equal(STATE.abandoned);
    expect((await heldBy(1)) - before.requester).to.equal(3n * pay + BOND / 2n);
    expect((await world.poolTicks()) - before.pool).to.equal(BOND - BOND / 2n);
  });

  it("hold as many credits as they owe", async () => {
    const { jobs, credit } = world;
    const open = await jobs.queryFilter(jobs.filters.ReproducibleJobPosted());
    let owed = 0n;
    for (const { args } of open) {
      const { state, heldTicks } = await jobs.jobInfo(args.job);
      owed += heldTicks + (state === STATE.training ? BOND : 0n);
    }
    for (const index of world.signers.keys()) owed += await heldBy(index);
    expect(await credit.balanceOf(jobs)).to.equal(owed * BASE_UNITS);
  });

  describe("refuse", () => {
    it("terms outside their bounds", async () => {
      const { jobs, terms } = world;
      const wrong: [Partial<ReproducibleTermsStruct>, string, bigint][] = [
        [{ stride: 0 }, "stride", 0n],
        [{ checkpoints: 0 }, "checkpoints", 0n],
        [{ rounds: 0 }, "rounds", 0n],
        [{ firstStep: 2n ** 53n }, "steps", 2n ** 53n + 12n],
        [{ payTicks: 0 }, "payTicks", 0n],
        [{ bondTicks: 1 }, "bondTicks", 1n],
        [{ challengeBondTicks: 1 }, "challengeBondTicks", 1n],
        [{ roundSeconds: 59 }, "roundSeconds", 59n],
        [{ windowSeconds: 2_592_001 }, "windowSeconds", 2_592_001n],
        [{ clockSeconds: 59 }, "clockSeconds", 59n],
        [{ extensionSeconds: 3_601 }, "extensionSeconds", 3_601n],
        [{ program: { ...terms.program, stateTensors: 0 } }, "stateTensors", 0n],
        [
          { program: { ...terms.program, operations: terms.program.stateTensors } },
          "operations",
          BigInt(terms.program.stateTensors),
        ],
      ];
      for (const [change, name, value] of wrong) {
        await expect(world.as(1).post({ ...terms, ...change }), name)
          .to.be.revertedWithCustomError(jobs, "BadReproducibleTerm")
          .withArgs(encodeBytes32String(name), value);
      }
    });

    it("verbs of others, and in another state", async () => {
      const { jobs } = world;
      const job = await posted();
      await expect(world.as(3).cancel(job)).to.be.revertedWithCustomError(jobs, "OnlyParty");
      await expect(claim(job, first)).to.be.revertedWithCustomError(jobs, "WrongJobState").withArgs(job, STATE.posted);
      await expect(world.as(3).challenge(job, 0)).to.be.revertedWithCustomError(jobs, "WrongJobState");
      await expect(jobs.settle(999)).to.be.revertedWithCustomError(jobs, "WrongJobState").withArgs(999, STATE.none);
      await world.as(2).accept(job);
      await expect(world.as(2).accept(job)).to.be.revertedWithCustomError(jobs, "WrongJobState");
      await expect(world.as(1).cancel(job)).to.be.revertedWithCustomError(jobs, "WrongJobState");
      await expect(claim(job, first, 3)).to.be.revertedWithCustomError(jobs, "OnlyParty");
      await expect(world.as(3).stop(job)).to.be.revertedWithCustomError(jobs, "OnlyParty");
      await expect(world.as(1).collect(ZeroAddress)).to.be.revertedWithCustomError(jobs, "NothingToCollect");
    });

    it("a claim without its last checkpoint, one too many, and one that is not there", async () => {
      const { jobs } = world;
      const job = await posted();
      await world.as(2).accept(job);
      const { checkpoints } = first;
      await expect(
        world.as(2).claim(job, checkpoints.root, checkpoints.leaf(0), checkpoints.proof(1)),
      ).to.be.revertedWithCustomError(jobs, "ForeignNode");
      await expect(jobs.settle(job)).to.be.revertedWithCustomError(jobs, "NoRound").withArgs(job, 0);
      await claim(job, first);
      await claim(job, second);
      await expect(claim(job, second)).to.be.revertedWithCustomError(jobs, "NoRound").withArgs(job, 2);
      await expect(world.as(3).challenge(job, 2)).to.be.revertedWithCustomError(jobs, "NoRound").withArgs(job, 2);
    });

    it("pay before the window is over or while a dispute is open, a late challenge, and to stop with a claim", async () => {
      const { jobs } = world;
      const job = await world.claim(first);
      await expect(jobs.settle(job)).to.be.revertedWithCustomError(jobs, "TimeNotOver");
      await expect(world.as(2).stop(job)).to.be.revertedWithCustomError(jobs, "RoundOpen").withArgs(job, 0);
      await world.as(3).challenge(job, 0);
      await world.pass(WINDOW + 1);
      await expect(jobs.settle(job)).to.be.revertedWithCustomError(jobs, "RoundOpen").withArgs(job, 0);
      await expect(world.as(3).challenge(job, 0)).to.be.revertedWithCustomError(jobs, "TimeOver");
      await world.pass(36_000);
      await expect(jobs.abandon(job)).to.be.revertedWithCustomError(jobs, "RoundOpen").withArgs(job, 0);
    });
  });
});
