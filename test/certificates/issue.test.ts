import { expect } from "chai";
import { keccak256, toUtf8Bytes, ZeroAddress } from "ethers";
import hre from "hardhat";
import { leafHash } from "../../src/market/readings.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { deployCertificateWorld, S } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const EVIDENCE = keccak256(toUtf8Bytes("panel behind a fence, counter before it"));
const SUNNY = {
  solar: { importWh: 3, exportWh: 503 },
  wind: { importWh: 5, exportWh: 5 },
  roof: { exportWh: 100 },
  home: { importWh: 400 },
};

async function deployed() {
  return deployCertificateWorld(connection);
}

async function load() {
  const world = await networkHelpers.loadFixture(deployed);
  const { certificates, market, meters } = world;
  return { world, certificates, market, meters, exchange: market.exchange };
}

describe("issuing certificates", () => {
  it("gives the owner one Wh for each that the meter exported on balance", async () => {
    const { world, certificates, meters } = await load();
    const { solar } = await world.settle(S, SUNNY);
    const id = world.id(S);
    expect(await world.as("solar").issue.staticCall(solar.leaf, solar.root, solar.proof)).to.equal(500n);
    await expect(world.issue("solar", solar))
      .to.emit(certificates, "CertificatesIssued")
      .withArgs(id, meters.solar.address, world.owner("solar").address, 500)
      .and.to.emit(certificates, "Transfer")
      .withArgs(world.owner("solar").address, ZeroAddress, world.owner("solar").address, id, 500)
      .and.to.emit(world.market.exchange, "ExportCertified")
      .withArgs(meters.solar.address, S, await certificates.getAddress(), 503);
    expect(await certificates.balanceOf(world.owner("solar").address, id)).to.equal(500n);
    const lot = await certificates.lotInfo(id);
    expect([lot.issuedWh, lot.cancelledWh]).to.deep.equal([500n, 0n]);
    expect(await certificates.decode(id)).to.deep.equal([1n, BigInt(S), 1n]);
    expect((await world.market.exchange.evidence(meters.solar.address, S)).certified).to.equal(true);
  });

  it("does so once, whoever asks", async () => {
    const { world, exchange, meters } = await load();
    const { solar } = await world.settle(S, SUNNY);
    await world.issue("solar", solar);
    await expect(world.issue("solar", solar))
      .to.be.revertedWithCustomError(exchange, "EvidenceUsed")
      .withArgs(meters.solar.address, S, 503, 0);
  });

  it("is the owner's, or its operator's, and goes to the owner", async () => {
    const { world, certificates } = await load();
    const { solar } = await world.settle(S, SUNNY);
    await expect(world.issue("home", solar))
      .to.be.revertedWithCustomError(certificates, "NotEntitled")
      .withArgs(world.owner("home").address);
    await world.as("solar").setOperator(world.owner("home").address, true);
    await world.issue("home", solar);
    expect(await certificates.balanceOf(world.owner("solar").address, world.id(S))).to.equal(500n);
  });

  it("makes a day's readings one transaction", async () => {
    const { world, certificates } = await load();
    const calls = [];
    for (const slot of [S, S + 1, S + 2]) {
      const { solar } = await world.settle(slot, { solar: { exportWh: slot - S + 1 } });
      calls.push(certificates.interface.encodeFunctionData("issue", [solar.leaf, solar.root, solar.proof]));
    }
    await world.as("solar").multicall(calls);
    for (const slot of [S, S + 1, S + 2]) {
      expect(await certificates.balanceOf(world.owner("solar").address, world.id(slot))).to.equal(BigInt(slot - S + 1));
    }
  });

  it("puts certificates of different meters of one source together, and of different sources apart", async () => {
    const { world, certificates, market } = await load();
    const { solar, wind } = await world.settle(S, { solar: { exportWh: 10 }, wind: { exportWh: 20 } });
    await world.issue("solar", solar);
    await world.issue("wind", wind);
    expect((await certificates.lotInfo(world.id(S))).issuedWh).to.equal(10n);
    expect((await certificates.lotInfo(world.id(S, "wind"))).issuedWh).to.equal(20n);
    expect(market.certificates).to.equal(certificates);
  });

  describe("is refused", () => {
    it("for meters that do not produce from one renewable source", async () => {
      const { world, certificates } = await load();
      const proved = await world.settle(S, { ...SUNNY, battery: { exportWh: 50 } });
      for (const name of ["roof", "home", "battery"] as const) {
        await expect(world.issue(name, proved[name]))
          .to.be.revertedWithCustomError(certificates, "NotCertifiable")
          .withArgs(proved[name].leaf.meter);
      }
    });

    it("for a producer without a source, as behind a hybrid plant", async () => {
      const { certificates, market } = await load();
      const plant = await market.addMeter({ kind: "producer" });
      const leaf = { meter: plant.address, zone: 1, slot: S, importWh: 0, exportWh: 5, flags: 0 };
      await expect(certificates.connect(plant.owner).issue(leaf, leafHash({ ...leaf, gap: false }), []))
        .to.be.revertedWithCustomError(certificates, "NotCertifiable")
        .withArgs(plant.address);
    });

    it("where nothing is left of the export", async () => {
      const { world, certificates } = await load();
      const { wind } = await world.settle(S, SUNNY);
      await expect(world.issue("wind", wind))
        .to.be.revertedWithCustomError(certificates, "NothingToIssue")
        .withArgs(wind.leaf.meter, S);
    });

    it("for gap readings", async () => {
      const { world, certificates, market, meters } = await load();
      await market.mineAt(S + 10);
      await market.settleFlows(S + 2, [{ meter: meters.solar, exportWh: 90 }]);
      const leaf = { meter: meters.solar.address, zone: 1, slot: S + 2, importWh: 0, exportWh: 90, flags: 1 };
      await market.exchange.close(1, S + 2, []);
      await expect(world.as("solar").issue(leaf, leafHash({ ...leaf, gap: true }), []))
        .to.be.revertedWithCustomError(certificates, "GapReading")
        .withArgs(meters.solar.address, S + 2);
    });

    it("for readings that were not settled", async () => {
      const { world, exchange } = await load();
      const { solar } = await world.settle(S, SUNNY);
      const more = { ...solar, leaf: { ...solar.leaf, exportWh: 504 } };
      await expect(world.issue("solar", more)).to.be.revertedWithCustomError(exchange, "UnprovenReading");
    });

    it("before the slot is closed", async () => {
      const { world, certificates, exchange } = await load();
      const { solar } = await world.settle(S, SUNNY, { close: false });
      await expect(world.issue("solar", solar))
        .to.be.revertedWithCustomError(certificates, "SlotNotFinal")
        .withArgs(1, S);
      await exchange.close(1, S, []);
      await world.issue("solar", solar);
    });

    it("once the certificates would have expired", async () => {
      const { world, certificates, market } = await load();
      const { solar } = await world.settle(S, SUNNY);
      await market.mineAt(S + 35_041);
      await expect(world.issue("solar", solar))
        .to.be.revertedWithCustomError(certificates, "CertificateExpired")
        .withArgs(world.id(S), S + 35_040);
    });
  });
});

