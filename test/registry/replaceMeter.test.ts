import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { METER_STATUS_CODES } from "../../src/market/codes.ts";
import { signConsent } from "../../src/market/sign.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket } from "../support/testMarket.ts";
import { foreignDomains, replaceDevice, replacementOf } from "../support/consents.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const S = FIRST_SLOT;

async function deployed(): Promise<TestMarket> {
  return deployTestMarket(connection);
}

async function load() {
  const market = await networkHelpers.loadFixture(deployed);
  return { market, exchange: market.exchange.connect(market.registrar), key: market.newKey(), other: market.newKey() };
}

describe("replaceMeter", () => {
  it("refuses a meter that is not active, and a key that serves or served", async () => {
    const { market, exchange, key } = await load();
    const meter = await market.addMeter({ kind: "consumer" });
    const second = await market.addMeter({ kind: "consumer" });
    const replacement = await replacementOf(market, meter, key.address);
    await expect(exchange.replaceMeter({ ...replacement, oldMeter: key.address }, "0x", "0x"))
      .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
      .withArgs(key.address, METER_STATUS_CODES.unknown);
    for (const taken of [second.address, meter.address, ZeroAddress]) {
      await expect(exchange.replaceMeter({ ...replacement, newMeter: taken }, "0x", "0x"))
        .to.be.revertedWithCustomError(exchange, "MeterAlreadyRegistered")
        .withArgs(taken);
    }
    await exchange.suspendMeter(meter.address);
    await expect(exchange.replaceMeter(replacement, "0x", "0x"))
      .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
      .withArgs(meter.address, METER_STATUS_CODES.suspended);
  });

  it("refuses while a position is open", async () => {
    const { market, exchange, key } = await load();
    const seller = await market.addMeter({ kind: "producer", source: "solar" });
    const buyer = await market.addMeter({ kind: "consumer" });
    await market.clear(S + 1, [
      market.order(seller, S + 1, "offer", 100, 150_000),
      market.order(buyer, S + 1, "bid", 100, 250_000),
    ]);
    await expect(replaceDevice(market, buyer, key))
      .to.be.revertedWithCustomError(exchange, "OpenPosition")
      .withArgs(buyer.address);
  });

  it("refuses final registers other than the settled ones, by which energy would be lost", async () => {
    const { market, exchange, key } = await load();
    const meter = await market.addMeter({ kind: "consumer", importWh: 500, exportWh: 40 });
    const replacement = await replacementOf(market, meter, key.address);
    for (const finalImportWh of [499, 501]) {
      await expect(exchange.replaceMeter({ ...replacement, finalImportWh }, "0x", "0x"))
        .to.be.revertedWithCustomError(exchange, "BadParameter")
        .withArgs(ethers.encodeBytes32String("finalImportWh"), finalImportWh);
    }
    await expect(
      exchange.replaceMeter({ ...replacement, finalExportWh: 41 }, "0x", "0x"),
    ).to.be.revertedWithCustomError(exchange, "BadParameter");
  });

  it("refuses without the owner or the new device, with another nonce, chain or exchange", async () => {
    const { market, exchange, key, other } = await load();
    const meter = await market.addMeter({ kind: "consumer" });
    const replacement = await replacementOf(market, meter, key.address);
    const byOwner = await market.consent(meter.owner, "MeterReplacement", replacement);
    const byDevice = signConsent(market.domain, key, "MeterReplacement", replacement);
    const byOther = signConsent(market.domain, other, "MeterReplacement", replacement);
    const wrongOwner = [
      byDevice,
      await market.consent(market.registrar, "MeterReplacement", replacement),
      await market.consent(meter.owner, "MeterReplacement", { ...replacement, nonce: 1 }),
      await market.consent(meter.owner, "MeterReplacement", { ...replacement, estimated: true }),
    ];
    for (const signature of wrongOwner) {
      await expect(exchange.replaceMeter(replacement, signature, byDevice))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(meter.owner.address);
    }
    const { chain, contract } = foreignDomains(market);
    const wrongDevice = [
      byOther,
      byOwner,
      signConsent(chain, key, "MeterReplacement", replacement),
      signConsent(contract, key, "MeterReplacement", replacement),
    ];
    for (const signature of wrongDevice) {
      await expect(exchange.replaceMeter(replacement, byOwner, signature))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(key.address);
    }
  });

  describe("given a new device", () => {
    it("carries balance, claim, delegate, tier and history over, and starts its own registers", async () => {
      const { market, exchange, key } = await load();
      const meter = await market.addMeter({ kind: "producer", source: "wind", balanceTicks: 5n, importWh: 900 });
      await exchange.connect(meter.owner).setDelegate(meter.address, market.grid.address);
      await market.desk.connect(market.grid).setCreditLine(0);
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter, exportWh: 100 }]);
      const before = await market.word(meter);
      const claim = (await exchange.meterConfig(meter.address)).claimTicks;
      expect(claim).to.be.gt(0n);

      const {
        transaction,
        replacement,
        meter: next,
      } = await replaceDevice(market, meter, key, {
        importWh: 3,
        exportWh: 2,
        estimated: true,
      });
      const after = await market.word(next);
      expect(after).to.deep.equal({ ...before, importWh: 3, exportWh: 2 });
      const old = await market.word(meter);
      expect(old).to.deep.equal({ ...before, balanceTicks: 0n, zone: 0 });
      await expect(transaction)
        .to.emit(exchange, "MeterReplaced")
        .withArgs(
          meter.address,
          key.address,
          replacement.finalImportWh,
          replacement.finalExportWh,
          true,
          await exchange.meterWord(meter.address),
          await exchange.meterWord(key.address),
        );

      const config = await exchange.meterConfig(key.address);
      expect(config.claimTicks).to.equal(claim);
      expect(config.delegate).to.equal(market.grid.address);
      expect(config.source).to.equal(2n);
      expect(config.status).to.equal(METER_STATUS_CODES.active);
      const oldConfig = await exchange.meterConfig(meter.address);
      expect(oldConfig.claimTicks).to.equal(0n);
      expect(oldConfig.status).to.equal(METER_STATUS_CODES.retired);
      const site = await exchange.siteInfo(meter.site);
      expect(site.meters).to.deep.equal([key.address]);
      expect(site.nonce).to.equal(1n);
      expect((await exchange.zoneInfo(1)).activeMeters).to.equal(1n);
    });

    it("is read and traded by the new key alone", async () => {
      const { market, exchange, key } = await load();
      const meter = await market.addMeter({ kind: "consumer", importWh: 900 });
      const { meter: next } = await replaceDevice(market, meter, key, { importWh: 0 });
      await market.at(S + 1, 1);
      const batch = market.readings(S, [
        { meter, importWh: 910, exportWh: 0 },
        { meter: next, importWh: 10, exportWh: 0 },
      ]);
      await expect(exchange.settle(1, S, batch))
        .to.emit(exchange, "ReadingSkipped")
        .withArgs(meter.address, 1, S, exchange.interface.getError("UnknownMeter")?.selector);
      expect((await market.word(next)).importWh).to.equal(10);
      expect((await market.word(meter)).importWh).to.equal(900);
    });

    it("takes the feeder's place", async () => {
      const { market, exchange, key } = await load();
      const feeder = await market.addMeter({ kind: "feeder", balanceTicks: 0n });
      await replaceDevice(market, feeder, key);
      expect((await exchange.zoneInfo(1)).feeder).to.equal(key.address);
    });

    it("takes registers at their largest value", async () => {
      const { market, key } = await load();
      const meter = await market.addMeter({ kind: "prosumer", importWh: 7, exportWh: 8 });
      const most = 2 ** 40 - 1;
      const { meter: next } = await replaceDevice(market, meter, key, { importWh: most, exportWh: most });
      const before = await market.word(meter);
      expect(await market.word(next)).to.deep.include({ importWh: most, exportWh: most, lastSlot: before.lastSlot });
      expect((await market.word(next)).flags.bonded).to.equal(true);
    });
  });

  describe("given an order placed on chain by the old device", () => {
    it("leaves what it had locked to the owner, who moves it to the new device", async () => {
      const { market, exchange, key } = await load();
      const meter = await market.addMeter({ kind: "consumer" });
      const asOwner = exchange.connect(meter.owner);
      const full = (await market.word(meter)).balanceTicks;
      await market.at(S, 60);
      await asOwner.placeOrder(S + 5, meter.address, 1, 100, 200_000);
      const locked = full - (await market.word(meter)).balanceTicks;
      expect(locked).to.be.gt(0n);
      const { meter: next } = await replaceDevice(market, meter, key);
      for (let slot = S; slot <= S + 5; ++slot) {
        await market.at(slot + 6, 0);
        await exchange.close(1, slot, []);
      }
      expect((await market.word(meter)).balanceTicks).to.equal(locked);
      await asOwner.moveBalance(meter.address, next.address, locked);
      expect((await market.word(next)).balanceTicks).to.equal(full);
    });
  });

  describe("given a storage meter", () => {
    const storage = {
      kind: "storage",
      source: "storage",
      storageCapacityWh: 1_000,
      bestEfficiencyPpm: 900_000,
    } as const;

    it("may give what it can hold and 90 % of what it took in, not a watt-hour more", async () => {
      const { market, exchange } = await load();
      const meter = await market.addMeter({ ...storage, importWh: 50, exportWh: 70 });
      await market.at(S + 1, 1);
      await expect(market.settleFlows(S, [{ meter, importWh: 200, exportWh: 1_181 }]))
        .to.emit(exchange, "ReadingSkipped")
        .withArgs(meter.address, 1, S, exchange.interface.getError("StorageBeyondCapacity")?.selector);
      await expect(market.settleFlows(S, [{ meter, importWh: 200, exportWh: 1_180 }])).to.emit(
        exchange,
        "ReadingSettled",
      );
    });

    it("is still held to what it took and gave before a new key was set", async () => {
      const { market, exchange, key } = await load();
      const meter = await market.addMeter({ ...storage, importWh: 50, exportWh: 70 });
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter, importWh: 200, exportWh: 1_000 }]);
      const { meter: next } = await replaceDevice(market, meter, key);
      const config = await exchange.meterConfig(key.address);
      // 1,000 that it may have held, and 90 % of 200, less 1,000 given.
      expect([config.firstImportWh, config.firstExportWh]).to.deep.equal([250n, 1_070n]);
      expect([config.storageAllowanceWh, config.storageCapacityWh]).to.deep.equal([180n, 1_000n]);
      await market.at(S + 2, 1);
      await expect(market.settleFlows(S + 1, [{ meter: next, exportWh: 181 }]))
        .to.emit(exchange, "ReadingSkipped")
        .withArgs(key.address, 1, S + 1, exchange.interface.getError("StorageBeyondCapacity")?.selector);
      await expect(market.settleFlows(S + 1, [{ meter: next, exportWh: 180 }])).to.emit(exchange, "ReadingSettled");
    });

    for (const registers of [
      { importWh: 9_200, exportWh: 9_000 },
      { importWh: 0, exportWh: 0 },
    ]) {
      it(`is still held to it on a new device whose registers stand at ${registers.importWh}`, async () => {
        const { market, exchange, key } = await load();
        const meter = await market.addMeter({ ...storage, importWh: 50, exportWh: 70 });
        await market.at(S + 1, 1);
        await market.settleFlows(S, [{ meter, importWh: 200, exportWh: 1_000 }]);
        const { meter: next } = await replaceDevice(market, meter, key, registers);
        const config = await exchange.meterConfig(key.address);
        expect([config.firstImportWh, config.firstExportWh, config.storageAllowanceWh]).to.deep.equal([
          BigInt(registers.importWh),
          BigInt(registers.exportWh),
          180n,
        ]);
        await market.at(S + 2, 1);
        await expect(market.settleFlows(S + 1, [{ meter: next, importWh: 10, exportWh: 190 }]))
          .to.emit(exchange, "ReadingSkipped")
          .withArgs(key.address, 1, S + 1, exchange.interface.getError("StorageBeyondCapacity")?.selector);
        await expect(market.settleFlows(S + 1, [{ meter: next, importWh: 10, exportWh: 189 }])).to.emit(
          exchange,
          "ReadingSettled",
        );
      });
    }

    it("carries what it took in beyond what it gave through one replacement after the other", async () => {
      const { market, exchange, key } = await load();
      const meter = await market.addMeter({ ...storage, importWh: 50, exportWh: 70 });
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter, importWh: 2_000 }]);
      const { meter: second } = await replaceDevice(market, meter, key, { importWh: 7, exportWh: 0 });
      const last = market.newKey();
      await replaceDevice(market, second, last, { importWh: 0, exportWh: 3 });
      // 1,000 that it may have held and 90 % of 2,000; nothing was given.
      expect((await exchange.meterConfig(last.address)).storageAllowanceWh).to.equal(2_800n);
    });
  });
});
