import { expect } from "chai";
import { encodeBytes32String, ZeroAddress } from "ethers";
import hre from "hardhat";
import { deployCertificateWorld, POLICY, S } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
/** What a browser, a shell and a database would stumble over. */
const HOSTILE = `"><script>alert(1)</script>'; DROP TABLE certificates; -- \u0000\u202e$(id)`;

/** 500 Wh of solar certificates of S; the home took 300 Wh in S and 200 in S + 1, which is of the same hour. */
async function issued() {
  const world = await deployCertificateWorld(connection);
  const first = await world.settle(S, { solar: { exportWh: 500 }, home: { importWh: 300 } });
  const second = await world.settle(S + 1, { home: { importWh: 200 } });
  await world.issue("solar", first.solar);
  return { world, first, second };
}

async function load() {
  const { world, first, second } = await networkHelpers.loadFixture(issued);
  const { certificates, market } = world;
  const id = world.id(S);
  const solar = world.owner("solar").address;
  const home = world.owner("home").address;
  return {
    world,
    first,
    second,
    certificates,
    market,
    id,
    solar,
    home,
    cancel: async (amountWh: number | bigint, beneficiary = home, purpose = "tenants of June") =>
      world.as("solar").cancel(solar, id, amountWh, beneficiary, purpose),
    claim: async (amountWh: number, proved = first.home, policy: number = POLICY.slot, cancellation = 1) =>
      world.as("home").claim(cancellation, proved.leaf, proved.root, proved.proof, amountWh, policy),
    governor: certificates.connect(market.governor),
    inspector: certificates.connect(market.inspector),
  };
}