describe("certificates of a flagged slot", () => {
  /** Nobody read the feeder: the slot is flagged when it is closed after its reading deadline. */
  async function flagged() {
    const world = await networkHelpers.loadFixture(deployed);
    const proved = await world.settle(
      S,
      { solar: { exportWh: 500 }, wind: { exportWh: 50 } },
      { close: false, feeder: false },
    );
    await world.market.mineAt(S + 6);
    await world.market.exchange.close(1, S, []);
    return { world, proved };
  }

  async function loadFlagged() {
    const { world, proved } = await flagged();
    const { market, certificates } = world;
    return { world, proved, market, certificates, inspector: market.inspections.connect(market.inspector) };
  }

  const DEADLINE = S + 1 + 4 + 96;

  it("wait for the inspection's end, or its deadline", async () => {
    const { world, proved, market, certificates } = await loadFlagged();
    await expect(world.issue("solar", proved.solar))
      .to.be.revertedWithCustomError(certificates, "SlotNotFinal")
      .withArgs(1, S);
    await market.exchange.connect(market.inspector).endInspection(1, S, "feeder was being mended");
    await world.issue("solar", proved.solar);
    await networkHelpers.time.increaseTo(DEADLINE * SLOT_SECONDS);
    await world.issue("wind", proved.wind);
  });

  it("stay withheld after it for the meter that was found at fault, and for that meter alone", async () => {
    const { world, proved, market, certificates, inspector } = await loadFlagged();
    await inspector.report(1, S, world.meters.solar.address, EVIDENCE);
    await market.mineAt(DEADLINE);
    await expect(world.issue("solar", proved.solar))
      .to.be.revertedWithCustomError(certificates, "MeterWithheld")
      .withArgs(world.meters.solar.address, S, 1);
    await world.issue("wind", proved.wind);
    await market.mineAt(S + 300);
    await market.inspections.conclude(1);
    await expect(world.issue("solar", proved.solar))
      .to.be.revertedWithCustomError(certificates, "MeterWithheld")
      .withArgs(world.meters.solar.address, S, 0);
    await market.exchange.connect(market.registrar).reinstateMeter(world.meters.solar.address);
    await expect(world.issue("solar", proved.solar))
      .to.be.revertedWithCustomError(certificates, "MeterWithheld")
      .withArgs(world.meters.solar.address, S, 1);
  });

  it("are issued once the finding fell", async () => {
    const { world, proved, market, inspector } = await loadFlagged();
    await inspector.report(1, S, world.meters.solar.address, EVIDENCE);
    await inspector.withdraw(1);
    await market.mineAt(DEADLINE);
    await world.issue("solar", proved.solar);
  });
});

describe("a corrected reading", () => {
  async function corrected() {
    const world = await networkHelpers.loadFixture(deployed);
    const { solar } = await world.settle(S, SUNNY);
    const { market, meters } = world;
    const correct = async () =>
      market.exchange.connect(market.registrar).correctReading(
        solar.leaf,
        solar.root,
        solar.proof,
        -1_000n,
        "display misread",
        await market.consent(meters.solar.owner, "ReadingCorrection", {
          meter: meters.solar.address,
          slot: S,
          leaf: leafHash({ ...solar.leaf, gap: false }),
          amountTicks: -1_000n,
          nonce: Number((await market.exchange.siteInfo(meters.solar.site)).nonce),
        }),
      );
    return { world, solar, correct, exchange: market.exchange };
  }

  it("has no certificates", async () => {
    const { world, solar, correct, exchange } = await corrected();
    await correct();
    await expect(world.issue("solar", solar)).to.be.revertedWithCustomError(exchange, "ReadingVoid");
  });

  it("is not to be had of one that was certified", async () => {
    const { world, solar, correct, exchange } = await corrected();
    await world.issue("solar", solar);
    await expect(correct())
      .to.be.revertedWithCustomError(exchange, "EvidenceUsed")
      .withArgs(world.meters.solar.address, S, 503, 0);
  });
});
