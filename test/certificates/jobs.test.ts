import { expect } from "chai";
import hre from "hardhat";
import { encodeCertificateId } from "../../src/certificates/certificateId.ts";
import { BASE_UNITS, TERMS as JOB_TERMS } from "../compute/jobs/world.ts";
import { deployTestMarket } from "../support/testMarket.ts";
import { PROVED, trainSettledRound } from "./trainedRound.ts";
import { POLICY } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

async function trained() {
  const market = await deployTestMarket(connection);
  return { market, ...(await trainSettledRound(connection, market)) };
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
