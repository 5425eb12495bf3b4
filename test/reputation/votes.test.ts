import { expect } from "chai";
import hre from "hardhat";
import { DAY_SECONDS, deployReputationBench, FIRST_DAY } from "./bench.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const METER = ethers.getAddress(`0x${"a1".repeat(20)}`);
const SECOND = ethers.getAddress(`0x${"a2".repeat(20)}`);

async function deployed() {
  return deployReputationBench(connection);
}

async function load() {
  const bench = await networkHelpers.loadFixture(deployed);
  const [ann, bob, cho] = bench.owners;
  if (ann === undefined || bob === undefined || cho === undefined) throw new Error("too few accounts");
  const votes = async () => {
    const [a, b, c] = await Promise.all([ann, bob, cho].map(({ address }) => bench.reputation.getVotes(address)));
    return [a, b, c].map(Number);
  };
  return { ...bench, ann, bob, cho, votes };
}

describe("votes of sites", () => {
  it("follow the score at every sync, and add up over an owner's sites", async () => {
    const { reputation, setSite, sync, ann, votes } = await load();
    await setSite(1, ann.address, [{ meter: METER, reliability: 4095 }]);
    await setSite(2, ann.address, [{ meter: SECOND }]);
    await sync(1, FIRST_DAY);
    expect(await votes()).to.deep.equal([562_500, 0, 0]);
    await sync(2, FIRST_DAY + 1);
    expect(await votes()).to.deep.equal([1_062_500, 0, 0]);
    await sync(1, FIRST_DAY + 2);
    // Two days after the first sync: 125,000 x 0.840896 = 105,112; half of it is in the score.
    expect(await votes()).to.deep.equal([1_052_556, 0, 0]);
    expect(await reputation.votingUnits(ann.address)).to.equal(1_052_556n);
    expect(await reputation.votingSites()).to.equal(2n);
  });

  it("move to the new owner at the next sync after a transfer, and to nobody before", async () => {
    const { reputation, setSite, sync, ann, bob, votes } = await load();
    await setSite(1, ann.address, [{ meter: METER }]);
    await sync(1, FIRST_DAY);
    await setSite(1, bob.address, [{ meter: METER }]);
    expect(await votes()).to.deep.equal([500_000, 0, 0]);
    await expect(reputation.sync(1)).to.be.revertedWithCustomError(reputation, "AlreadySynced").withArgs(1, FIRST_DAY);
    await sync(1, FIRST_DAY + 1);
    expect(await votes()).to.deep.equal([0, 500_000, 0]);
    expect(await reputation.votingSites()).to.equal(1n);
    await networkHelpers.mine();
    const now = await networkHelpers.time.latest();
    expect(await reputation.getPastTotalSupply(now - 1)).to.equal(500_000n);
  });

  it("end when a site has no active meter left, and come back with one", async () => {
    const { reputation, setSite, sync, ann, votes } = await load();
    await setSite(1, ann.address, [{ meter: METER }]);
    await sync(1, FIRST_DAY);
    await setSite(1, ann.address, [{ meter: METER, status: "suspended" }]);
    await sync(1, FIRST_DAY + 1);
    expect(await votes()).to.deep.equal([0, 0, 0]);
    expect(await reputation.votingSites()).to.equal(0n);
    await setSite(1, ann.address, [{ meter: METER }]);
    await sync(1, FIRST_DAY + 2);
    expect(await votes()).to.deep.equal([500_000, 0, 0]);
    expect(await reputation.votingSites()).to.equal(1n);
  });

  it("are not given to a feeder's site", async () => {
    const { reputation, setSite, sync, ann, votes } = await load();
    await setSite(1, ann.address, [{ meter: METER, kind: "feeder" }]);
    await sync(1, FIRST_DAY);
    expect(await votes()).to.deep.equal([0, 0, 0]);
    expect(await reputation.votingSites()).to.equal(0n);
    expect(await reputation.delegates(ann.address)).to.equal(ethers.ZeroAddress);
  });

  it("are the owner's own until it delegates them, and follow the delegate from then on", async () => {
    const { reputation, setSite, sync, ann, bob, votes } = await load();
    await setSite(1, ann.address, [{ meter: METER }]);
    await setSite(2, bob.address, [{ meter: SECOND }]);
    await sync(1, FIRST_DAY);
    expect(await reputation.delegates(ann.address)).to.equal(ann.address);
    await sync(2, FIRST_DAY + 1);
    await reputation.connect(ann).delegate(bob.address);
    expect(await votes()).to.deep.equal([0, 1_000_000, 0]);
    await setSite(1, ann.address, [{ meter: METER, reliability: 4095 }]);
    await sync(1, FIRST_DAY + 2);
    expect(await votes()).to.deep.equal([0, 1_062_500, 0]);
    await reputation.connect(ann).delegate(ann.address);
    expect(await votes()).to.deep.equal([562_500, 500_000, 0]);
  });

  it("keep a delegate that was chosen before the first sync", async () => {
    const { reputation, setSite, sync, ann, cho, votes } = await load();
    await reputation.connect(ann).delegate(cho.address);
    await setSite(1, ann.address, [{ meter: METER }]);
    await sync(1, FIRST_DAY);
    expect(await votes()).to.deep.equal([0, 0, 500_000]);
  });

  it("may be delegated by a signature, once", async () => {
    const { reputation, setSite, sync, ann, cho, votes } = await load();
    await setSite(1, ann.address, [{ meter: METER }]);
    await sync(1, FIRST_DAY);
    const { name, version, chainId, verifyingContract } = await reputation.eip712Domain();
    const expiry = 2n ** 40n;
    const signature = ethers.Signature.from(
      await ann.signTypedData(
        { name, version, chainId, verifyingContract },
        {
          Delegation: [
            { name: "delegatee", type: "address" },
            { name: "nonce", type: "uint256" },
            { name: "expiry", type: "uint256" },
          ],
        },
        { delegatee: cho.address, nonce: 0, expiry },
      ),
    );
    const call = [cho.address, 0, expiry, signature.v, signature.r, signature.s] as const;
    await reputation.delegateBySig(...call);
    expect(await votes()).to.deep.equal([0, 0, 500_000]);
    await expect(reputation.delegateBySig(...call)).to.be.revertedWithCustomError(reputation, "InvalidAccountNonce");
  });

  it("are remembered by time, so that what is synced later changes no earlier vote", async () => {
    const { reputation, setSite, sync, ann, bob } = await load();
    await setSite(1, ann.address, [{ meter: METER }]);
    await sync(1, FIRST_DAY);
    const first = FIRST_DAY * DAY_SECONDS + DAY_SECONDS / 2;
    await setSite(1, bob.address, [{ meter: METER, reliability: 4095 }]);
    await sync(1, FIRST_DAY + 1);
    await networkHelpers.time.increase(1);
    for (const [time, annVotes, bobVotes, all] of [
      [first - 1, 0n, 0n, 0n],
      [first, 500_000n, 0n, 500_000n],
      [first + DAY_SECONDS - 1, 500_000n, 0n, 500_000n],
      [first + DAY_SECONDS, 0n, 562_500n, 562_500n],
    ] as const) {
      expect(await reputation.getPastVotes(ann.address, time)).to.equal(annVotes);
      expect(await reputation.getPastVotes(bob.address, time)).to.equal(bobVotes);
      expect(await reputation.getPastTotalSupply(time)).to.equal(all);
    }
    expect(await reputation.CLOCK_MODE()).to.equal("mode=timestamp");
    await expect(reputation.getPastVotes(ann.address, first + 100 * DAY_SECONDS)).to.be.revertedWithCustomError(
      reputation,
      "ERC5805FutureLookup",
    );
  });
});
