import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { ENERGY_SOURCE_CODES, METER_KIND_CODES, METER_STATUS_CODES } from "../../src/market/codes.ts";
import type { ConsentMessages, MarketDomain } from "../../src/market/messages.ts";
import { decodeMeterWord } from "../../src/market/meterWord.ts";
import { slotLimitWh } from "../../src/market/powerClass.ts";
import { signConsent } from "../../src/market/sign.ts";
import type { SigningKey } from "../../src/market/signer.ts";
import { deployTestMarket, FIRST_SLOT, LIMITS, type TestMarket } from "../support/testMarket.ts";
import { foreignDomains, registrationOf, replaceDevice } from "../support/consents.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const S = FIRST_SLOT;

async function deployed(): Promise<{ market: TestMarket; site: number }> {
  const market = await deployTestMarket(connection);
  return { market, site: await market.addSite(market.worker, undefined) };
}

async function load() {
  const { market, site } = await networkHelpers.loadFixture(deployed);
  const exchange = market.exchange.connect(market.registrar);
  const register = async (
    registration: ConsentMessages["MeterConsent"],
    device: SigningKey,
    domains: { owner?: MarketDomain; device?: MarketDomain } = {},
  ) => {
    const { MESSAGE_TYPES } = await import("../../src/market/messages.ts");
    const ownerSignature = await market.worker.signTypedData(
      (domains.owner ?? market.domain).fields,
      { MeterConsent: [...MESSAGE_TYPES.MeterConsent] },
      registration,
    );
    const deviceSignature = signConsent(domains.device ?? market.domain, device, "MeterConsent", registration);
    return exchange.registerMeter(registration, ownerSignature, deviceSignature);
  };
  return { market, site, exchange, register, key: market.newKey(), other: market.newKey() };
}

const STORAGE = {
  kind: METER_KIND_CODES.storage,
  source: ENERGY_SOURCE_CODES.storage,
  storageCapacityWh: 13_500,
  bestEfficiencyPpm: 900_000,
};

