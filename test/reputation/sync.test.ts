import { expect } from "chai";
import hre from "hardhat";
import { decodeMeterWord } from "../../src/market/meterWord.ts";
import { DAY_SECONDS, deployReputationBench, FIRST_DAY, SLOT_LIMIT_WH } from "./bench.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const METER = ethers.getAddress(`0x${"a1".repeat(20)}`);
const SECOND = ethers.getAddress(`0x${"a2".repeat(20)}`);
const NO_SAMPLE = 2 ** 24 - 1;

async function deployed() {
  return deployReputationBench(connection);
}

async function load() {
  const bench = await networkHelpers.loadFixture(deployed);
  const [owner, other] = bench.owners;
  if (owner === undefined || other === undefined) throw new Error("too few accounts");
  const view = async (site = 1) => {
    const { reliabilityPpm, efficiencyPpm, contributionPpm, scorePpm, tier, day, faults, votes } =
      await bench.reputation.reputationOf(site);
    return [reliabilityPpm, efficiencyPpm, contributionPpm, scorePpm, tier, day, faults, votes].map(Number);
  };
  return { ...bench, owner, other, view };
}

describe("a sync of a site's reputation", () => {
  describe("refuses", () => {
    it("a site that was never registered", async () => {
      const { reputation } = await load();
      await expect(reputation.sync(7)).to.be.revertedWithCustomError(reputation, "UnknownSite").withArgs(7);
    });

    it("a second time on one day, to the last second of it", async () => {
      const { reputation, setSite, owner } = await load();
      await setSite(1, owner.address, [{ meter: METER }]);
      await networkHelpers.time.setNextBlockTimestamp(FIRST_DAY * DAY_SECONDS);
      await reputation.sync(1);
      await networkHelpers.time.setNextBlockTimestamp((FIRST_DAY + 1) * DAY_SECONDS - 1);
      await expect(reputation.sync(1))
        .to.be.revertedWithCustomError(reputation, "AlreadySynced")
        .withArgs(1, FIRST_DAY);
      await networkHelpers.time.setNextBlockTimestamp((FIRST_DAY + 1) * DAY_SECONDS);
      await reputation.sync(1);
    });
  });

  it("of many sites passes over those synced today and those unknown", async () => {
    const { reputation, setSite, owner } = await load();
    await setSite(1, owner.address, [{ meter: METER }]);
    await setSite(2, owner.address, [{ meter: SECOND }]);
    await networkHelpers.time.setNextBlockTimestamp(FIRST_DAY * DAY_SECONDS + 10);
    await reputation.sync(2);
    expect(await reputation.syncMany.staticCall([1, 2, 3, 1])).to.equal(1n);
    await reputation.syncMany([1, 2, 3, 1]);
    expect((await reputation.reputationOf(1)).day).to.equal(FIRST_DAY);
    expect((await reputation.reputationOf(3)).day).to.equal(0);
  });

  it("gives a new site neutral components, tier 0 and the votes of its score", async () => {
    const { reputation, setSite, sync, owner, view } = await load();
    expect(await view()).to.deep.equal([500_000, 500_000, 500_000, 500_000, 0, 0, 0, 0]);
    await setSite(1, owner.address, [{ meter: METER }]);
    await sync(1, FIRST_DAY);
    expect(await view()).to.deep.equal([500_000, 500_000, 500_000, 500_000, 0, FIRST_DAY, 0, 500_000]);
    expect(await reputation.getVotes(owner.address)).to.equal(500_000n);
    expect(await reputation.votingSites()).to.equal(1n);
  });

  it("follows a worked example of four days", async () => {
    const { reputation, setSite, sync, owner, view } = await load();
    // Day 1: reliability 4095 of 4095 = 1,000,000. 500,000 + 500,000 / 4 = 625,000; score 562,500: tier 1.
    await setSite(1, owner.address, [{ meter: METER, reliability: 4095 }]);
    await sync(1, FIRST_DAY);
    expect(await view()).to.deep.equal([625_000, 500_000, 500_000, 562_500, 1, FIRST_DAY, 0, 562_500]);
    // Day 2: again. 625,000 + 375,000 / 4 = 718,750; score 609,375: still tier 1.
    await setSite(1, owner.address, [{ meter: METER, reliability: 4095 }]);
    await sync(1, FIRST_DAY + 1);
    expect((await view()).slice(0, 5)).to.deep.equal([718_750, 500_000, 500_000, 609_375, 1]);
    // Day 3: nothing. 218,750 x 0.917004 = 200,594; score 600,297.
    await sync(1, FIRST_DAY + 2);
    expect((await view()).slice(0, 5)).to.deep.equal([700_594, 500_000, 500_000, 600_297, 1]);
    // Day 12: 8 idle days, 100,297 of distance left, then a sample of 1,024 / 4095 = 250,061 pulls
    // (250,061 - 600,297) / 4 = -87,559: 512,738; score 506,369 is below 530,000: tier 0.
    await setSite(1, owner.address, [{ meter: METER, reliability: 1024 }]);
    await sync(1, FIRST_DAY + 11);
    expect((await view()).slice(0, 5)).to.deep.equal([512_738, 500_000, 500_000, 506_369, 0]);
    expect(await reputation.getVotes(owner.address)).to.equal(506_369n);
  });

  it("follows a worked example of three days of compute work", async () => {
    const { reputation, setSite, sync, owner, seasons, compute, view } = await load();
    await setSite(1, owner.address, [{ meter: METER }]);
    const work = reputation.connect(compute);
    // Day 1. Contribution: the mean of 900,000 and 601,003 is 750,501.5, rounded down; 500,000 + 250,501 / 4 = 562,625.25.
    // Efficiency: one sample of 740,000; 500,000 + 240,000 / 4 = 560,000. Nothing was traded.
    // Score: (2 x 500,000 + 560,000 + 562,625) / 4 = 530,656.25: no tier.
    await work.noteWork(1, 900_000, NO_SAMPLE);
    await work.noteWork(1, 601_003, 740_000);
    await sync(1, FIRST_DAY);
    expect((await view()).slice(0, 5)).to.deep.equal([500_000, 560_000, 562_625, 530_656, 0]);
    expect(await reputation.pendingWork(1)).to.deep.equal([0n, 0n, 0n, 0n]);
    // Day 2. Work of 700,000, and a slot at rated power of flexible energy gives 250,000 more: a sample of 950,000.
    // Contribution: 562,625 + 387,375 / 4 = 659,468.75. Efficiency idles: 60,000 x 2^(-1/8) = 55,020.2 above neutral.
    // Score: (2 x 500,000 + 555,020 + 659,468) / 4 = 553,622: tier 1.
    await work.noteWork(1, 700_000, NO_SAMPLE);
    await reputation.connect(seasons).noteFlexible(1, SLOT_LIMIT_WH);
    await sync(1, FIRST_DAY + 1);
    expect((await view()).slice(0, 5)).to.deep.equal([500_000, 555_020, 659_468, 553_622, 1]);
    // Day 3. Work that is worth nothing: 659,468 - 659,468 / 4 = 494,601. Efficiency: 555,020 + 44,980 / 4 = 566,265.
    // Score: (2 x 500,000 + 566,265 + 494,601) / 4 = 515,216.5, more than 20,000 below 550,000: the tier is lost.
    await work.noteWork(1, 0, 600_000);
    await sync(1, FIRST_DAY + 2);
    expect((await view()).slice(0, 5)).to.deep.equal([500_000, 566_265, 494_601, 515_216, 0]);
  });

  it("tells samples and results, and sets the tier on the exchange, which forgets the reliability", async () => {
    const { reputation, source, setSite, owner } = await load();
    await setSite(1, owner.address, [{ meter: METER, reliability: 4095 }, { meter: SECOND }]);
    await networkHelpers.time.setNextBlockTimestamp(FIRST_DAY * DAY_SECONDS);
    await expect(reputation.sync(1))
      .to.emit(reputation, "ReputationSampled")
      .withArgs(1, 1_000_000, NO_SAMPLE, NO_SAMPLE, 0)
      .and.to.emit(reputation, "ReputationSynced")
      .withArgs(1, owner.address, FIRST_DAY, 625_000, 500_000, 500_000, 1, 562_500)
      .and.to.emit(source, "TierSet")
      .withArgs(1, 1);
    const { reliability, tier } = decodeMeterWord(await source.meterWord(METER));
    expect([reliability, tier]).to.deep.equal([2048, 1]);
    expect(await reputation.tierOf(1)).to.equal(1n);
  });

  describe("samples reliability", () => {
    async function sampleOf(...meters: { reliability: number; kind?: "feeder" | "prosumer"; suspended?: boolean }[]) {
      const { reputation, setSite, owner } = await load();
      const given = meters.map(({ reliability, kind = "prosumer", suspended = false }, index) => ({
        meter: ethers.getAddress(ethers.toBeHex(index + 1, 20)),
        reliability,
        kind,
        status: suspended ? ("suspended" as const) : ("active" as const),
      }));
      await setSite(1, owner.address, given);
      await reputation.sync(1);
      const [sampled] = await reputation.queryFilter(reputation.filters.ReputationSampled());
      return Number(sampled?.args.reliabilitySample);
    }

    it("of the least reliable meter where one is below neutral", async () => {
      expect(await sampleOf({ reliability: 4095 }, { reliability: 1024 }, { reliability: 2048 })).to.equal(250_061);
      expect(await sampleOf({ reliability: 4095 }, { reliability: 2047 })).to.equal(499_877);
      expect(await sampleOf({ reliability: 0 })).to.equal(0);
    });

    it("of the most reliable meter where none is below", async () => {
      expect(await sampleOf({ reliability: 2048 }, { reliability: 3000 }, { reliability: 2500 })).to.equal(732_600);
    });

    it("not where no meter has traded, nor of feeders and suspended meters", async () => {
      expect(await sampleOf({ reliability: 2048 }, { reliability: 2048 })).to.equal(NO_SAMPLE);
      expect(await sampleOf()).to.equal(NO_SAMPLE);
      expect(await sampleOf({ reliability: 0, kind: "feeder" }, { reliability: 2048 })).to.equal(NO_SAMPLE);
      expect(await sampleOf({ reliability: 0, suspended: true }, { reliability: 3000 })).to.equal(732_600);
    });
  });

  describe("samples efficiency", () => {
    const battery = (importWh: number, exportWh: number, meter = METER) =>
      ({ meter, kind: "storage", capacityWh: 1_000, bestEfficiencyPpm: 900_000, importWh, exportWh }) as const;

    async function samplesOf(reputation: Awaited<ReturnType<typeof load>>["reputation"]) {
      const events = await reputation.queryFilter(reputation.filters.ReputationSampled());
      return events.map(({ args }) => Number(args.efficiencySample));
    }

    it("once two capacities have flowed since it was first seen, against the best efficiency", async () => {
      const { setSite, sync, owner, reputation } = await load();
      await setSite(1, owner.address, [battery(5_000, 4_000)]);
      await sync(1, FIRST_DAY);
      // 1,999 Wh have flowed: too little to say. One more and the sample spans both days.
      await setSite(1, owner.address, [battery(6_111, 4_888)]);
      await sync(1, FIRST_DAY + 1);
      // 1,112 Wh in could have given 1,000; 888 did.
      await setSite(1, owner.address, [battery(6_112, 4_888)]);
      await sync(1, FIRST_DAY + 2);
      expect(await samplesOf(reputation)).to.deep.equal([NO_SAMPLE, NO_SAMPLE, 888_000]);
      expect((await reputation.reputationOf(1)).efficiencyPpm).to.equal(597_000n);
      // From there it counts anew.
      await setSite(1, owner.address, [battery(7_000, 5_999)]);
      await sync(1, FIRST_DAY + 3);
      expect((await samplesOf(reputation)).at(-1)).to.equal(NO_SAMPLE);
    });

    it("never above 1,000,000, and never where nothing was taken in", async () => {
      const { setSite, sync, owner, reputation } = await load();
      await setSite(1, owner.address, [battery(0, 0)]);
      await sync(1, FIRST_DAY);
      await setSite(1, owner.address, [battery(0, 2_000)]);
      await sync(1, FIRST_DAY + 1);
      await setSite(1, owner.address, [battery(500, 2_000)]);
      await sync(1, FIRST_DAY + 2);
      expect(await samplesOf(reputation)).to.deep.equal([NO_SAMPLE, NO_SAMPLE, 1_000_000]);
    });

    it("over all storage of a site together, a new meter from its first sync on", async () => {
      const { setSite, sync, owner, reputation } = await load();
      await setSite(1, owner.address, [battery(0, 0)]);
      await sync(1, FIRST_DAY);
      await setSite(1, owner.address, [battery(3_000, 900), battery(50_000, 10_000, SECOND)]);
      await sync(1, FIRST_DAY + 1);
      // 3,900 Wh flowed through the first, two capacities of both are 4,000.
      // Now 4,000 have: 940 Wh of (3,000 + 60) x 0.9 = 2,754.
      await setSite(1, owner.address, [battery(3_000, 900), battery(50_060, 10_040, SECOND)]);
      await sync(1, FIRST_DAY + 2);
      const events = await reputation.queryFilter(reputation.filters.ReputationSampled());
      expect(events.map(({ args }) => Number(args.efficiencySample))).to.deep.equal([NO_SAMPLE, NO_SAMPLE, 341_321]);
    });

    it("never of a site without storage", async () => {
      const { setSite, sync, owner, reputation } = await load();
      await setSite(1, owner.address, [{ meter: METER, importWh: 9_000, exportWh: 9_000 }]);
      await sync(1, FIRST_DAY);
      await setSite(1, owner.address, [{ meter: METER, importWh: 99_000, exportWh: 99_000 }]);
      await sync(1, FIRST_DAY + 1);
      expect(await samplesOf(reputation)).to.deep.equal([NO_SAMPLE, NO_SAMPLE]);
      expect((await reputation.reputationOf(1)).efficiencyPpm).to.equal(500_000n);
    });
  });

  describe("samples contribution", () => {
    it("of what was reported since the last sample, against two slots at rated power", async () => {
      const { reputation, seasons, setSite, sync, owner, view } = await load();
      await setSite(1, owner.address, [{ meter: METER }]);
      await expect(reputation.connect(seasons).noteFlexible(1, SLOT_LIMIT_WH - 100))
        .to.emit(reputation, "FlexibleNoted")
        .withArgs(1, SLOT_LIMIT_WH - 100, SLOT_LIMIT_WH - 100);
      await reputation.connect(seasons).noteFlexible(1, 100);
      await sync(1, FIRST_DAY);
      // One slot of two: 750,000 pulls 500,000 by 62,500.
      expect((await view()).slice(0, 4)).to.deep.equal([500_000, 500_000, 562_500, 515_625]);
      expect((await reputation.reputationOf(1)).flexibleWh).to.equal(0n);
      await sync(1, FIRST_DAY + 1);
      expect((await view())[2]).to.equal(557_312);
    });

    it("keeps the energy of a site without an active meter for later", async () => {
      const { reputation, seasons, setSite, sync, owner, view } = await load();
      await setSite(1, owner.address, []);
      await reputation.connect(seasons).noteFlexible(1, 10);
      await sync(1, FIRST_DAY);
      expect((await reputation.reputationOf(1)).flexibleWh).to.equal(10n);
      expect((await view()).slice(0, 4)).to.deep.equal([500_000, 500_000, 500_000, 500_000]);
    });

    it("stops counting at 2^48 - 1 Wh instead of failing", async () => {
      const { reputation, seasons, setSite, owner } = await load();
      await setSite(1, owner.address, []);
      for (const energyWh of [2n ** 256n - 1n, 5n]) await reputation.connect(seasons).noteFlexible(1, energyWh);
      expect((await reputation.reputationOf(1)).flexibleWh).to.equal(2n ** 48n - 1n);
    });

    it("is refused for a site that does not exist, and from anybody but the seasons", async () => {
      const { reputation, seasons, governor } = await load();
      await expect(reputation.connect(seasons).noteFlexible(9, 1))
        .to.be.revertedWithCustomError(reputation, "UnknownSite")
        .withArgs(9);
      await expect(reputation.connect(governor).noteFlexible(9, 1))
        .to.be.revertedWithCustomError(reputation, "AccessManagedUnauthorized")
        .withArgs(governor.address);
    });
  });

  it("puts reliability to 0 for a new fault, once", async () => {
    const { setSite, sync, owner, view } = await load();
    await setSite(1, owner.address, [{ meter: METER, reliability: 4095 }]);
    await sync(1, FIRST_DAY);
    await setSite(1, owner.address, [{ meter: METER, reliability: 4095 }], 1);
    await sync(1, FIRST_DAY + 1);
    expect((await view()).slice(0, 7)).to.deep.equal([0, 500_000, 500_000, 250_000, 0, FIRST_DAY + 1, 1]);
    await setSite(1, owner.address, [{ meter: METER, reliability: 4095 }], 1);
    await sync(1, FIRST_DAY + 2);
    expect((await view()).slice(0, 2)).to.deep.equal([250_000, 500_000]);
  });

  it("ranks sites by tier, then score, both faded to today; a site never synced has no rank", async () => {
    const { reputation, setSite, sync, owner } = await load();
    await setSite(1, owner.address, [{ meter: METER, reliability: 4095 }]);
    await setSite(2, owner.address, [{ meter: SECOND }]);
    await sync(1, FIRST_DAY);
    await networkHelpers.time.setNextBlockTimestamp(FIRST_DAY * DAY_SECONDS + DAY_SECONDS / 2 + 1);
    await reputation.sync(2);
    expect(await reputation.queueRank(1)).to.equal(2 ** 24 + 562_500);
    expect(await reputation.queueRank(2)).to.equal(500_000);
    expect(await reputation.queueRank(3)).to.equal(0);
    // Eight days on, 562,500 has faded to 531,250: within the hysteresis of 550,000. A day later it is not.
    await networkHelpers.time.increaseTo((FIRST_DAY + 8) * DAY_SECONDS);
    expect(await reputation.queueRank(1)).to.equal(2 ** 24 + 531_250);
    await networkHelpers.time.increaseTo((FIRST_DAY + 9) * DAY_SECONDS);
    expect(await reputation.queueRank(1)).to.equal(528_656);
  });

  describe("by rules of tiers", () => {
    const rules = (tiers: readonly [number, number, number, number], hysteresisPpm: number) => {
      const [tier1Ppm, tier2Ppm, tier3Ppm, tier4Ppm] = tiers;
      return { tier1Ppm, tier2Ppm, tier3Ppm, tier4Ppm, hysteresisPpm };
    };

    it("that governance sets within bounds", async () => {
      const { reputation, governor, setSite, sync, owner } = await load();
      const widest = rules([500_100, 600_000, 700_000, 1_000_000], 99);
      await expect(reputation.connect(governor).setTierRules(widest))
        .to.emit(reputation, "TierRulesSet")
        .withArgs(Object.values(widest));
      expect([...(await reputation.tierRules())].map(Number)).to.deep.equal(Object.values(widest));
      await setSite(1, owner.address, [{ meter: METER, reliability: 2060 }]);
      await sync(1, FIRST_DAY);
      expect(await reputation.tierOf(1)).to.equal(1n);
    });

    it("that rise, stay above neutral and below 1,000,000, with a hysteresis of at most 50,000", async () => {
      const { reputation, governor, owner } = await load();
      for (const wrong of [
        rules([550_000, 550_000, 700_000, 800_000], 0),
        rules([550_000, 620_000, 620_000, 800_000], 0),
        rules([550_000, 620_000, 800_000, 800_000], 0),
        rules([550_000, 620_000, 700_000, 1_000_001], 0),
        rules([500_000, 620_000, 700_000, 800_000], 0),
        rules([520_000, 620_000, 700_000, 800_000], 20_000),
        rules([560_000, 620_000, 700_000, 800_000], 50_001),
      ]) {
        await expect(reputation.connect(governor).setTierRules(wrong))
          .to.be.revertedWithCustomError(reputation, "BadTierRules")
          .withArgs(Object.values(wrong));
      }
      await expect(reputation.connect(owner).setTierRules(rules([550_000, 620_000, 700_000, 800_000], 0)))
        .to.be.revertedWithCustomError(reputation, "AccessManagedUnauthorized")
        .withArgs(owner.address);
    });
  });
});