describe("certificates", () => {
  describe("transferred", () => {
    it("move by their holder, its operator, and within an allowance", async () => {
      const { world, certificates, id, solar, home } = await load();
      await world.as("solar").transfer(home, id, 100);
      await world.as("solar").approve(home, id, 50);
      await world.as("home").transferFrom(solar, home, id, 50);
      await expect(world.as("home").transferFrom(solar, home, id, 1)).to.be.revertedWithCustomError(
        certificates,
        "ERC6909InsufficientAllowance",
      );
      await world.as("solar").setOperator(home, true);
      await world.as("home").transferFrom(solar, home, id, 350);
      await expect(world.as("solar").transfer(home, id, 1)).to.be.revertedWithCustomError(
        certificates,
        "ERC6909InsufficientBalance",
      );
      expect(await certificates.balanceOf(home, id)).to.equal(500n);
    });
  });

  describe("cancelled", () => {
    it("leave the world for a beneficiary and a purpose, whatever is written there", async () => {
      const { world, certificates, id, solar, home, cancel } = await load();
      await expect(cancel(120, home, HOSTILE))
        .to.emit(certificates, "CertificatesCancelled")
        .withArgs(1, id, home, solar, 120, HOSTILE)
        .and.to.emit(certificates, "Transfer")
        .withArgs(solar, solar, ZeroAddress, id, 120);
      const held = await certificates.cancellationInfo(1);
      expect([held.beneficiary, held.amountWh, held.claimedWh, held.id]).to.deep.equal([home, 120n, 0n, id]);
      const lot = await certificates.lotInfo(id);
      expect([lot.issuedWh, lot.cancelledWh, await certificates.balanceOf(solar, id)])
        .to.deep //
        .equal([500n, 120n, 380n]);
      expect(world.certificates).to.equal(certificates);
    });

    it("by whoever has the holder's allowance, and nobody else", async () => {
      const { world, certificates, id, solar, home } = await load();
      const cancel = async () => world.as("home").cancel(solar, id, 10, home, "");
      await expect(cancel()).to.be.revertedWithCustomError(certificates, "ERC6909InsufficientAllowance");
      await world.as("solar").approve(home, id, 15);
      await cancel();
      await expect(cancel()).to.be.revertedWithCustomError(certificates, "ERC6909InsufficientAllowance");
    });

    it("refuse nothing, nobody, too much and a purpose that does not fit", async () => {
      const { certificates, cancel } = await load();
      await expect(cancel(0))
        .to.be.revertedWithCustomError(certificates, "BadParameter")
        .withArgs(encodeBytes32String("amountWh"), 0);
      await expect(cancel(1, ZeroAddress))
        .to.be.revertedWithCustomError(certificates, "BadParameter")
        .withArgs(encodeBytes32String("beneficiary"), 0);
      await expect(cancel(501)).to.be.revertedWithCustomError(certificates, "ERC6909InsufficientBalance");
      await expect(cancel(2n ** 64n + 1n)).to.be.revertedWithCustomError(certificates, "ERC6909InsufficientBalance");
      await cancel(1, undefined, "é".repeat(128));
      await expect(cancel(1, undefined, `${"é".repeat(128)}.`))
        .to.be.revertedWithCustomError(certificates, "PurposeTooLong")
        .withArgs(257);
    });
  });

  describe("claimed", () => {
    it("by the beneficiary for what its meter took, once", async () => {
      const { certificates, market, world, cancel, claim } = await load();
      await cancel(400);
      await expect(claim(250))
        .to.emit(certificates, "CancellationClaimed")
        .withArgs(1, world.meters.home.address, S, 250, POLICY.slot);
      await expect(claim(51))
        .to.be.revertedWithCustomError(market.exchange, "EvidenceUsed")
        .withArgs(world.meters.home.address, S, 51, 50);
      await claim(50);
      expect((await certificates.cancellationInfo(1)).claimedWh).to.equal(300n);
    });

    it("of the same hour where the policy says so", async () => {
      const { certificates, claim, cancel, second, id } = await load();
      await cancel(400);
      await expect(claim(10, second.home))
        .to.be.revertedWithCustomError(certificates, "NoMatch")
        .withArgs(id, 1, S + 1, POLICY.slot);
      await claim(10, second.home, POLICY.hour);
    });

    it("not of the next hour", async () => {
      const { world, certificates, claim, cancel } = await load();
      await cancel(400);
      await world.settle(S + 2, {});
      await world.settle(S + 3, {});
      const { home } = await world.settle(S + 4, { home: { importWh: 70 } });
      await expect(claim(10, home, POLICY.neighbour)).to.be.revertedWithCustomError(certificates, "NoMatch");
    });

    it("not beyond the cancellation, for gap readings, by others, or with others' meters", async () => {
      const { world, certificates, claim, cancel, first, home } = await load();
      await cancel(20);
      await expect(claim(21)).to.be.revertedWithCustomError(certificates, "NotCancelled").withArgs(1, 21, 20);
      await expect(claim(1, { ...first.home, leaf: { ...first.home.leaf, flags: 1 } })).to.be.revertedWithCustomError(
        certificates,
        "GapReading",
      );
      await expect(claim(1, first.roof)).to.be.revertedWithCustomError(certificates, "NotEntitled").withArgs(home);
      await expect(claim(1, first.home, POLICY.slot, 2)).to.be.revertedWithCustomError(certificates, "NotEntitled");
      const { leaf, root, proof } = first.home;
      await expect(world.as("solar").claim(1, leaf, root, proof, 1, POLICY.slot)).to.be.revertedWithCustomError(
        certificates,
        "NotEntitled",
      );
    });
  });

  describe("expire", () => {
    it("after a lifetime that was set when they were produced", async () => {
      const { world, certificates, market, governor, id, home, cancel } = await load();
      expect(await certificates.expiresAfter(id)).to.equal(BigInt(S + 35_040));
      await market.at(S + 4);
      await expect(governor.setLifetime(2_880))
        .to.emit(certificates, "LifetimeSet")
        .withArgs(S + 5, 2_880);
      expect(await certificates.expiresAfter(id)).to.equal(BigInt(S + 35_040));
      expect(await certificates.expiresAfter(world.id(S + 5))).to.equal(BigInt(S + 5 + 2_880));
      await market.mineAt(S + 35_041, -2);
      await cancel(1);
      await market.mineAt(S + 35_041);
      await expect(cancel(1))
        .to.be.revertedWithCustomError(certificates, "CertificateExpired")
        .withArgs(id, S + 35_040);
      await expect(world.as("solar").transfer(home, id, 1)).to.be.revertedWithCustomError(
        certificates,
        "CertificateExpired",
      );
    });

    it("within bounds that nobody can change", async () => {
      const { certificates, governor, inspector } = await load();
      for (const slots of [2_879, 70_081]) {
        await expect(governor.setLifetime(slots))
          .to.be.revertedWithCustomError(certificates, "BadParameter")
          .withArgs(encodeBytes32String("lifetimeSlots"), slots);
      }
      await expect(inspector.setLifetime(2_880)).to.be.revertedWithCustomError(
        certificates,
        "AccessManagedUnauthorized",
      );
    });
  });

  describe("suspended", () => {
    it("by an inspector stand still for nine days, once", async () => {
      const { world, certificates, market, inspector, id, home, cancel } = await load();
      await market.at(S + 4);
      await expect(inspector.suspend(id))
        .to.emit(certificates, "CertificatesSuspended")
        .withArgs(id, S + 4 + 864, market.inspector.address);
      await expect(cancel(1))
        .to.be.revertedWithCustomError(certificates, "CertificateSuspended")
        .withArgs(id, S + 868);
      await expect(world.as("solar").transfer(home, id, 1)).to.be.revertedWithCustomError(
        certificates,
        "CertificateSuspended",
      );
      await expect(inspector.suspend(id)).to.be.revertedWithCustomError(certificates, "SuspendedBefore").withArgs(id);
      await market.mineAt(S + 869);
      await cancel(1);
    });

    it("by governance for at most 30 days at a time, which it may end", async () => {
      const { certificates, market, governor, inspector, id, cancel } = await load();
      await market.at(S + 4);
      await expect(governor.setSuspension(id, S + 4 + 2_881)).to.be.revertedWithCustomError(
        certificates,
        "BadParameter",
      );
      await governor.setSuspension(id, S + 4 + 2_880);
      await expect(cancel(1)).to.be.revertedWithCustomError(certificates, "CertificateSuspended");
      await governor.setSuspension(id, 0);
      await cancel(1);
      await expect(inspector.setSuspension(id, 0)).to.be.revertedWithCustomError(
        certificates,
        "AccessManagedUnauthorized",
      );
    });

    it("only where there are any", async () => {
      const { world, certificates, governor, inspector } = await load();
      const none = world.id(S + 1);
      await expect(inspector.suspend(none))
        .to.be.revertedWithCustomError(certificates, "BadParameter")
        .withArgs(encodeBytes32String("id"), none);
      await expect(governor.setSuspension(none, 0)).to.be.revertedWithCustomError(certificates, "BadParameter");
    });
  });

  describe("neighbouring zones", () => {
    it("are named by governance, one way", async () => {
      const { certificates, governor } = await load();
      await expect(governor.setNeighbour(2, 1, true))
        .to.emit(certificates, "NeighbourSet")
        .withArgs(2, 1, true);
      expect([await certificates.isNeighbour(2, 1), await certificates.isNeighbour(1, 2)]).to.deep.equal([true, false]);
      await expect(governor.setNeighbour(1, 1, true))
        .to.be.revertedWithCustomError(certificates, "BadParameter")
        .withArgs(encodeBytes32String("neighbour"), 1);
    });
  });
});