describe("meters", () => {
  describe("registerMeter", () => {
    it("refuses a site that does not exist", async () => {
      const { exchange, register, key } = await load();
      await expect(register(registrationOf(9, key.address), key))
        .to.be.revertedWithCustomError(exchange, "UnknownSite")
        .withArgs(9);
    });

    it("refuses a device that does not prove its key", async () => {
      const { exchange, register, site, key, other } = await load();
      await expect(register(registrationOf(site, key.address), other))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(key.address);
    });

    it("refuses without the owner's consent to exactly this meter", async () => {
      const { market, exchange, site, key } = await load();
      const registration = registrationOf(site, key.address);
      const device = signConsent(market.domain, key, "MeterConsent", registration);
      const wrong = [
        await market.consent(market.grid, "MeterConsent", registration),
        await market.consent(market.worker, "MeterConsent", { ...registration, powerClass: 0x35 }),
        await market.consent(market.worker, "MeterConsent", { ...registration, exportWh: 1 }),
        device,
      ];
      for (const signature of wrong) {
        await expect(exchange.registerMeter(registration, signature, device))
          .to.be.revertedWithCustomError(exchange, "InvalidConsent")
          .withArgs(market.worker.address);
      }
    });

    it("refuses consents for another chain or another exchange, of the owner as of the device", async () => {
      const { market, exchange, register, site, key } = await load();
      const registration = registrationOf(site, key.address);
      for (const domain of Object.values(foreignDomains(market))) {
        await expect(register(registration, key, { owner: domain }))
          .to.be.revertedWithCustomError(exchange, "InvalidConsent")
          .withArgs(market.worker.address);
        await expect(register(registration, key, { device: domain }))
          .to.be.revertedWithCustomError(exchange, "InvalidConsent")
          .withArgs(key.address);
      }
    });

    it("refuses the address zero and a key that serves or served a meter", async () => {
      const { market, exchange, register, site, key } = await load();
      await register(registrationOf(site, key.address), key);
      await expect(register(registrationOf(site, key.address), key))
        .to.be.revertedWithCustomError(exchange, "MeterAlreadyRegistered")
        .withArgs(key.address);
      await market.exchange.connect(market.registrar).retireMeter(key.address);
      await expect(register(registrationOf(site, key.address), key))
        .to.be.revertedWithCustomError(exchange, "MeterAlreadyRegistered")
        .withArgs(key.address);
      await expect(register(registrationOf(site, ZeroAddress), key))
        .to.be.revertedWithCustomError(exchange, "MeterAlreadyRegistered")
        .withArgs(ZeroAddress);
    });

    const implausible: [string, Partial<ConsentMessages["MeterConsent"]>, string, number][] = [
      ["storage without capacity", { ...STORAGE, storageCapacityWh: 0 }, "storageCapacityWh", 0],
      ["capacity without storage", { storageCapacityWh: 1 }, "storageCapacityWh", 1],
      ["storage without efficiency", { ...STORAGE, bestEfficiencyPpm: 0 }, "bestEfficiencyPpm", 0],
      ["efficiency above one", { ...STORAGE, bestEfficiencyPpm: 1_000_001 }, "bestEfficiencyPpm", 1_000_001],
      ["efficiency without storage", { bestEfficiencyPpm: 900_000 }, "bestEfficiencyPpm", 900_000],
    ];
    for (const [what, changes, field, value] of implausible) {
      it(`refuses ${what}`, async () => {
        const { exchange, register, site, key } = await load();
        await expect(register(registrationOf(site, key.address, changes), key))
          .to.be.revertedWithCustomError(exchange, "BadParameter")
          .withArgs(ethers.encodeBytes32String(field), value);
      });
    }

    it("holds at most sixteen meters a site and one feeder a zone", async () => {
      const { market, exchange, register, site } = await load();
      for (let i = 0; i < 16; ++i) {
        const key = market.newKey();
        const kind = i === 0 ? METER_KIND_CODES.feeder : METER_KIND_CODES.consumer;
        await register(registrationOf(site, key.address, { kind }), key);
      }
      const key = market.newKey();
      await expect(register(registrationOf(site, key.address), key))
        .to.be.revertedWithCustomError(exchange, "TooManyMeters")
        .withArgs(16);
      expect((await exchange.siteInfo(site)).meters).to.have.lengthOf(16);
      await expect(market.addMeter({ kind: "feeder", balanceTicks: 0n }))
        .to.be.revertedWithCustomError(exchange, "TooManyMeters")
        .withArgs(1);
    });

    it("begins with the slot under way, neutral, without money, at the registers given", async () => {
      const { market, exchange, register, site, key } = await load();
      const registration = registrationOf(site, key.address, { importWh: 12_345, exportWh: 678 });
      await market.at(S + 3, 1);
      await expect(register(registration, key)).to.emit(exchange, "MeterRegistered");
      expect(await market.word(key.address)).to.deep.include({
        importWh: 12_345,
        exportWh: 678,
        lastSlot: S + 2,
        laneEven: null,
        laneOdd: null,
        balanceTicks: 0n,
        reliability: 0x800,
        tier: 0,
        powerClass: 0x34,
        zone: 1,
        flags: { suspended: false, indebted: false, bonded: false, storage: false, feeder: false },
      });
      const config = await exchange.meterConfig(key.address);
      expect(config.status).to.equal(METER_STATUS_CODES.active);
      expect(config.firstImportWh).to.equal(12_345n);
      expect(config.firstExportWh).to.equal(678n);
      const zone = await exchange.zoneInfo(1);
      expect(zone.activeMeters).to.equal(1n);
      expect(zone.ratedWh).to.equal(slotLimitWh(0x34));
    });

    it("takes every field at its largest value, which overflows no neighbour", async () => {
      const { market, exchange, register, site, key } = await load();
      const registration = registrationOf(site, key.address, {
        ...STORAGE,
        powerClass: 255,
        storageCapacityWh: 2 ** 32 - 1,
        bestEfficiencyPpm: 1_000_000,
        importWh: 2 ** 40 - 1,
        exportWh: 2 ** 40 - 1,
      });
      await register(registration, key);
      expect(await market.word(key.address)).to.deep.include({
        importWh: 2 ** 40 - 1,
        exportWh: 2 ** 40 - 1,
        lastSlot: S - 1,
        balanceTicks: 0n,
        powerClass: 255,
        zone: 1,
        flags: { suspended: false, indebted: false, bonded: false, storage: true, feeder: false },
      });
      const config = await exchange.meterConfig(key.address);
      expect(config.storageCapacityWh).to.equal(2n ** 32n - 1n);
      expect(config.firstExportWh).to.equal(2n ** 40n - 1n);
      // 31 * 2^19 Wh a slot, 101 slots at the highest export price.
      expect(await exchange.requiredBond(site)).to.equal(31n * 2n ** 19n * 101n * BigInt(LIMITS.exportCapPrice));
    });

    it("leaves the feeder out of the rated energy of its zone", async () => {
      const { market, exchange } = await load();
      const feeder = await market.addMeter({ kind: "feeder", balanceTicks: 0n, powerClass: 255 });
      const zone = await exchange.zoneInfo(1);
      expect(zone.feeder).to.equal(feeder.address);
      expect(zone.ratedWh).to.equal(0n);
      expect(zone.activeMeters).to.equal(1n);
      expect((await market.word(feeder)).flags.feeder).to.equal(true);
    });

    it("starts bonded only where the site's bond covers every exporting meter, the new one included", async () => {
      const { market, exchange } = await load();
      const first = await market.addMeter({ kind: "prosumer" });
      expect((await market.word(first)).flags.bonded).to.equal(true);
      const second = await market.addMeter({ kind: "prosumer", site: first.site, bonded: false });
      expect((await market.word(second)).flags.bonded).to.equal(false);
      await exchange.syncMeter(first.address);
      expect((await market.word(first)).flags.bonded).to.equal(false);
    });
  });

  describe("suspendMeter and reinstateMeter", () => {
    it("refuse a meter of another status", async () => {
      const { market, exchange, key } = await load();
      const meter = await market.addMeter({ kind: "consumer" });
      await expect(exchange.suspendMeter(key.address))
        .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
        .withArgs(key.address, METER_STATUS_CODES.unknown);
      await expect(exchange.reinstateMeter(meter.address))
        .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
        .withArgs(meter.address, METER_STATUS_CODES.active);
      await exchange.suspendMeter(meter.address);
      await expect(exchange.suspendMeter(meter.address))
        .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
        .withArgs(meter.address, METER_STATUS_CODES.suspended);
      await expect(exchange.retireMeter(meter.address))
        .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
        .withArgs(meter.address, METER_STATUS_CODES.suspended);
    });

    it("stop and resume readings, and leave the money to its owner", async () => {
      const { market, exchange } = await load();
      const meter = await market.addMeter({ kind: "consumer" });
      const counted = async () => {
        const zone = await exchange.zoneInfo(1);
        return [zone.activeMeters, zone.ratedWh];
      };
      await expect(exchange.suspendMeter(meter.address)).to.emit(exchange, "MeterStatusChanged");
      expect(await counted()).to.deep.equal([0n, 0n]);
      await market.at(S + 1, 1);
      await expect(market.settleFlows(S, [{ meter, importWh: 5 }]))
        .to.emit(exchange, "ReadingSkipped")
        .withArgs(meter.address, 1, S, exchange.interface.getError("MeterSuspended")?.selector);
      await market.exchange.connect(meter.owner).requestWithdrawal(meter.address, 1n, meter.owner.address);
      await exchange.reinstateMeter(meter.address);
      expect(await counted()).to.deep.equal([1n, BigInt(slotLimitWh(0x34))]);
      await expect(market.settleFlows(S, [{ meter, importWh: 5 }])).to.emit(exchange, "ReadingSettled");
    });
  });

  describe("retireMeter", () => {
    it("refuses while a position is open or a balance would be left behind", async () => {
      const { market, exchange } = await load();
      const buyer = await market.addMeter({ kind: "consumer" });
      const seller = await market.addMeter({ kind: "producer", source: "solar", balanceTicks: 0n });
      await market.clear(S + 1, [
        market.order(seller, S + 1, "offer", 100, 150_000),
        market.order(buyer, S + 1, "bid", 100, 250_000),
      ]);
      await expect(exchange.retireMeter(buyer.address))
        .to.be.revertedWithCustomError(exchange, "OpenPosition")
        .withArgs(buyer.address);
      const idle = await market.addMeter({ kind: "consumer", balanceTicks: 3n });
      await expect(exchange.retireMeter(idle.address))
        .to.be.revertedWithCustomError(exchange, "AmountTooLarge")
        .withArgs(0, 3);
    });

    it("refuses while a claim waits, which nobody could be paid afterwards", async () => {
      const { market, exchange } = await load();
      const meter = await market.addMeter({ kind: "producer", source: "solar", balanceTicks: 0n });
      await market.desk.connect(market.grid).setCreditLine(0);
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter, exportWh: 100 }]);
      const balance = (await market.word(meter)).balanceTicks;
      const claim = (await exchange.meterConfig(meter.address)).claimTicks;
      expect(claim + balance).to.equal(100n * 100_000n);
      if (balance > 0n) {
        await market.exchange.connect(meter.owner).requestWithdrawal(meter.address, balance, meter.owner.address);
      }
      await expect(exchange.retireMeter(meter.address))
        .to.be.revertedWithCustomError(exchange, "AmountTooLarge")
        .withArgs(0, claim);
    });

    it("takes the meter out of its site, its zone and the bond, for good", async () => {
      const { market, exchange } = await load();
      const first = await market.addMeter({ kind: "prosumer", balanceTicks: 0n });
      const second = await market.addMeter({ kind: "consumer", site: first.site, balanceTicks: 0n });
      const third = await market.addMeter({ kind: "consumer", site: first.site, balanceTicks: 0n });
      await expect(exchange.retireMeter(first.address)).to.emit(exchange, "MeterStatusChanged");
      const site = await exchange.siteInfo(first.site);
      expect([...site.meters].sort()).to.deep.equal([second.address, third.address].sort());
      expect(site.requiredBondTicks).to.equal(0n);
      const word = await market.word(first);
      expect(word.zone).to.equal(0);
      expect(word.lastSlot).to.equal(S - 1);
      expect((await exchange.zoneInfo(1)).activeMeters).to.equal(2n);
      await expect(exchange.syncMeter(first.address))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(first.address, 0);
      await expect(exchange.reinstateMeter(first.address))
        .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
        .withArgs(first.address, METER_STATUS_CODES.retired);
    });

    it("frees the zone for another feeder", async () => {
      const { market, exchange } = await load();
      const feeder = await market.addMeter({ kind: "feeder", balanceTicks: 0n });
      await exchange.retireMeter(feeder.address);
      expect((await exchange.zoneInfo(1)).feeder).to.equal(ZeroAddress);
      const next = await market.addMeter({ kind: "feeder", balanceTicks: 0n });
      expect((await exchange.zoneInfo(1)).feeder).to.equal(next.address);
    });
  });

  describe("setDelegate", () => {
    it("refuses everybody but the owner", async () => {
      const { market, exchange, key } = await load();
      const meter = await market.addMeter({ kind: "consumer" });
      for (const caller of [market.registrar, market.governor, market.worker]) {
        await expect(exchange.connect(caller).setDelegate(meter.address, caller.address))
          .to.be.revertedWithCustomError(exchange, "NotEntitled")
          .withArgs(caller.address);
      }
      await expect(exchange.connect(meter.owner).setDelegate(key.address, key.address))
        .to.be.revertedWithCustomError(exchange, "NotEntitled")
        .withArgs(meter.owner.address);
    });

    it("names and revokes", async () => {
      const { market, exchange } = await load();
      const meter = await market.addMeter({ kind: "consumer" });
      const asOwner = exchange.connect(meter.owner);
      for (const delegate of [market.grid.address, ZeroAddress]) {
        await expect(asOwner.setDelegate(meter.address, delegate))
          .to.emit(exchange, "DelegateSet")
          .withArgs(meter.address, delegate);
        expect((await exchange.meterConfig(meter.address)).delegate).to.equal(delegate);
      }
    });
  });

  describe("syncMeter", () => {
    it("refuses an address that is no meter", async () => {
      const { exchange, key } = await load();
      await expect(exchange.syncMeter(key.address))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(key.address, 0);
    });

    it("brings a stale debt flag of another meter of the site up to date, by anybody", async () => {
      const { market, exchange } = await load();
      const first = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
      const second = await market.addMeter({ kind: "consumer", site: first.site });
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter: first, importWh: 10 }]);
      expect((await market.word(first)).flags.indebted).to.equal(true);
      expect((await market.word(second)).flags.indebted).to.equal(false);
      const sync = await exchange.connect(market.worker).syncMeter(second.address);
      const synced = (
        await exchange.queryFilter(exchange.filters.MeterSynced(second.address), sync.blockNumber ?? 0)
      )[0];
      expect(decodeMeterWord(synced?.args.word ?? 0n).flags.indebted).to.equal(true);
      expect((await market.word(second)).flags.indebted).to.equal(true);
    });

    it("carries a debt over to a meter that is registered later, and to a replacement", async () => {
      const { market } = await load();
      const first = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter: first, importWh: 10 }]);
      const second = await market.addMeter({ kind: "consumer", site: first.site, balanceTicks: 0n });
      expect((await market.word(second)).flags.indebted).to.equal(true);
      const { meter } = await replaceDevice(market, first, market.newKey());
      expect((await market.word(meter)).flags.indebted).to.equal(true);
    });
  });
});
