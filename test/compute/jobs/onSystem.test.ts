import { expect } from "chai";
import { id } from "ethers";
import hre from "hardhat";
import { leafHash, readingTree } from "../../../src/market/readings.ts";
import { deploySystemWorld } from "./systemWorld.ts";
import { BASE_UNITS, OUTCOME, STATE, TERMS, WORKERS, type Finding } from "./world.ts";

const connection = await hre.network.create();
const EVALUATING = [8, 9, 10, 11] as const;
const HONEST: Finding = { scores: [700n, 200n, -50n, 100n], aggregate: id("model 1") };
const LIE: Finding = { ...HONEST, aggregate: id("lie") };
const CHALLENGER = 12;

describe("a federated job on the deployed system", () => {
  it("locks and cuts real stake, pays real credits, draws real evidence and is noted by reputation", async () => {
    const { market, world, meters } = await deploySystemWorld(connection, [...WORKERS, ...EVALUATING, CHALLENGER]);
    const { providers, trainingJobs: jobs, reputation, energyQueue, credit, seasons } = market;
    const pool = await credit.balanceOf(seasons);
    const job = await world.post();
    await world.join(job, WORKERS, EVALUATING);
    await world.driveTo(job, STATE.validation);
    expect(await energyQueue.requesterWh(1, world.requester.address)).to.equal(0n);

    const { openSlot } = await jobs.roundInfo(job, 1);
    const meter = meters.get(3);
    if (meter === undefined) throw new Error("no meter");
    await market.settleFlows(Number(openSlot), [{ meter, importWh: 500 }]);
    await world.revealValidation(job);
    const [liar = 0] = await world.draw(job);
    await world.score(job, new Map([[liar, LIE]]));
    await world.as(CHALLENGER).challenge(job);
    const panel = await world.draw(job);
    await world.score(job, new Map(panel.map((index) => [index, HONEST])));

    expect((await jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.settled);
    expect(await Promise.all([3, 4, 5, 6].map(async (index) => world.held(index)))).to.deep.equal([
      500n,
      200n,
      0n,
      100n,
    ]);
    expect(await world.stake(liar)).to.deep.equal({ stake: 9_200n, locked: 0n });
    expect(await world.held(CHALLENGER)).to.equal(400n);
    expect((await credit.balanceOf(seasons)) - pool).to.equal(200n * BASE_UNITS);
    await world.expectConserved();

    const leaf = { meter: meter.address, zone: 1, slot: Number(openSlot), importWh: 500, exportWh: 0 };
    const { root } = readingTree([leafHash({ ...leaf, gap: false })]);
    await world.as(3).proveEnergy(job, 1, { ...leaf, flags: 0 }, root, [], 200);
    expect((await jobs.receipt(job)).provedWh).to.equal(200n);
    // Scarcity was none, and the expected energy was proved: neutral.
    expect(await reputation.pendingWork(meter.site)).to.deep.equal([1_000_000n, 1n, 500_000n, 1n]);

    await world.as(2).cancel(job);
    expect((await providers.providerInfo(world.signer(3).address)).lockedTicks).to.equal(0n);
    await world.as(2).collect(world.requester.address);
    expect((await jobs.termsOf(job)).specHash).to.equal(TERMS.specHash);
    await world.expectConserved();
  });
});
