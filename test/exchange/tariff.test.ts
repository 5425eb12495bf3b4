import { expect } from "chai";
import hre from "hardhat";
import type { EnergyQueueMock } from "../../typechain-types/index.ts";
import {
  deployTestMarket,
  FIRST_SLOT as S,
  LIMITS,
  TERMS,
  type TestMarket,
  type TestMeter,
} from "../support/testMarket.ts";
import { mockQueue } from "../support/mockQueue.ts";
import { eventsOf } from "./events.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const SLOPE = 500_000;
const RING = 128;

/** What a queue does when it is asked, by the mock's numbers. */
const MANNERS = { reverts: 1, burnsAllGas: 2, answersShort: 3, answersLong: 4, usesMuchGas: 5 } as const;

interface Market {
  readonly market: TestMarket;
  readonly taker: TestMeter;
  readonly giver: TestMeter;
  readonly late: TestMeter;
  readonly feeder: TestMeter;
}

async function steep(): Promise<Market> {
  const market = await deployTestMarket(connection, { slopePpm: SLOPE });
  const taker = await market.addMeter({ kind: "consumer", balanceTicks: 10n ** 13n });
  const giver = await market.addMeter({ kind: "prosumer", bonded: false });
  const late = await market.addMeter({ kind: "consumer", balanceTicks: 10n ** 13n });
  const feeder = await market.addMeter({ kind: "feeder", powerClass: 0x74, balanceTicks: 0n });
  await market.exchange.passOver(1, S - 6);
  return { market, taker, giver, late, feeder };
}

const given = () => networkHelpers.loadFixture(steep);

/** What the two meters took and gave in a slot, read in time. */
async function read({ market, taker, giver }: Market, slot: number, importWh: number, exportWh: number): Promise<void> {
  await market.settleFlows(slot, [
    { meter: taker, importWh },
    { meter: giver, exportWh },
  ]);
}

/**
 * Two slots after a pause that end at the moment at hand. The slot before them is read too, once the pause before it is
 * past its deadlines: a gap, which counts for nothing.
 */
async function readTwo(all: Market, slot: number, importWh: number, exportWh: number): Promise<void> {
  const { market, taker, giver } = all;
  await market.at(slot + 3, 20);
  await market.settleFlows(slot - 1, [{ meter: taker }, { meter: giver }]);
  await read(all, slot, importWh, exportWh);
  await read(all, slot + 1, importWh, exportWh);
}

async function tariffAt({ exchange }: TestMarket, slot: number): Promise<[number, number, number]> {
  const { importPrice, exportPrice, scarcityPpm } = await exchange.tariffAt(1, slot);
  return [Number(importPrice), Number(exportPrice), Number(scarcityPpm)];
}

async function queueFor(market: TestMarket): Promise<EnergyQueueMock> {
  return mockQueue(market);
}

/** The story of docs/economics.md up to the moment at which the gate of the slot s = S + 110 opens. */
async function workedExample(all: Market): Promise<EnergyQueueMock> {
  const { market } = all;
  const queue = await queueFor(market);
  await queue.set(1, S + 110, [200, 200]);
  await readTwo(all, S, 600, 600);
  await readTwo(all, S + 14, 500, 1_500);
  await readTwo(all, S + 96, 900, 600);
  await market.mineAt(S + 110 - 8);
  return queue;
}

