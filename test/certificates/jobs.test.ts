import { expect } from "chai";
import { MaxUint256, id as hashOf } from "ethers";
import hre from "hardhat";
import { leafHash, readingTree } from "../../src/market/readings.ts";
import { encodeCertificateId } from "../../src/certificates/certificateId.ts";
import { BASE_UNITS, JobWorld, STATE, TERMS as JOB_TERMS, WORKERS } from "../compute/jobs/world.ts";
import { deployTestMarket, LIMITS, TERMS, type TestMeter } from "../support/testMarket.ts";
import { POLICY } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const EVALUATING = [8, 9, 10, 11] as const;
/** What the worker took in the round's slot, and what it proved of it for the job. */
const TAKEN = 500;
const PROVED = 200;

/** A settled round of a federated job, of whose slot one worker proved energy and a producer has certificates. */
async function trained() {
  const market = await deployTestMarket(connection);
  const { providers, trainingJobs: jobs, credit, exchange, certificates } = market;
  const world = new JobWorld({
    connection,
    jobs,
    // Providers and their stake are read alike.
    mock: await connection.ethers.getContractAt("JobWorldMock", await providers.getAddress()),
    credit: await connection.ethers.getContractAt("TestPaymentToken", await credit.getAddress()),
    manager: market.manager,
    signers: market.signers,
    address: await jobs.getAddress(),
    chainId: (await connection.ethers.provider.getNetwork()).chainId,
  });
  const meters = new Map<number, TestMeter>();
  for (const index of [...WORKERS, ...EVALUATING]) {
    const owner = world.signer(index);
    const meter = await market.addMeter({ owner, kind: "consumer" });
    meters.set(index, meter);
    await providers.connect(owner).registerProvider(owner.address, meter.address, 1);
    await market.fund(owner, 10_000n);
    await credit.connect(owner).approve(providers, MaxUint256);
    await providers.connect(owner).allowLocker(jobs, true);
    await providers.connect(owner).postStake(owner.address, 10_000n);
  }
  const solar = await market.addMeter({ kind: "producer", source: "solar", owner: world.signer(12) });
  const accounts = { network: solar.owner, levy: solar.owner, fee: solar.owner, season: solar.owner };
  await exchange.connect(market.registrar).createZone(2, LIMITS, TERMS, accounts);
  const beyond = await market.addMeter({ kind: "producer", source: "wind", zone: 2, owner: solar.owner });

  await market.fund(world.requester, 5_000n);
  await credit.connect(world.requester).approve(jobs, MaxUint256);
  const job = await world.post();
  await world.join(job, WORKERS, EVALUATING);
  await world.driveTo(job, STATE.validation);
  const { openSlot } = await jobs.roundInfo(job, 1);
  const slot = Number(openSlot);
  const worker = meters.get(3);
  if (worker === undefined) throw new Error("no meter");
  await market.settleFlows(slot, [
    { meter: worker, importWh: TAKEN },
    { meter: solar, exportWh: 400 },
  ]);
  await market.settleFlows(slot, [{ meter: beyond, exportWh: 90 }], 2);
  await world.revealValidation(job);
  const drawn = await world.draw(job);
  const finding = { scores: [700n, 200n, -50n, 100n], aggregate: hashOf("model 1") };
  await world.score(job, new Map(drawn.map((index) => [index, finding])));
  const leaves = [
    { meter: worker.address, zone: 1, slot, importWh: TAKEN, exportWh: 0 },
    { meter: solar.address, zone: 1, slot, importWh: 0, exportWh: 400 },
  ] as const;
  const tree = readingTree(leaves.map((leaf) => leafHash({ ...leaf, gap: false })));
  await world.as(3).proveEnergy(job, 1, { ...leaves[0], flags: 0 }, tree.root, tree.proof(0), PROVED);

  // Without feeders both slots are flagged, and an inspector ends that.
  await networkHelpers.time.increaseTo((slot + 6) * 900);
  for (const zone of [1, 2]) {
    await exchange.close(zone, slot, []);
    await exchange.connect(market.inspector).endInspection(zone, slot, "no feeder meter yet");
  }
  const owner = certificates.connect(solar.owner);
  await owner.issue({ ...leaves[1], flags: 0 }, tree.root, tree.proof(1));
  const wind = { meter: beyond.address, zone: 2, slot, importWh: 0, exportWh: 90 };
  await owner.issue({ ...wind, flags: 0 }, leafHash({ ...wind, gap: false }), []);
  return { market, world, jobs, job, slot, certificates, owner, holder: solar.owner.address };
}

