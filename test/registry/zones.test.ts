import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { deployTestMarket, FIRST_SLOT, LIMITS, TERMS, type TestMarket } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

/** First slot whose gate is not open while FIRST_SLOT is under way. */
const UNOPENED = FIRST_SLOT + 9;
const LAST_SLOT = 2 ** 24 - 1;
const RING = 128;

async function deployed(): Promise<TestMarket> {
  return deployTestMarket(connection);
}

async function load() {
  const market = await networkHelpers.loadFixture(deployed);
  const [network, levy, fee, season] = market.signers.slice(11, 15).map((signer) => signer.address);
  if (network === undefined || levy === undefined || fee === undefined || season === undefined) {
    throw new Error("the test chain has too few accounts");
  }
  return {
    market,
    asRegistrar: market.exchange.connect(market.registrar),
    asGovernor: market.exchange.connect(market.governor),
    accounts: { network, levy, fee, season },
  };
}

function bytes32(name: string): string {
  return ethers.encodeBytes32String(name);
}

describe("zones", () => {
  describe("createZone", () => {
    it("refuses numbers that are taken or do not fit the meter word", async () => {
      const { asRegistrar, accounts } = await load();
      for (const zone of [0, 1, 4096, 65_535]) {
        await expect(asRegistrar.createZone(zone, LIMITS, TERMS, accounts))
          .to.be.revertedWithCustomError(asRegistrar, "BadZone")
          .withArgs(zone);
      }
    });

    const badLimits: [string, Partial<typeof LIMITS>, string][] = [
      ["a floor above the export cap", { floorPrice: LIMITS.exportCapPrice + 1 }, "floorPrice"],
      ["an export cap above the cap", { exportCapPrice: LIMITS.capPrice + 1 }, "capPrice"],
      ["a cap of zero", { floorPrice: 0, exportCapPrice: 0, capPrice: 0 }, "capPrice"],
      ["a cap above 4.19 credits a kWh", { capPrice: 2 ** 22 + 1 }, "capPrice"],
      ["losses above a fifth", { lossPpm: 200_001 }, "lossPpm"],
    ];
    for (const [what, change, field] of badLimits) {
      it(`refuses ${what}`, async () => {
        const { asRegistrar, accounts } = await load();
        const limits = { ...LIMITS, ...change };
        await expect(asRegistrar.createZone(2, limits, TERMS, accounts))
          .to.be.revertedWithCustomError(asRegistrar, "BadParameter")
          .withArgs(bytes32(field), limits[field as keyof typeof limits]);
      });
    }

    it("refuses an account of zero, each of the four", async () => {
      const { asRegistrar, accounts } = await load();
      for (const name of Object.keys(accounts)) {
        await expect(asRegistrar.createZone(2, LIMITS, TERMS, { ...accounts, [name]: ZeroAddress }))
          .to.be.revertedWithCustomError(asRegistrar, "BadParameter")
          .withArgs(bytes32("accounts"), 2);
      }
    });

    it("starts the zone at the slot under way, with nothing to close before it", async () => {
      const { asRegistrar, market, accounts } = await load();
      await market.at(FIRST_SLOT, 30);
      await expect(asRegistrar.createZone(4095, LIMITS, { ...TERMS, fromSlot: 7 }, accounts)).to.emit(
        asRegistrar,
        "ZoneCreated",
      );
      const zone = await asRegistrar.zoneInfo(4095);
      expect(zone.createdSlot).to.equal(FIRST_SLOT);
      expect(zone.closedThrough).to.equal(FIRST_SLOT - 1);
      expect(zone.newestSlot).to.equal(FIRST_SLOT - 1);
      expect(zone.activeMeters).to.equal(0n);
      expect(zone.terms.fromSlot).to.equal(FIRST_SLOT);
      expect([...zone.limits]).to.deep.equal(Object.values(LIMITS).map(BigInt));
      expect([...zone.accounts]).to.deep.equal(Object.values(accounts));
      expect(zone.matcher).to.equal(ZeroAddress);
    });

    it("takes every field at its largest and at its smallest value", async () => {
      const { asRegistrar, accounts } = await load();
      const most = 2 ** 24 - 1;
      // The highest cap price is 2^22 ticks per Wh, 4.19 credits a kWh.
      const cap = 2 ** 22;
      const widest = { floorPrice: 0, capPrice: cap, exportCapPrice: cap, lossPpm: 200_000, toleranceWh: most };
      const dearest = {
        fromSlot: 0,
        importPrice: cap,
        exportPrice: cap,
        feePpm: 100_000,
        networkLocalPrice: 1_000_000,
        networkGridPrice: 1_000_000,
        levyPrice: 1_000_000,
        slopePpm: 1_000_000,
        rule: 1,
      };
      await asRegistrar.createZone(2, widest, dearest, accounts);
      const terms = await asRegistrar.termsAt(2, LAST_SLOT);
      expect(terms.importPrice).to.equal(cap);
      expect(terms.exportPrice).to.equal(cap);
      expect(terms.rule).to.equal(1n);

      const narrowest = { floorPrice: 0, capPrice: 1, exportCapPrice: 0, lossPpm: 0, toleranceWh: 0 };
      const cheapest = {
        fromSlot: 0,
        importPrice: 1,
        exportPrice: 0,
        feePpm: 0,
        networkLocalPrice: 0,
        networkGridPrice: 0,
        levyPrice: 0,
        slopePpm: 0,
        rule: 0,
      };
      await asRegistrar.createZone(3, narrowest, cheapest, accounts);
      expect((await asRegistrar.termsAt(3, FIRST_SLOT)).importPrice).to.equal(1n);
    });
  });

  describe("setZoneTerms", () => {
    const next = { ...TERMS, fromSlot: UNOPENED, importPrice: 310_000 };

    it("refuses a zone that does not exist", async () => {
      const { asGovernor } = await load();
      await expect(asGovernor.setZoneTerms(9, next)).to.be.revertedWithCustomError(asGovernor, "BadZone").withArgs(9);
    });

    it("refuses a slot whose gate is open", async () => {
      const { market, asGovernor } = await load();
      await market.at(FIRST_SLOT, 899);
      await expect(asGovernor.setZoneTerms(1, { ...next, fromSlot: UNOPENED - 1 }))
        .to.be.revertedWithCustomError(asGovernor, "SlotOutOfRange")
        .withArgs(UNOPENED - 1);
      await market.at(FIRST_SLOT + 1, 0);
      await expect(asGovernor.setZoneTerms(1, next))
        .to.be.revertedWithCustomError(asGovernor, "SlotOutOfRange")
        .withArgs(UNOPENED);
    });

    const badTerms: [string, Partial<typeof TERMS>, string][] = [
      ["an import price of zero", { importPrice: 0, exportPrice: 0 }, "importPrice"],
      ["an import price above the cap", { importPrice: LIMITS.capPrice + 1 }, "importPrice"],
      ["an export price above the import price", { importPrice: 60_000, exportPrice: 60_001 }, "exportPrice"],
      ["an export price below the floor", { exportPrice: LIMITS.floorPrice - 1 }, "exportPrice"],
      ["an export price above the export cap", { exportPrice: LIMITS.exportCapPrice + 1 }, "exportPrice"],
      ["an unknown clearing rule", { rule: 2 }, "rule"],
      ["a fee above a tenth", { feePpm: 100_001 }, "feePpm"],
      ["a local network charge above the other", { networkLocalPrice: 50_001 }, "networkLocalPrice"],
      ["a network charge above its bound", { networkGridPrice: 1_000_001 }, "networkGridPrice"],
      ["a levy above its bound", { levyPrice: 1_000_001 }, "levyPrice"],
      ["a slope above one", { slopePpm: 1_000_001 }, "slopePpm"],
    ];
    for (const [what, change, field] of badTerms) {
      it(`refuses ${what}, as does creating a zone`, async () => {
        const { asGovernor, asRegistrar, accounts } = await load();
        const terms = { ...next, ...change };
        const value = terms[field as keyof typeof terms];
        await expect(asGovernor.setZoneTerms(1, terms))
          .to.be.revertedWithCustomError(asGovernor, "BadParameter")
          .withArgs(bytes32(field), value);
        await expect(asRegistrar.createZone(2, LIMITS, terms, accounts))
          .to.be.revertedWithCustomError(asRegistrar, "BadParameter")
          .withArgs(bytes32(field), value);
      });
    }

    it("holds from its slot on and leaves every slot before it alone", async () => {
      const { asGovernor } = await load();
      await expect(asGovernor.setZoneTerms(1, next)).to.emit(asGovernor, "ZoneTermsSet");
      expect((await asGovernor.termsAt(1, UNOPENED - 1)).importPrice).to.equal(TERMS.importPrice);
      expect((await asGovernor.termsAt(1, UNOPENED)).importPrice).to.equal(310_000n);
      expect((await asGovernor.termsAt(1, LAST_SLOT)).importPrice).to.equal(310_000n);
    });

    it("replaces a change whose slot has not opened", async () => {
      const { asGovernor } = await load();
      await asGovernor.setZoneTerms(1, next);
      await asGovernor.setZoneTerms(1, { ...next, fromSlot: UNOPENED + 5, importPrice: 320_000 });
      expect((await asGovernor.termsAt(1, UNOPENED)).importPrice).to.equal(TERMS.importPrice);
      expect((await asGovernor.termsAt(1, UNOPENED + 5)).importPrice).to.equal(320_000n);
    });

    it("keeps the terms of every open slot known: a change that holds stays for a ring of slots", async () => {
      const { market, asGovernor } = await load();
      await asGovernor.setZoneTerms(1, next);
      const later = { ...next, fromSlot: LAST_SLOT, importPrice: 330_000 };
      await market.at(UNOPENED + RING - 1, 899);
      await expect(asGovernor.setZoneTerms(1, later))
        .to.be.revertedWithCustomError(asGovernor, "SlotOutOfRange")
        .withArgs(UNOPENED + RING);
      await market.at(UNOPENED + RING, 0);
      await asGovernor.setZoneTerms(1, later);
      expect((await asGovernor.termsAt(1, UNOPENED + RING)).importPrice).to.equal(310_000n);
      expect((await asGovernor.termsAt(1, LAST_SLOT)).importPrice).to.equal(330_000n);
    });
  });

  describe("setMatcher", () => {
    it("refuses an unknown zone and a slot whose gate is open", async () => {
      const { market, asGovernor } = await load();
      const matcher = market.worker.address;
      await expect(asGovernor.setMatcher(9, matcher, UNOPENED)).to.be.revertedWithCustomError(asGovernor, "BadZone");
      await expect(asGovernor.setMatcher(1, matcher, UNOPENED - 1))
        .to.be.revertedWithCustomError(asGovernor, "SlotOutOfRange")
        .withArgs(UNOPENED - 1);
      await expect(asGovernor.setMatcher(1, matcher, LAST_SLOT + 1))
        .to.be.revertedWithCustomError(asGovernor, "SlotOutOfRange")
        .withArgs(LAST_SLOT + 1);
    });

    it("hands over at its slot, once the matcher before has held for a ring of slots", async () => {
      const { market, asGovernor } = await load();
      const old = market.matcher.address;
      const matcher = market.worker.address;
      const since = FIRST_SLOT - 8;
      await expect(asGovernor.setMatcher(1, matcher, UNOPENED))
        .to.be.revertedWithCustomError(asGovernor, "SlotOutOfRange")
        .withArgs(since + RING);
      await market.at(since + RING, 0);
      const from = since + RING + 9;
      await expect(asGovernor.setMatcher(1, matcher, from))
        .to.emit(asGovernor, "MatcherSet")
        .withArgs(1, matcher, from);
      expect((await asGovernor.zoneInfo(1)).matcher).to.equal(old);
      await market.mineAt(from, -1);
      expect((await asGovernor.zoneInfo(1)).matcher).to.equal(old);
      await market.mineAt(from, 0);
      expect((await asGovernor.zoneInfo(1)).matcher).to.equal(matcher);
    });
  });

  describe("setZoneAccounts", () => {
    it("refuses an unknown zone and an account of zero", async () => {
      const { asGovernor, accounts } = await load();
      await expect(asGovernor.setZoneAccounts(9, accounts)).to.be.revertedWithCustomError(asGovernor, "BadZone");
      await expect(asGovernor.setZoneAccounts(1, { ...accounts, levy: ZeroAddress }))
        .to.be.revertedWithCustomError(asGovernor, "BadParameter")
        .withArgs(bytes32("accounts"), 1);
    });

    it("sends what is collected from now on to the new accounts", async () => {
      const { market, asGovernor, accounts } = await load();
      const meter = await market.addMeter({ kind: "consumer" });
      await market.at(FIRST_SLOT + 1, 1);
      await market.settleFlows(FIRST_SLOT, [{ meter, importWh: 100 }]);
      await expect(asGovernor.setZoneAccounts(1, accounts)).to.emit(asGovernor, "ZoneAccountsSet");
      await expect(asGovernor.collectCharges(1)).to.changeTokenBalances(
        ethers,
        market.credit,
        [accounts.network, accounts.levy, market.signers[15], market.signers[16]].map((a) => a ?? ZeroAddress),
        [100n * 50_000n * 10n ** 9n, 100n * 10_000n * 10n ** 9n, 0n, 0n],
      );
    });
  });
});
