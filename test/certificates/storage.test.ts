import { expect } from "chai";
import hre from "hardhat";
import { deployCertificateWorld, POLICY, S } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

/** The sun shines in S, of which the battery's owner has bought 800 Wh, and takes in 1,000. */
async function charging() {
  const world = await deployCertificateWorld(connection);
  const proved = await world.settle(S, { solar: { exportWh: 1_000 }, battery: { importWh: 1_000 } });
  await world.issue("solar", proved.solar);
  await world.as("solar").transfer(world.owner("battery").address, world.id(S), 800);
  return { world, proved };
}

async function load() {
  const { world, proved } = await networkHelpers.loadFixture(charging);
  const { certificates, meters } = world;
  const charge = async (amountWh: number, { leaf, root, proof } = proved.battery, id = world.id(S)) =>
    world.as("battery").charge(leaf, root, proof, id, amountWh, POLICY.slot);
  const discharge = async ({ leaf, root, proof }: typeof proved.battery) =>
    world.as("battery").discharge(leaf, root, proof);
  return {
    world,
    proved,
    certificates,
    charge,
    discharge,
    battery: meters.battery.address,
    exchange: world.market.exchange,
  };
}

describe("certificates of a storage device", () => {
  it("end with its charging, Wh by Wh of what it took", async () => {
    const { world, certificates, charge, battery, exchange } = await load();
    await expect(charge(800))
      .to.emit(certificates, "StorageCharged")
      .withArgs(battery, S, world.id(S), world.owner("battery").address, 800, 800)
      .and.to.emit(exchange, "EvidenceDrawn")
      .withArgs(battery, S, await certificates.getAddress(), 800, 800);
    const lot = await certificates.lotInfo(world.id(S));
    expect([lot.issuedWh, lot.cancelledWh]).to.deep.equal([1_000n, 800n]);
    expect((await certificates.storedIn(battery)).chargedWh).to.equal(800n);
  });

  it("come back with its discharging, less the losses that its registers show", async () => {
    const { world, certificates, charge, discharge, battery } = await load();
    await charge(800);
    // By hand: it gave 400 of 1,000, so 40 % of the certified 800; then 850 of 1,000, so 680, of which 320 were issued.
    const first = await world.settle(S + 1, { battery: { exportWh: 400 } });
    const owner = world.owner("battery").address;
    await expect(discharge(first.battery))
      .to.emit(certificates, "StorageDischarged")
      .withArgs(battery, S + 1, owner, 320, 320, 400_000);
    const second = await world.settle(S + 2, { battery: { exportWh: 450 } });
    await expect(discharge(second.battery))
      .to.emit(certificates, "StorageDischarged")
      .withArgs(battery, S + 2, owner, 360, 680, 850_000);
    expect(await certificates.balanceOf(owner, world.id(S + 2, "storage"))).to.equal(360n);
    await expect(discharge(second.battery)).to.be.revertedWithCustomError(certificates, "OutOfOrder");
  });

  // The Granular Registry, which issues by the EnergyTag standard, gives this example in its storage methodology ("Storage
  // Charge Records and Storage Discharge Records", docs.granular-foundation.org): a charge record of 1,200 Wh from one cancelled
  // certificate, and a discharge record of 1,080 Wh at 90 % efficiency.
  it("agree with the worked example of an EnergyTag registry's storage methodology", async () => {
    const world = await deployCertificateWorld(await hre.network.create());
    const { certificates } = world;
    const owner = world.owner("battery").address;
    const charged = await world.settle(S, { wind: { exportWh: 1_200 }, battery: { importWh: 1_200 } });
    await world.issue("wind", charged.wind);
    await world.as("wind").transfer(owner, world.id(S, "wind"), 1_200);
    const { leaf, root, proof } = charged.battery;
    await world.as("battery").charge(leaf, root, proof, world.id(S, "wind"), 1_200, POLICY.slot);
    expect((await certificates.lotInfo(world.id(S, "wind"))).cancelledWh).to.equal(1_200n);
    const given = (await world.settle(S + 1, { battery: { exportWh: 1_080 } })).battery;
    await expect(world.as("battery").discharge(given.leaf, given.root, given.proof))
      .to.emit(certificates, "StorageDischarged")
      .withArgs(world.meters.battery.address, S + 1, owner, 1_080, 1_080, 900_000);
  });

  // The same registry divides the losses of an audit period over its charge records: SLR = SCR * total losses / total charged
  // ("Methodology for Time-Shifting Granular Certificates Using Storage Transfer Records"). Here 300 of 1,200 Wh were certified.
  it("share the losses of a period in proportion to what was charged with them", async () => {
    const world = await deployCertificateWorld(await hre.network.create());
    const owner = world.owner("battery").address;
    const charged = await world.settle(S, { wind: { exportWh: 300 }, battery: { importWh: 1_200 } });
    await world.issue("wind", charged.wind);
    await world.as("wind").transfer(owner, world.id(S, "wind"), 300);
    const { leaf, root, proof } = charged.battery;
    await world.as("battery").charge(leaf, root, proof, world.id(S, "wind"), 300, POLICY.slot);
    const outputs = [500, 300, 160];
    for (const [index, exportWh] of outputs.entries()) {
      const given = (await world.settle(S + 1 + index, { battery: { exportWh } })).battery;
      await world.as("battery").discharge(given.leaf, given.root, given.proof);
    }
    const totalLosses = 1_200 - (500 + 300 + 160);
    const lossRecord = (300 * totalLosses) / 1_200;
    const { chargedWh, issuedWh } = await world.certificates.storedIn(world.meters.battery.address);
    expect(chargedWh - issuedWh).to.equal(BigInt(lossRecord));
  });

  it("never come back above the registered best, though the device was full at first", async () => {
    const { world, certificates, charge, discharge, battery } = await load();
    await charge(800);
    const { battery: given } = await world.settle(S + 1, { battery: { exportWh: 2_500 } });
    await expect(discharge(given))
      .to.emit(certificates, "StorageDischarged")
      .withArgs(battery, S + 1, world.owner("battery").address, 720, 720, 900_000);
  });

  it("are not issued for energy that nobody certified", async () => {
    const { world, certificates, discharge, battery } = await load();
    const { battery: given } = await world.settle(S + 1, { battery: { exportWh: 400 } });
    await expect(discharge(given))
      .to.be.revertedWithCustomError(certificates, "NothingToIssue")
      .withArgs(battery, S + 1);
  });

  it("nor before the device took anything in", async () => {
    const world = await deployCertificateWorld(await hre.network.create());
    const { battery } = await world.settle(S, { battery: { exportWh: 400 } });
    await expect(
      world.as("battery").discharge(battery.leaf, battery.root, battery.proof),
    ).to.be.revertedWithCustomError(world.certificates, "NothingToIssue");
  });

  describe("charging is refused", () => {
    it("beyond what it took, used as evidence once", async () => {
      const { world, charge, exchange, battery } = await load();
      await world.as("solar").transfer(world.owner("battery").address, world.id(S), 200);
      await charge(1_000);
      await expect(charge(1)).to.be.revertedWithCustomError(world.certificates, "ERC6909InsufficientBalance");
      expect((await exchange.evidence(battery, S)).usedWh).to.equal(1_000n);
    });

    it("for a reading without that import", async () => {
      const { world, charge, exchange } = await load();
      const { battery } = await world.settle(S + 1, { battery: { importWh: 5 }, solar: { exportWh: 5 } });
      await expect(
        world.as("battery").charge(battery.leaf, battery.root, battery.proof, world.id(S), 6, POLICY.hour),
      ).to.be.revertedWithCustomError(exchange, "EvidenceUsed");
      await expect(charge(5, battery)).to.be.revertedWithCustomError(world.certificates, "NoMatch");
    });

    it("of slots before one that was discharged", async () => {
      const { world, charge, discharge, certificates, battery } = await load();
      await charge(500);
      const { battery: given } = await world.settle(S + 1, { battery: { exportWh: 400 } });
      await discharge(given);
      await expect(charge(300))
        .to.be.revertedWithCustomError(certificates, "OutOfOrder")
        .withArgs(battery, S, S + 1);
    });

    it("for a meter that stores nothing, and to whoever does not own it", async () => {
      const { world, proved, certificates } = await load();
      const { home, battery } = proved;
      await expect(
        world.as("home").charge(home.leaf, home.root, home.proof, world.id(S), 1, POLICY.slot),
      ).to.be.revertedWithCustomError(certificates, "NotCertifiable");
      await expect(
        world.as("home").charge(battery.leaf, battery.root, battery.proof, world.id(S), 1, POLICY.slot),
      ).to.be.revertedWithCustomError(certificates, "NotEntitled");
    });
  });
});