describe("the moving tariff", () => {
  describe("worked out by hand", () => {
    it("follows yesterday, the latest slot and the queue, by an eighth at most", async () => {
      const all = await given();
      const { market } = all;
      await workedExample(all);
      expect(await tariffAt(market, S + 109)).to.deep.equal([300_000, 100_000, 0]);
      const first = [275_000, 75_000, -311_700];
      expect(await tariffAt(market, S + 110)).to.deep.equal(first);
      await expect(market.exchange.fixTariffs(1, S + 110))
        .to.emit(market.exchange, "TariffFixed")
        .withArgs(1, S + 110, 275_000, 75_000, -311_700, 125);
      expect(await tariffAt(market, S + 110)).to.deep.equal(first);
      expect(await market.exchange.scarcityAt(1, S + 110)).to.equal(-311_700n);
      await market.mineAt(S + 103);
      expect(await tariffAt(market, S + 111)).to.deep.equal([268_830, 68_830, -311_700]);
      // Nobody was read a day before: the reference carries over, and nothing is said of scarcity.
      await market.mineAt(S + 104);
      expect(await tariffAt(market, S + 112)).to.deep.equal([268_830, 68_830, 0]);
    });

    it("gives the slot's record its prices, which bound what may be ordered", async () => {
      const all = await given();
      const { market, taker } = all;
      await workedExample(all);
      const exchange = market.exchange.connect(taker.owner);
      await expect(exchange.placeOrder(S + 110, taker.address, 1, 100, 275_001)).to.be.revertedWithCustomError(
        exchange,
        "LimitOutsideTariff",
      );
      await exchange.placeOrder(S + 110, taker.address, 1, 100, 275_000);
      const record = await exchange.slotRecord(1, S + 110);
      expect([record.importPrice, record.exportPrice]).to.deep.equal([275_000n, 75_000n]);
      expect((await exchange.termsAt(1, S + 110)).importPrice).to.equal(300_000n);
    });
  });

  describe("fixing", () => {
    it("refuses an unknown zone and a slot whose gate is not open, and changes nothing where all is fixed", async () => {
      const { market } = await given();
      const { exchange } = market;
      await market.at(S + 1, -1);
      await expect(exchange.fixTariffs(1, S + 9))
        .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
        .withArgs(S + 9);
      await market.at(S + 1);
      await expect(exchange.fixTariffs(9, S + 9)).to.be.revertedWithCustomError(exchange, "BadZone");
      await market.at(S + 1);
      await expect(exchange.fixTariffs(1, S + 9)).to.emit(exchange, "TariffFixed");
      for (const slot of [S + 9, S, 0]) {
        await expect(exchange.fixTariffs(1, slot)).to.not.emit(exchange, "TariffFixed");
      }
      expect((await exchange.zoneInfo(1)).tariffThrough).to.equal(S + 9);
    });

    it("is done by whoever touches a slot, for that slot and all before it", async () => {
      const { market, taker } = await given();
      const { exchange } = market;
      await market.at(S + 1, 0);
      await exchange.connect(taker.owner).placeOrder(S + 5, taker.address, 1, 10, 200_000);
      const zone = await exchange.zoneInfo(1);
      expect([zone.tariffThrough, zone.newestSlot, zone.referencePrice]).to.deep.equal([
        BigInt(S + 5),
        BigInt(S + 5),
        200_000n,
      ]);
    });

    it("comes before new terms: open slots keep the price by the terms that they opened with", async () => {
      const { market } = await given();
      const { exchange } = market;
      await market.at(S + 1);
      const terms = { ...TERMS, slopePpm: 0, fromSlot: S + 10, importPrice: 420_000, exportPrice: 180_000 };
      await exchange.connect(market.governor).setZoneTerms(1, terms);
      expect((await exchange.zoneInfo(1)).tariffThrough).to.equal(S + 9);
      await market.mineAt(S + 4);
      const prices = [];
      for (let slot = S + 8; slot <= S + 12; ++slot) prices.push((await tariffAt(market, slot)).slice(0, 2));
      // The spread is the new one at once; the reference takes 225,000, 253,125 and then the highest, 300,000.
      expect(prices).to.deep.equal([
        [300_000, 100_000],
        [300_000, 100_000],
        [345_000, 105_000],
        [373_125, 133_125],
        [404_765, 164_765],
      ]);
    });

    it("skips what a zone that stood still cannot need, and knows the rest", async () => {
      const all = await given();
      const { market } = all;
      const { exchange } = market;
      await market.at(S + 1, 20);
      await read(all, S, 600, 0);
      const now = S + 9_000;
      await market.mineAt(now);
      // What nobody has fixed is answered as it will be.
      expect(await tariffAt(market, now + 8)).to.deep.equal([325_000, 125_000, 0]);
      const { logs } = (await (await exchange.fixTariffs(1, now + 8)).wait()) ?? { logs: [] };
      // The slots up to a day after the newest touched one, S, and the last 128.
      const first = Number((await exchange.zoneInfo(1)).createdSlot);
      expect(logs.length).to.be.within(S + 97 - first - 9, S + 97 - first + RING);
      // Yesterday of S + 96 has nothing but demand: the price went up by an eighth, and stayed.
      expect(await tariffAt(market, now + 8)).to.deep.equal([325_000, 125_000, 0]);
      expect(await exchange.scarcityAt(1, now)).to.equal(0n);
      expect(await exchange.scarcityAt(1, now + 8 - 4_095)).to.equal(0n);
      for (const slot of [now + 8 - 4_096, now + 9]) {
        await expect(exchange.scarcityAt(1, slot))
          .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
          .withArgs(slot);
      }
      await expect(exchange.tariffAt(1, now + 8 - RING)).to.be.revertedWithCustomError(exchange, "SlotOutOfRange");
      expect(await tariffAt(market, now + 9 - RING)).to.deep.equal([325_000, 125_000, 0]);
    });
  });

  describe("of a zone that nobody touches, without a slope", () => {
    it("goes to the base of new terms by an eighth a slot, also in the slots that are skipped", async () => {
      const market = await deployTestMarket(await hre.network.create());
      const { exchange } = market;
      await exchange.connect(market.governor).setZoneTerms(1, {
        ...TERMS,
        // More than a day after the newest slot that was touched: from there on slots are skipped.
        fromSlot: S + 500,
        importPrice: 360_000,
        exportPrice: 180_000,
      });
      const now = S + 9_000;
      await market.mineAt(now);
      const oldest = now + 9 - RING;
      // 200,000, 225,000 and 253,125 were on the way; half the spread of 180,000 lies on either side of 270,000.
      expect(await tariffAt(market, oldest)).to.deep.equal([360_000, 180_000, 0]);
      await exchange.fixTariffs(1, now + 8);
      for (const slot of [oldest, now + 8]) {
        expect(await tariffAt(market, slot)).to.deep.equal([360_000, 180_000, 0]);
      }
    });
  });

  describe("asked for a price", () => {
    it("answers for what is fixed and what could be, and for nothing else", async () => {
      const { market } = await given();
      const { exchange } = market;
      const created = Number((await exchange.zoneInfo(1)).createdSlot);
      await market.mineAt(S + 3);
      for (const slot of [0, created - 1, S + 12, 2 ** 32 - 1]) {
        await expect(exchange.tariffAt(1, slot), String(slot))
          .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
          .withArgs(slot);
        await expect(exchange.scarcityAt(1, slot)).to.be.revertedWithCustomError(exchange, "SlotOutOfRange");
      }
      await expect(exchange.tariffAt(9, S)).to.be.revertedWithCustomError(exchange, "BadZone");
      await expect(exchange.scarcityAt(9, S)).to.be.revertedWithCustomError(exchange, "BadZone");
      expect(await tariffAt(market, created)).to.deep.equal([300_000, 100_000, 0]);
      expect(await tariffAt(market, S + 11)).to.deep.equal([300_000, 100_000, 0]);
      // A scarcity is published with the price, not before.
      await expect(exchange.scarcityAt(1, S + 11)).to.be.revertedWithCustomError(exchange, "SlotOutOfRange");
      await exchange.fixTariffs(1, S + 11);
      expect(await exchange.scarcityAt(1, S + 11)).to.equal(0n);
    });

    it("has none for a slot that nobody touched until its price was gone", async () => {
      const { market, late } = await given();
      const { exchange } = market;
      await market.at(S + 120);
      await market.settleFlows(S, [{ meter: late, importWh: 10 }]);
      const record = await exchange.slotRecord(1, S);
      expect([record.importPrice, record.exportPrice, record.readCount]).to.deep.equal([0n, 0n, 0n]);
      // One slot younger it still has its price.
      await market.settleFlows(S + 1, [{ meter: late, importWh: 10 }]);
      expect((await exchange.slotRecord(1, S + 1)).importPrice).to.equal(300_000n);
    });
  });

  describe("a queue of energy", () => {
    it("is named at genesis, once, and counts from the first slot whose gate was not open then", async () => {
      const { market } = await given();
      const exchange = market.exchange.connect(market.governor);
      const nobody = market.signers[19]?.address ?? "";
      await expect(exchange.setEnergyQueue(nobody))
        .to.be.revertedWithCustomError(exchange, "BadParameter")
        .withArgs(ethers.encodeBytes32String("queue"), BigInt(nobody));
      await expect(market.exchange.connect(market.registrar).setEnergyQueue(nobody)).to.be.revertedWithCustomError(
        exchange,
        "AccessManagedUnauthorized",
      );
      const [named] = await exchange.queryFilter(exchange.filters.EnergyQueueSet());
      const queue = await market.energyQueue.getAddress();
      // The system is deployed in S - 20.
      expect([...(named?.args ?? [])]).to.deep.equal([queue, BigInt(S - 11)]);
      expect([...(await exchange.energyQueue())]).to.deep.equal([queue, BigInt(S - 11)]);
      const second = await ethers.deployContract("EnergyQueueMock");
      await expect(exchange.setEnergyQueue(second)).to.be.revertedWithCustomError(exchange, "BadParameter");
    });

    it("moves no price whose gate was open when it was named", async () => {
      // A deployment names its queue before it has zones; the rule is shown on the tariff alone.
      const { ethers: own, networkHelpers: clock } = await hre.network.create();
      const libraries = { Tariff: await own.deployContract("Tariff") };
      const harness = await own.deployContract("TariffHarness", [], { libraries });
      await harness.setZone(1, S + 7, 200_000, LIMITS, TERMS, TERMS);
      const figures = [S - 88, S - 87].map((slot) => ({ slot, importWh: 500, exportWh: 500, readCount: 1 }));
      await harness.setFigures(1, figures);
      const queue = await own.deployContract("EnergyQueueMock");
      await queue.set(1, S + 8, [400, 400]);
      await clock.time.increaseTo(S * 900 + 20);
      await harness.setQueue(queue);
      await clock.time.increaseTo((S + 1) * 900);
      // S + 9 is the first slot that was not open; 125 of 400 Wh count, a quarter of demand: 125 / 1,125 = 0.1111.
      expect((await harness.priceAt(1, S + 8))[2]).to.equal(0n);
      expect((await harness.priceAt(1, S + 9))[2]).to.equal(111_100n);
    });

    const without = [268_830, 68_830, -400_000];
    for (const [manner, code] of Object.entries(MANNERS)) {
      it(`that ${manner} leaves a price all the same`, async () => {
        const all = await given();
        const { market } = all;
        const queue = await workedExample(all);
        await queue.behave(code);
        const answers = manner === "answersLong" || manner === "usesMuchGas";
        expect(await tariffAt(market, S + 110)).to.deep.equal([275_000, 75_000, answers ? -311_700 : -400_000]);
        await market.exchange.fixTariffs(1, S + 110);
        expect(await market.exchange.scarcityAt(1, S + 110)).to.equal(answers ? -311_700n : -400_000n);
        // (500 - 1,500) / 2,000 + 0.1 = -0.4: 200,000 x 0.8 = 160,000.
        await market.mineAt(S + 103);
        expect(await tariffAt(market, S + 111)).to.deep.equal(
          answers ? [268_830, 68_830, -311_700] : [260_000, 60_000, without[2]],
        );
      });
    }

    it("cannot be starved: with less gas there is no price rather than another one", async () => {
      const all = await given();
      const { market } = all;
      const queue = await workedExample(all);
      await queue.behave(MANNERS.usesMuchGas);
      await market.exchange.fixTariffs(1, S + 109);
      const outcomes = new Set<string>();
      for (let gas = 60_000; gas <= 240_000; gas += 3_000) {
        const snapshot = await networkHelpers.takeSnapshot();
        try {
          const sent = await market.exchange.fixTariffs(1, S + 110, { gasLimit: gas });
          await sent.wait();
          outcomes.add(String(await market.exchange.scarcityAt(1, S + 110)));
        } catch (error) {
          outcomes.add(String(error).includes("TooLittleGas") ? "TooLittleGas" : "out of gas");
        }
        await snapshot.restore();
      }
      expect([...outcomes].sort()).to.deep.equal(["-311700", "TooLittleGas", "out of gas"].sort());
    });
  });

  describe("does not depend on who acts when", () => {
    /** One way to run the same slots: the readings in time are the same, everything else differs. */
    interface Way {
      readonly name: string;
      /** Fix every this many slots; 0 = leave it to who touches a slot. */
      readonly fixEvery: number;
      /** Close this many slots after the deadline. */
      readonly closeLag: number;
      readonly lateReadings: boolean;
      readonly feederRead: boolean;
      /** Touch a slot this far ahead by an order on chain. */
      readonly touchAhead: number;
    }
    const WAYS: readonly Way[] = [
      { name: "eagerly", fixEvery: 1, closeLag: 0, lateReadings: false, feederRead: true, touchAhead: 8 },
      { name: "lazily", fixEvery: 0, closeLag: 90, lateReadings: false, feederRead: false, touchAhead: 0 },
      {
        name: "with flags, late readings and placed orders",
        fixEvery: 0,
        closeLag: 3,
        lateReadings: true,
        feederRead: false,
        touchAhead: 3,
      },
      { name: "now and then", fixEvery: 37, closeLag: 20, lateReadings: true, feederRead: true, touchAhead: 0 },
    ];
    const SLOTS = 135;

    async function run({ market, taker, giver, late, feeder }: Market, way: Way): Promise<Map<number, string>> {
      const { exchange } = market;
      const prices = new Map<number, string>();
      const note = async (sent: Parameters<typeof eventsOf>[1]) => {
        for (const { name, args } of await eventsOf(market, sent)) {
          if (name === "TariffFixed") prices.set(Number(args[1]), args.slice(2).join());
        }
      };
      let closed = S - 1;
      for (let slot = S; slot < S + SLOTS; ++slot) {
        const flow = (factor: number, ended: number) => (ended * ended * factor + ended) % 2_000;
        await market.at(slot, 40);
        if (way.touchAhead > 0 && slot % 5 === 0) {
          const ahead = slot + way.touchAhead;
          await note(await exchange.connect(late.owner).cancelOrder(ahead, late.address));
        }
        if (way.fixEvery > 0 && slot % way.fixEvery === 0) await note(await exchange.fixTariffs(1, slot + 8));
        await market.at(slot + 1, 20);
        // For five slots nobody reads; the next reading is a gap, which counts for nothing, and four more catch up in time.
        const place = slot - S;
        const slots =
          place >= 40 && place < 49 ? [] : place === 49 ? [slot - 4, slot - 3, slot - 2, slot - 1, slot] : [slot];
        for (const ended of slots) {
          const flows = [
            { meter: taker, importWh: flow(7, ended) },
            { meter: giver, exportWh: flow(3, ended) },
          ];
          if (way.feederRead) flows.push({ meter: feeder, importWh: 20_000 });
          await note(await market.settleFlows(ended, flows));
        }
        // A meter whose readings all come too late to count.
        if (way.lateReadings && slot % 4 === 0 && slot > S + 8) {
          await note(await market.settleFlows(slot - 6, [{ meter: late, importWh: 900 }]));
        }
        while (closed + 1 <= slot - 5 - way.closeLag) {
          closed += 1;
          await note(await exchange.close(1, closed, []));
        }
      }
      await market.at(S + SLOTS, 60);
      await note(await exchange.fixTariffs(1, S + SLOTS + 8));
      return prices;
    }

    it("over a day and a half of readings, four ways", async () => {
      const all = await given();
      const results: Map<number, string>[] = [];
      for (const way of WAYS) {
        const snapshot = await networkHelpers.takeSnapshot();
        results.push(await run(all, way));
        await snapshot.restore();
      }
      const [first] = results;
      expect(first?.size).to.be.greaterThan(SLOTS);
      // Prices have moved at all.
      expect(new Set(first?.values()).size).to.be.greaterThan(20);
      for (const [index, result] of results.entries()) {
        expect([...result].sort(), WAYS[index]?.name).to.deep.equal([...(first ?? [])].sort());
      }
    });
  });
});
