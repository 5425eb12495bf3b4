import { expect } from "chai";
import { id, ZeroHash } from "ethers";
import hre from "hardhat";
import { efficiencySample } from "../../../src/training/jobs/payouts.ts";
import { SLOT_SECONDS } from "../../../src/units.ts";
import { deployFullJob, meterOf, STATE, STRANGER } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const NO_SAMPLE = 16_777_215;

async function settledRound() {
  const { world, job } = await deployFullJob(connection);
  const { jobs, mock } = world;
  const grid = jobs.connect(world.signer(1));
  await grid.setCarbonIntensity(1, 400);
  await networkHelpers.time.increase(SLOT_SECONDS);
  await world.driveTo(job, STATE.challenge);
  await world.pass(job);
  const { openSlot, trainedSlot } = await jobs.roundInfo(job, 1);
  await mock.setScarcity(openSlot, -400_000);
  return { world, job, jobs, openSlot, trainedSlot };
}

function leaf(index: number, slot: bigint, importWh = 500, flags = 0) {
  return { meter: meterOf(index), zone: 1, slot, importWh, exportWh: 0, flags };
}

describe("proving a round's energy", () => {
  it("draws it as evidence, adds it to the receipt with its carbon, and reports how green and thrifty it was", async () => {
    const { world, job, jobs, openSlot } = await networkHelpers.loadFixture(settledRound);
    const worker = world.as(3);
    await expect(worker.proveEnergy(job, 1, leaf(3, openSlot), ZeroHash, [], 150))
      .to.emit(jobs, "EnergyProved")
      .withArgs(job, 1, world.signer(3).address, openSlot, 150, 150, -400_000, 60_000)
      .and.to.emit(world.mock, "Drawn")
      .withArgs(meterOf(3), openSlot, 150)
      // By hand: 500,000 + 200,000 * 150 / 200.
      .and.to.emit(world.mock, "WorkNoted")
      .withArgs(3, NO_SAMPLE, 650_000);
    // 350 are proved where 200 were expected: (500,000 + 200,000) * 200 / 350.
    await expect(worker.proveEnergy(job, 1, leaf(3, openSlot), ZeroHash, [], 200))
      .to.emit(world.mock, "WorkNoted")
      .withArgs(3, NO_SAMPLE, 400_000);
    const receipt = await jobs.receipt(job);
    expect([receipt.provedWh, receipt.co2Mg]).to.deep.equal([350n, 140_000n]);
    expect((await jobs.roundInfo(job, 1)).seats[0]?.provedWh).to.equal(350n);
    await expect(worker.proveEnergy(job, 1, leaf(3, openSlot), ZeroHash, [], 151)).to.be.revertedWithCustomError(
      world.mock,
      "EvidenceUsed",
    );
  });

  it("agrees with the twin, at every scarcity and amount", async () => {
    const { world, job, jobs, openSlot } = await networkHelpers.loadFixture(settledRound);
    let provedWh = 0n;
    for (const [scarcityPpm, energyWh] of [
      [-1_000_000n, 1n],
      [1_000_000n, 77n],
      [333_333n, 90n],
      [-3n, 300n],
      [999_999n, 1_000n],
    ] as const) {
      await world.mock.setScarcity(openSlot, scarcityPpm);
      provedWh += energyWh;
      await expect(world.as(4).proveEnergy(job, 1, leaf(4, openSlot, 9_000), ZeroHash, [], energyWh))
        .to.emit(world.mock, "WorkNoted")
        .withArgs(4, NO_SAMPLE, efficiencySample({ scarcityPpm, energyWh, provedWh, expectedWh: 200n }));
    }
    expect((await jobs.receipt(job)).provedWh).to.equal(1_468n);
  });

  it("is worth what it is at a scarcity of one, whichever way, where the exchange tells of more", async () => {
    const { world, job, openSlot } = await networkHelpers.loadFixture(settledRound);
    // By hand: 500,000 +- 500,000 * 100 / 200.
    for (const [scarcityPpm, sample] of [
      [-3_000_000n, 750_000],
      [3_000_000n, 250_000],
    ] as const) {
      await world.mock.setScarcity(openSlot, scarcityPpm);
      await expect(world.as(3).proveEnergy(job, 1, leaf(3, openSlot), ZeroHash, [], 100))
        .to.emit(world.mock, "WorkNoted")
        .withArgs(3, NO_SAMPLE, sample);
    }
  });

  it("is refused for gaps, for another meter or zone, and for slots in which the round was not open", async () => {
    const { world, job, jobs, openSlot, trainedSlot } = await networkHelpers.loadFixture(settledRound);
    const worker = world.as(3);
    await expect(worker.proveEnergy(job, 1, leaf(3, openSlot, 500, 1), ZeroHash, [], 1))
      .to.be.revertedWithCustomError(jobs, "GapReading")
      .withArgs(meterOf(3), openSlot);
    for (const reading of [
      leaf(4, openSlot),
      leaf(3, openSlot - 1n),
      leaf(3, trainedSlot + 1n),
      { ...leaf(3, openSlot), zone: 2 },
    ]) {
      await expect(worker.proveEnergy(job, 1, reading, ZeroHash, [], 1))
        .to.be.revertedWithCustomError(jobs, "ForeignReading")
        .withArgs(job, 1, reading.meter, reading.slot);
    }
  });

  it("is for workers whose update was valid, and ends two days after training", async () => {
    const { world, job, jobs, openSlot, trainedSlot } = await networkHelpers.loadFixture(settledRound);
    for (const [account, round] of [
      [STRANGER, 1],
      [3, 2],
    ] as const) {
      await expect(
        world.as(account).proveEnergy(job, round, leaf(account, openSlot), ZeroHash, [], 1),
      ).to.be.revertedWithCustomError(jobs, "EnergyClosed");
    }
    await networkHelpers.time.setNextBlockTimestamp(Number(trainedSlot + 193n) * SLOT_SECONDS - 1);
    await world.as(3).proveEnergy(job, 1, leaf(3, openSlot), ZeroHash, [], 1);
    await networkHelpers.time.setNextBlockTimestamp(Number(trainedSlot + 193n) * SLOT_SECONDS);
    await expect(world.as(3).proveEnergy(job, 1, leaf(3, openSlot), ZeroHash, [], 1)).to.be.revertedWithCustomError(
      jobs,
      "EnergyClosed",
    );
  });

  it("is not for copies", async () => {
    const { world, job } = await deployFullJob(connection);
    const { jobs } = world;
    await world.train(
      job,
      new Map([
        [3, id("same")],
        [4, id("same")],
      ]),
    );
    const { openSlot } = await jobs.roundInfo(job, 1);
    await expect(world.as(4).proveEnergy(job, 1, leaf(4, openSlot), ZeroHash, [], 1)).to.be.revertedWithCustomError(
      jobs,
      "EnergyClosed",
    );
    await world.as(3).proveEnergy(job, 1, leaf(3, openSlot), ZeroHash, [], 1);
  });
});

describe("carbon intensity", () => {
  it("holds from the next slot on, and is bounded and GRID's to set", async () => {
    const { world, jobs } = await networkHelpers.loadFixture(settledRound);
    const grid = jobs.connect(world.signer(1));
    await expect(world.as(3).setCarbonIntensity(1, 1)).to.be.revertedWithCustomError(jobs, "AccessManagedUnauthorized");
    await expect(grid.setCarbonIntensity(1, 2_001)).to.be.revertedWithCustomError(jobs, "BadTerm");
    const slot = Math.floor(((await world.now()) + 1) / SLOT_SECONDS);
    await grid.setCarbonIntensity(1, 90);
    expect(await jobs.carbonIntensityAt(1, slot)).to.equal(400n);
    expect(await jobs.carbonIntensityAt(1, slot + 1)).to.equal(90n);
    expect(await jobs.carbonIntensityAt(2, slot + 1)).to.equal(0n);
  });
});