async function load() {
  const given = await networkHelpers.loadFixture(trained);
  const { owner, holder, job, slot } = given;
  const solar = encodeCertificateId({ zone: 1, slot, source: "solar" });
  const wind = encodeCertificateId({ zone: 2, slot, source: "wind" });
  const match = async (amountWh: number, choice: { id?: bigint; at?: number; policy?: number } = {}) => {
    const { id = solar, at = slot, policy = POLICY.slot } = choice;
    return owner.cancelForJob(holder, id, amountWh, job, at, policy);
  };
  return { ...given, solar, wind, match };
}

describe("certificates cancelled against a training job", () => {
  it("match what its workers proved in the slot, for its requester", async () => {
    const { certificates, jobs, job, slot, solar, world, holder, match } = await load();
    expect(await jobs.energyAt(job, slot)).to.deep.equal([world.requester.address, 1n, BigInt(PROVED)]);
    await expect(match(150))
      .to.emit(certificates, "JobMatched")
      .withArgs(job, slot, solar, 1, 150, 150, POLICY.slot)
      .and.to.emit(certificates, "CertificatesCancelled")
      .withArgs(1, solar, world.requester.address, holder, 150, "");
    await expect(match(50)).to.emit(certificates, "JobMatched").withArgs(job, slot, solar, 2, 50, 200, POLICY.slot);
    expect(await certificates.matchedAt(job, slot)).to.equal(200n);
    expect((await certificates.cancellationInfo(1)).claimedWh).to.equal(150n);
    expect((await certificates.lotInfo(solar)).cancelledWh).to.equal(200n);
  });

  it("are never more than it consumed", async () => {
    const { certificates, job, slot, match } = await load();
    await expect(match(PROVED + 1))
      .to.be.revertedWithCustomError(certificates, "NotConsumed")
      .withArgs(job, slot, PROVED + 1, PROVED);
    await match(PROVED);
    await expect(match(1)).to.be.revertedWithCustomError(certificates, "NotConsumed").withArgs(job, slot, 1, 0);
  });

  it("are of its zone, or of a neighbour that governance names", async () => {
    const { certificates, market, match, wind, slot } = await load();
    const beyond = { id: wind, policy: POLICY.neighbour };
    await expect(match(90, beyond))
      .to.be.revertedWithCustomError(certificates, "NoMatch")
      .withArgs(wind, 1, slot, POLICY.neighbour);
    await certificates.connect(market.governor).setNeighbour(1, 2, true);
    await expect(match(90, { ...beyond, policy: POLICY.hour })).to.be.revertedWithCustomError(certificates, "NoMatch");
    await match(90, beyond);
    await certificates.connect(market.governor).setNeighbour(1, 2, false);
    await expect(match(1, beyond)).to.be.revertedWithCustomError(certificates, "NoMatch");
  });

  it("are of a slot in which it consumed, and of a job that there is", async () => {
    const { certificates, match, slot, owner, holder, solar } = await load();
    await expect(match(1, { at: slot + 1, policy: POLICY.hour })).to.be.revertedWithCustomError(
      certificates,
      "NotConsumed",
    );
    await expect(owner.cancelForJob(holder, solar, 1, 99, slot, POLICY.slot)).to.be.revertedWithCustomError(
      certificates,
      "NotConsumed",
    );
  });

  it("are their holder's, and some", async () => {
    const { certificates, world, holder, solar, job, slot, match } = await load();
    await expect(match(0)).to.be.revertedWithCustomError(certificates, "BadParameter");
    await expect(
      certificates.connect(world.requester).cancelForJob(holder, solar, 1, job, slot, POLICY.slot),
    ).to.be.revertedWithCustomError(certificates, "ERC6909InsufficientAllowance");
  });

  it("leave the job's money and terms alone", async () => {
    const { jobs, job, world, match } = await load();
    const before = await jobs.totalHeld();
    await match(10);
    expect(await jobs.totalHeld()).to.equal(before);
    expect((await jobs.termsOf(job)).poolTicks).to.equal(JOB_TERMS.poolTicks);
    expect(await world.credit.balanceOf(world.address)).to.equal(before * BASE_UNITS);
  });
});
