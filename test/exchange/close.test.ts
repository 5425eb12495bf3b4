import { expect } from "chai";
import hre from "hardhat";
import { laneOf, meterSlotLimitWh } from "../../src/market/meterWord.ts";
import type { TestMeter } from "../support/testMarket.ts";
import { eventsOf, linesOf } from "./events.ts";
import { account, addZone, community, readIdle, S, skipped, T, time, type Community } from "./given.ts";

describe("closing a slot", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function closing() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(closing);
  });

  /** T is traded, 500 Wh at 200,000, and S is closed; nobody has read T. */
  async function traded(all: Community) {
    const { market, seller, home, buyer, feeder } = all;
    await market.clear(T, [
      market.order(seller, T, "offer", 500, 150_000),
      market.order(buyer, T, "bid", 500, 250_000),
    ]);
    await readIdle(market, S, [seller, home, buyer, feeder]);
    await market.exchange.close(1, S, []);
  }

  describe("refuses", () => {
    it("a zone that does not exist", async () => {
      const { market } = await given();
      await expect(market.exchange.close(4, S, [])).to.be.revertedWithCustomError(market.exchange, "BadZone");
    });

    it("before the slot has ended, and before its deadline while a meter or the feeder is unread", async () => {
      const all = await given();
      const { market, seller, home, buyer, feeder } = all;
      const early = (positions: number) =>
        expect(market.exchange.close(1, S, []))
          .to.be.revertedWithCustomError(market.exchange, "ClosingTooEarly")
          .withArgs(S, time(S + 5), positions);
      await early(0);
      await readIdle(market, S, [seller, home, buyer]);
      await early(0);
      await market.settleFlows(S, [{ meter: feeder }]);
      await market.exchange.close(1, S, []);
    });

    it("a slot out of order, closed already, or beyond its field", async () => {
      const all = await given();
      const { market, seller } = all;
      await readIdle(market, S, [seller]);
      await market.mineAt(S + 6);
      await expect(market.exchange.close(1, T, []))
        .to.be.revertedWithCustomError(market.exchange, "ClosingOutOfOrder")
        .withArgs(T, S);
      // The error names the slot that was asked for, also beyond the newest one that anybody touched.
      await expect(market.exchange.close(1, T + 40, []))
        .to.be.revertedWithCustomError(market.exchange, "ClosingOutOfOrder")
        .withArgs(T + 40, S);
      await market.exchange.close(1, S, []);
      await expect(market.exchange.close(1, S, []))
        .to.be.revertedWithCustomError(market.exchange, "ClosingOutOfOrder")
        .withArgs(S, T);
      await expect(market.exchange.close(1, 2 ** 24, [])).to.be.revertedWithCustomError(
        market.exchange,
        "SlotOutOfRange",
      );
    });

    it("early, when a meter that was read is suspended and another is still unread", async () => {
      const all = await given();
      const { market, seller, home, buyer, feeder } = all;
      await traded(all);
      await market.at(T + 1, 10);
      await market.settleFlows(T, [{ meter: home }, { meter: seller, exportWh: 500 }, { meter: feeder }]);
      // Three readings, and three meters that are active: but one of the three is not the one that was read.
      await market.exchange.connect(market.registrar).suspendMeter(home.address);
      await expect(market.exchange.connect(account(market, 19)).close(1, T, [buyer.address]))
        .to.be.revertedWithCustomError(market.exchange, "ClosingTooEarly")
        .withArgs(T, time(T + 5), 1);
      const sent = await market.settleFlows(T, [{ meter: buyer, importWh: 500 }]);
      expect((await linesOf(market, sent)).get(buyer.address)?.line.burnedTicks).to.equal(0n);
      // A slot that begins after the suspension closes early again.
      await market.at(T + 2, 10);
      await market.settleFlows(T + 1, [{ meter: seller }, { meter: buyer }, { meter: feeder }]);
      await market.mineAt(T + 5);
      await market.exchange.close(1, T, []);
      await market.exchange.close(1, T + 1, []);
      expect((await market.exchange.zoneInfo(1)).closedThrough).to.equal(T + 1);
    });
  });

  it("settles open positions as if nothing had flowed, in batches, and says when it is done", async () => {
    const all = await given();
    const { market, seller, buyer } = all;
    await traded(all);
    const start = { seller: await market.word(seller), buyer: await market.word(buyer) };
    await market.mineAt(T + 5);
    const exchange = market.exchange.connect(market.worker);
    expect(await exchange.close.staticCall(1, T, [seller.address])).to.equal(false);
    const first = await exchange.close(1, T, [seller.address]);
    // Sold 500 at 200,000, delivered nothing: retail price and the spared network charge.
    const closed = (await linesOf(market, first, "PositionClosed")).get(seller.address);
    expect(closed?.line).to.deep.equal({
      mintedTicks: 0n,
      burnedTicks: 500n * 330_000n,
      networkTicks: 0n,
      levyTicks: 0n,
    });
    expect(closed?.word.balanceTicks).to.equal(start.seller.balanceTicks + 500n * (200_000n - 330_000n));
    expect((await market.exchange.zoneInfo(1)).closedThrough).to.equal(S);
    const second = await exchange.close(1, T, [buyer.address]);
    await expect(second).to.emit(exchange, "SlotClosed");
    const word = await market.word(buyer);
    // Bought 500, used nothing: the energy goes back at the feed-in price.
    expect(word.balanceTicks).to.equal(start.buyer.balanceTicks + 500n * 100_000n);
    expect([word.importWh, word.exportWh, word.lastSlot, laneOf(word, T)]).to.deep.equal([0, 0, S, null]);
    // The work money that is left goes to whoever closes, half for each position.
    expect(await exchange.earned(market.worker.address)).to.equal(200_000n);
    expect((await exchange.slotRecord(1, T)).workTicks).to.equal(0n);
  });

  it("skips meters without a position of the slot, in the wrong zone, unknown, or named twice", async () => {
    const all = await given();
    const { market, seller, buyer, home } = all;
    await addZone(market, 2, 8);
    const abroad = await market.addMeter({ kind: "consumer", zone: 2 });
    await traded(all);
    await market.mineAt(T + 5);
    const stranger = account(market, 19).address;
    const named = [home.address, abroad.address, stranger, seller.address, seller.address, buyer.address];
    const events = await eventsOf(market, await market.exchange.close(1, T, named));
    const skips = events.filter(({ name }) => name === "CloseSkipped").map(({ args }) => args);
    expect(skips).to.deep.equal(
      [home.address, abroad.address, stranger, seller.address].map((meter) => {
        const [address, zone, slot, reason] = skipped(meter, T, "NothingToClose");
        return [address, BigInt(zone), BigInt(slot), reason];
      }),
    );
    expect(events.filter(({ name }) => name === "PositionClosed")).to.have.length(2);
  });

  it("does not take the position of the next slot for its own", async () => {
    const all = await given();
    const { market, seller, buyer, home, feeder } = all;
    await traded(all);
    await market.clear(T + 1, [
      market.order(seller, T + 1, "offer", 300, 150_000),
      market.order(buyer, T + 1, "bid", 300, 250_000),
    ]);
    await market.at(T + 1, 10);
    await market.settleFlows(T, [{ meter: home }, { meter: feeder }]);
    await market.mineAt(T + 5);
    await market.exchange.close(1, T, [seller.address, buyer.address]);
    expect(laneOf(await market.word(seller), T)).to.equal(null);
    expect(laneOf(await market.word(seller), T + 1)).to.deep.equal({ side: "offer", energyWh: 300 });
  });

  it("lets the next reading of a closed position be a gap reading", async () => {
    const all = await given();
    const { market, buyer } = all;
    await traded(all);
    await market.mineAt(T + 5);
    await market.exchange.close(1, T, [buyer.address]);
    const before = (await market.word(buyer)).balanceTicks;
    const sent = await market.settleFlows(T, [{ meter: buyer, importWh: 500 }]);
    // Cap price, the grid's network charge and the levy: the trade is over.
    expect((await linesOf(market, sent)).get(buyer.address)?.line).to.deep.equal({
      mintedTicks: 0n,
      burnedTicks: 500n * 600_000n,
      networkTicks: 500n * 50_000n,
      levyTicks: 500n * 10_000n,
    });
    expect((await market.word(buyer)).balanceTicks).to.equal(before - 500n * 660_000n);
    // Gap energy enters no slot's sum.
    expect((await market.exchange.slotRecord(1, T)).importWh).to.equal(0n);
  });

  describe("holds the feeder against its meters", () => {
    type Flows = { meter: TestMeter; importWh?: number; exportWh?: number }[];

    /** Read S with these flows, close it at its deadline, and tell whether it was flagged. */
    async function flaggedAfter(all: Community, flows: Flows): Promise<boolean> {
      const { market } = all;
      await market.at(S + 1, 10);
      await market.settleFlows(S, flows);
      await market.mineAt(S + 5);
      const events = await eventsOf(market, await market.exchange.close(1, S, []));
      const flagged = Boolean(events.find(({ name }) => name === "SlotClosed")?.args[2]);
      expect(await market.exchange.isFlagged(1, S)).to.equal(flagged);
      return flagged;
    }

    // 2,000 Wh flow: 6 % of them are losses, and 20 Wh are tolerated.
    const all = ({ seller, home, buyer }: Community): Flows => [
      { meter: seller, exportWh: 500 },
      { meter: home, importWh: 300 },
      { meter: buyer, importWh: 1_200 },
    ];
    for (const [feederWh, flagged] of [
      [1_000, false],
      [980, false],
      [979, true],
      [1_140, false],
      [1_141, true],
    ] as const) {
      it(`flags ${flagged ? "a" : "no"} feeder that measured ${String(feederWh)} Wh for 1,000`, async () => {
        const them = await given();
        const flows = [...all(them), { meter: them.feeder, importWh: feederWh }];
        expect(await flaggedAfter(them, flows)).to.equal(flagged);
      });
    }

    it("flags a slot without a feeder reading", async () => {
      const them = await given();
      expect(await flaggedAfter(them, all(them))).to.equal(true);
    });

    it("takes an unread meter for anything up to its rated power, and not a watt-hour more", async () => {
      const them = await given();
      const { seller, home, feeder, buyer, market } = them;
      const unread = await market.addMeter({ kind: "consumer", powerClass: 0x14 });
      const ratedWh = meterSlotLimitWh(await market.word(unread));
      const flows = (extraWh: number): Flows => [
        { meter: seller, exportWh: 500 },
        { meter: home, importWh: 500 },
        { meter: buyer },
        { meter: feeder, importWh: ratedWh + 20 + 60 + extraWh },
      ];
      const snapshot = await market.connection.networkHelpers.takeSnapshot();
      expect(await flaggedAfter(them, flows(0))).to.equal(false);
      await snapshot.restore();
      expect(await flaggedAfter(them, flows(1))).to.equal(true);
    });

    it("delays withdrawals until the inspector ends the inspection, or its deadline is over", async () => {
      const them = await given();
      const { market, buyer } = them;
      const exchange = market.exchange.connect(buyer.owner);
      await exchange.requestWithdrawal(buyer.address, 1_000n, buyer.owner.address);
      expect(await flaggedAfter(them, all(them))).to.equal(true);
      await expect(exchange.collectWithdrawal(1))
        .to.be.revertedWithCustomError(exchange, "SlotUnderInspection")
        .withArgs(S);
      const snapshot = await market.connection.networkHelpers.takeSnapshot();
      await expect(market.exchange.connect(market.inspector).endInspection(1, S, "meter seals are whole"))
        .to.emit(exchange, "InspectionEnded")
        .withArgs(1, S, market.inspector.address, "meter seals are whole");
      await exchange.collectWithdrawal(1);
      await snapshot.restore();
      await market.at(S + 101, -1);
      await expect(exchange.collectWithdrawal(1)).to.be.revertedWithCustomError(exchange, "SlotUnderInspection");
      await market.at(S + 101);
      await exchange.collectWithdrawal(1);
      await expect(exchange.collectWithdrawal(1)).to.be.revertedWithCustomError(exchange, "UnknownWithdrawal");
    });
  });
});

