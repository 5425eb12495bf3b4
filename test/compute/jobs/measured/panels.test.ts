import { expect } from "chai";
import { id, ZeroAddress, ZeroHash } from "ethers";
import hre from "hardhat";
import { OUTCOME, STATE, STRANGER, TERMS, type Finding } from "../world.ts";
import { deployMeasuredJob, HONEST, RIVAL, type Measured, type MeasuredJob } from "./measuredWorld.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const BOND = TERMS.evaluatorBondTicks;
const MISSING: Finding = { scores: [], aggregate: ZeroHash };
const LIE: Measured = { table: HONEST.table, aggregate: id("a lie") };

async function measuredJob() {
  return deployMeasuredJob(connection);
}

/** The standing result was put before a panel, whose three members find these. */
async function heard(standing: Measured | Finding, panel: readonly (Measured | Finding)[]): Promise<MeasuredJob> {
  const measuring = await networkHelpers.loadFixture(measuredJob);
  const { world, job } = measuring;
  await measuring.stand(standing);
  await world.as(STRANGER).challenge(job);
  await judge(measuring, panel);
  return measuring;
}

async function judge(measuring: MeasuredJob, panel: readonly (Measured | Finding)[]): Promise<void> {
  const drawn = await measuring.world.draw(measuring.job);
  expect(drawn).to.have.length(3);
  await measuring.score(drawn.slice(0, panel.length), panel);
}

describe("a panel where results are measured", () => {
  it("that finds the slice leaves the standing result, whatever else it says", async () => {
    const measuring = await heard(HONEST, [LIE, LIE, MISSING]);
    const { world, job } = measuring;
    await measuring.expectStanding(HONEST);
    expect(await world.state(job)).to.equal(STATE.challenge);
    expect((await world.jobs.roundInfo(job, 1n)).challenger).to.equal(ZeroAddress);
    expect(await world.stake(STRANGER)).to.deep.equal({ stake: 10_000n - BOND, locked: 0n });
    await expect(world.as(STRANGER).challenge(job))
      .to.be.revertedWithCustomError(world.jobs, "PanelHeard")
      .withArgs(job, 1n);
    // All three were wrong in the end.
    await world.pass(job);
    expect((await world.jobs.roundInfo(job, 1n)).outcome).to.equal(OUTCOME.settled);
    await world.expectConserved();
  });

  it("that finds the slice has a result stand where none did, which is measured like any other", async () => {
    const measuring = await heard(MISSING, [LIE, LIE, HONEST]);
    const { world, job } = measuring;
    await measuring.expectStanding(LIE);
    expect(await world.state(job)).to.equal(STATE.challenge);
    expect(await world.stake(STRANGER)).to.deep.equal({ stake: 10_000n, locked: 0n });
    await measuring.challenge(RIVAL, HONEST);
    await world.pass(job);
    await measuring.expectStanding(HONEST);
    await world.pass(job);
    expect((await world.jobs.roundInfo(job, 1n)).outcome).to.equal(OUTCOME.settled);
    await world.expectConserved();
  });

  it("that does not find the slice ends the job as if it had not been named, and the challenger has its reward", async () => {
    const measuring = await heard(HONEST, [MISSING, MISSING, HONEST]);
    const { world, job } = measuring;
    expect(await world.state(job)).to.equal(STATE.ended);
    expect((await world.jobs.roundInfo(job, 1n)).outcome).to.equal(OUTCOME.unvalidated);
    // Two lost bonds: the evaluator's, and that of the panel's third member.
    expect(await world.held(STRANGER)).to.equal((2n * BOND * 3n * 2n) / 4n / 3n);
    expect((await world.stake(STRANGER)).locked).to.equal(0n);
    await world.expectConserved();
  });

  it("that agrees that the slice is missing ends the job, and who asked loses its bond", async () => {
    const measuring = await heard(MISSING, [MISSING, MISSING, HONEST]);
    const { world, job } = measuring;
    expect(await world.state(job)).to.equal(STATE.ended);
    expect((await world.stake(STRANGER)).stake).to.equal(10_000n - BOND);
    await world.expectConserved();
  });

  it("that comes to no decision changes nothing", async () => {
    const real = await heard(HONEST, [MISSING, HONEST]);
    await real.expectStanding(HONEST);
    expect(await real.world.state(real.job)).to.equal(STATE.challenge);
    expect(await real.world.stake(STRANGER)).to.deep.equal({ stake: 10_000n, locked: 0n });

    const missing = await heard(MISSING, []);
    expect(await missing.world.state(missing.job)).to.equal(STATE.ended);
    expect(await missing.world.stake(STRANGER)).to.deep.equal({ stake: 10_000n, locked: 0n });
    await missing.world.expectConserved();
  });

  it("fells a rival's result too, with its bond", async () => {
    const measuring = await networkHelpers.loadFixture(measuredJob);
    const { world, job } = measuring;
    await measuring.stand(LIE);
    await measuring.challenge(RIVAL, HONEST);
    await world.pass(job);
    await measuring.expectStanding(HONEST);
    await world.as(3).challenge(job);
    await judge(measuring, [MISSING, MISSING, MISSING]);
    expect(await world.state(job)).to.equal(STATE.ended);
    expect(await world.stake(RIVAL)).to.deep.equal({ stake: 10_000n - BOND, locked: 0n });
    await world.expectConserved();
  });
});