describe("passing over slots that nobody touched", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function passing() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(passing);
  });

  it("refuses a slot before its deadline, one that is closed, and a run that was touched", async () => {
    const { market, seller } = await given();
    await market.at(S + 105, -1);
    await expect(market.exchange.passOver(1, S + 100))
      .to.be.revertedWithCustomError(market.exchange, "ClosingTooEarly")
      .withArgs(S + 100, time(S + 105), 0);
    await market.exchange.passOver(1, S + 90);
    await expect(market.exchange.passOver(1, S + 90))
      .to.be.revertedWithCustomError(market.exchange, "SlotOutOfRange")
      .withArgs(S + 90);
    await market.at(S + 105);
    await market.settleFlows(S + 102, [{ meter: seller }]);
    await market.at(S + 110);
    await expect(market.exchange.passOver(1, S + 103))
      .to.be.revertedWithCustomError(market.exchange, "ClosingOutOfOrder")
      .withArgs(S + 103, S + 102);
    await expect(market.exchange.passOver(8, S)).to.be.revertedWithCustomError(market.exchange, "BadZone");
  });

  it("closes them all at once, however many they are", async () => {
    const { market } = await given();
    await market.at(S + 5_005);
    await expect(market.exchange.passOver(1, S + 5_000))
      .to.emit(market.exchange, "SlotsPassedOver")
      .withArgs(1, S - 20, S + 5_000);
    expect((await market.exchange.zoneInfo(1)).closedThrough).to.equal(S + 5_000);
  });

  it("leaves energy of passed slots to gap readings", async () => {
    const { market, buyer } = await given();
    await market.at(S + 55);
    await market.exchange.passOver(1, S + 50);
    const sent = await market.settleFlows(S + 50, [{ meter: buyer, importWh: 10 }]);
    expect((await linesOf(market, sent)).get(buyer.address)?.line.burnedTicks).to.equal(10n * 600_000n);
  });
});
