import { expect } from "chai";
import hre from "hardhat";
import { PLACEMENT_FEE_TICKS, placementLockTicks } from "../../src/market/fees.ts";
import { meterSlotLimitWh } from "../../src/market/meterWord.ts";
import { account, addZone, community, incurDebt, placedList, S, skipped, T, time, type Community } from "./given.ts";

const FEE_PPM = 10_000;
const FAR = S + 4;

describe("placing an order on chain", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function placing() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(placing);
  });

  describe("refuses", () => {
    it("an address that is no meter", async () => {
      const { market } = await given();
      const stranger = account(market, 19);
      await expect(market.exchange.connect(stranger).placeOrder(FAR, stranger.address, 1, 100, 200_000))
        .to.be.revertedWithCustomError(market.exchange, "UnknownMeter")
        .withArgs(stranger.address, FAR);
    });

    it("a caller who is neither owner, delegate nor device", async () => {
      const { market, buyer } = await given();
      const stranger = account(market, 19);
      await expect(market.exchange.connect(stranger).placeOrder(FAR, buyer.address, 1, 100, 200_000))
        .to.be.revertedWithCustomError(market.exchange, "NotEntitled")
        .withArgs(stranger.address);
    });

    it("a delegate whose authority was revoked", async () => {
      const { market, buyer } = await given();
      const delegate = account(market, 19);
      await market.exchange.connect(buyer.owner).setDelegate(buyer.address, delegate.address);
      await market.exchange.connect(delegate).placeOrder(FAR, buyer.address, 1, 100, 200_000);
      await market.exchange.connect(buyer.owner).setDelegate(buyer.address, `0x${"0".repeat(40)}`);
      await expect(
        market.exchange.connect(delegate).placeOrder(FAR, buyer.address, 1, 100, 200_000),
      ).to.be.revertedWithCustomError(market.exchange, "NotEntitled");
    });

    it("before the gate opens and from its closure on, to the second", async () => {
      const { market, buyer } = await given();
      const exchange = market.exchange.connect(buyer.owner);
      const slot = S + 20;
      await market.at(slot - 8, -1);
      await expect(exchange.placeOrder(slot, buyer.address, 1, 100, 200_000))
        .to.be.revertedWithCustomError(exchange, "GateNotOpen")
        .withArgs(slot, time(slot - 8), time(slot, -600));
      await market.at(slot - 8);
      await exchange.placeOrder(slot, buyer.address, 1, 100, 200_000);
      await market.at(slot, -601);
      await exchange.placeOrder(slot, buyer.address, 1, 101, 200_000);
      await market.at(slot, -600);
      await expect(exchange.placeOrder(slot, buyer.address, 1, 102, 200_000)).to.be.revertedWithCustomError(
        exchange,
        "GateNotOpen",
      );
    });

    it("a slot beyond what 24 bits hold, and one before any gate", async () => {
      const { market, buyer } = await given();
      const exchange = market.exchange.connect(buyer.owner);
      for (const slot of [2 ** 24, 8, 0]) {
        await expect(exchange.placeOrder(slot, buyer.address, 1, 100, 200_000))
          .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
          .withArgs(slot);
      }
    });

    it("no energy, an unknown side, more than rated power, and limits outside the tariff", async () => {
      const { market, buyer } = await given();
      const exchange = market.exchange.connect(buyer.owner);
      const limitWh = meterSlotLimitWh(await market.word(buyer));
      const place = (side: number, energyWh: number, limitPrice: number) =>
        exchange.placeOrder(FAR, buyer.address, side, energyWh, limitPrice);
      await expect(place(1, 0, 200_000))
        .to.be.revertedWithCustomError(exchange, "ZeroEnergy")
        .withArgs(0);
      for (const side of [0, 3]) {
        await expect(place(side, 100, 200_000)).to.be.revertedWithCustomError(exchange, "BadParameter");
      }
      const refused = (error: string) => [exchange, error] as const;
      await expect(place(1, limitWh + 1, 200_000))
        .to.be.revertedWithCustomError(...refused("OrderBeyondRatedPower"))
        .withArgs(buyer.address, FAR);
      await place(1, limitWh, 200_000);
      for (const limitPrice of [99_999, 300_001]) {
        await expect(place(1, 100, limitPrice))
          .to.be.revertedWithCustomError(...refused("LimitOutsideTariff"))
          .withArgs(buyer.address, FAR);
      }
      await place(1, 100, 100_000);
      await place(1, 100, 300_000);
    });

    it("a feeder, a suspended meter, an indebted one, and an offer without a bond", async () => {
      const { market, buyer, feeder, home } = await given();
      await expect(market.exchange.connect(feeder.owner).placeOrder(FAR, feeder.address, 1, 100, 200_000))
        .to.be.revertedWithCustomError(market.exchange, "FeederCannotTrade")
        .withArgs(feeder.address, FAR);
      await expect(market.exchange.connect(buyer.owner).placeOrder(FAR, buyer.address, 2, 100, 200_000))
        .to.be.revertedWithCustomError(market.exchange, "MeterNotBonded")
        .withArgs(buyer.address, FAR);
      await market.exchange.connect(market.registrar).suspendMeter(home.address);
      await expect(market.exchange.connect(home.owner).placeOrder(FAR, home.address, 2, 100, 200_000))
        .to.be.revertedWithCustomError(market.exchange, "MeterSuspended")
        .withArgs(home.address, FAR);
      const poor = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
      await incurDebt(market, poor, S, 10);
      await expect(market.exchange.connect(poor.owner).placeOrder(FAR, poor.address, 1, 100, 200_000))
        .to.be.revertedWithCustomError(market.exchange, "MeterIndebted")
        .withArgs(poor.address, FAR);
    });

    it("a balance one tick short of the worst case, the fee and the placement fee", async () => {
      const { market } = await given();
      const lock = placementLockTicks("bid", 333, 222_223, FEE_PPM);
      const short = await market.addMeter({ kind: "consumer", balanceTicks: lock - 1n });
      const exchange = market.exchange.connect(short.owner);
      await expect(exchange.placeOrder(FAR, short.address, 1, 333, 222_223))
        .to.be.revertedWithCustomError(exchange, "InsufficientBalance")
        .withArgs(short.address, FAR);
      await market.fund(short.owner, 1n);
      await exchange.deposit(short.address, 1n);
      await exchange.placeOrder(FAR, short.address, 1, 333, 222_223);
      expect((await market.word(short)).balanceTicks).to.equal(0n);
    });

    it("a paused exchange", async () => {
      const { market, buyer } = await given();
      await market.exchange.connect(market.guardian).pause();
      await expect(
        market.exchange.connect(buyer.owner).placeOrder(FAR, buyer.address, 1, 100, 200_000),
      ).to.be.revertedWithCustomError(market.exchange, "EnforcedPause");
    });

    it("the 65th meter of a slot, while meters on the list may still change their orders", async () => {
      const { market, seller } = await given();
      const owner = seller.owner;
      const meters = [];
      let site: number | undefined;
      for (let i = 0; i < 65; ++i) {
        const meter = await market.addMeter({
          kind: "consumer",
          balanceTicks: 100_000_000n,
          ...(i % 16 === 0 || site === undefined ? {} : { site }),
        });
        site = meter.site;
        meters.push(meter);
      }
      const exchange = market.exchange.connect(owner);
      const last = meters.pop();
      for (const meter of meters) await exchange.placeOrder(FAR, meter.address, 1, 10, 200_000);
      await expect(exchange.placeOrder(FAR, last?.address ?? "", 1, 10, 200_000))
        .to.be.revertedWithCustomError(exchange, "TooManyOrders")
        .withArgs(65, 64);
      await expect(exchange.cancelOrder(FAR, last?.address ?? "")).to.be.revertedWithCustomError(
        exchange,
        "TooManyOrders",
      );
      await exchange.placeOrder(FAR, meters[63]?.address ?? "", 1, 20, 200_000);
      expect(await placedList(market, FAR)).to.have.length(64);
    });

    it("a slot whose ring record an open slot still holds", async () => {
      const { market, buyer, feeder } = await given();
      // S gets a record that nobody closes; S + 128 needs the same entry.
      await market.at(S + 1, 5);
      await market.settleFlows(S, [{ meter: feeder }]);
      await market.at(S + 124);
      await expect(market.exchange.connect(buyer.owner).placeOrder(S + 128, buyer.address, 1, 100, 200_000))
        .to.be.revertedWithCustomError(market.exchange, "RecordInUse")
        .withArgs(S + 128, S);
      await market.exchange.close(1, S, []);
      // Nothing but the feeder was read, and the unread meters may have explained it: no flag keeps the record.
      await market.exchange.connect(buyer.owner).placeOrder(S + 128, buyer.address, 1, 100, 200_000);
    });
  });

  describe("accepts", () => {
    it("owner, delegate and device key alike", async () => {
      const { market, buyer } = await given();
      const delegate = account(market, 19);
      await market.exchange.connect(buyer.owner).setDelegate(buyer.address, delegate.address);
      await market.exchange.connect(buyer.owner).placeOrder(FAR, buyer.address, 1, 100, 200_000);
      await market.exchange.connect(delegate).placeOrder(FAR, buyer.address, 1, 110, 200_000);
      const { networkHelpers, ethers } = market.connection;
      await networkHelpers.impersonateAccount(buyer.address);
      await networkHelpers.setBalance(buyer.address, 10n ** 18n);
      const device = await ethers.getSigner(buyer.address);
      await market.exchange.connect(device).placeOrder(FAR, buyer.address, 1, 120, 200_000);
      expect(await placedList(market, FAR)).to.deep.equal([
        { meter: buyer.address, side: "bid", energyWh: 120, limitPrice: 200_000 },
      ]);
    });

    it("an order that replaces the meter's earlier one, locking only what is new", async () => {
      const { market, home } = await given();
      const exchange = market.exchange.connect(home.owner);
      const start = (await market.word(home)).balanceTicks;
      await exchange.placeOrder(FAR, home.address, 1, 500, 250_000);
      const lock = 500n * 250_000n + 1_250_000n + PLACEMENT_FEE_TICKS;
      expect((await market.word(home)).balanceTicks).to.equal(start - lock);
      await expect(exchange.placeOrder(FAR, home.address, 2, 400, 150_000))
        .to.emit(exchange, "OrderPlaced")
        .withArgs(home.address, 1, FAR, 0, 2, 400, 150_000, (word: bigint) => word !== 0n);
      expect((await market.word(home)).balanceTicks).to.equal(start - PLACEMENT_FEE_TICKS);
    });
  });

  it("supersedes the meter's signed order, which clearing then skips", async () => {
    const { market, seller, buyer } = await given();
    const signed = market.order(buyer, T, "bid", 700, 300_000);
    const offer = market.order(seller, T, "offer", 1_000, 100_000);
    await market.exchange.connect(buyer.owner).placeOrder(T, buyer.address, 1, 300, 200_000);
    const placed = await placedList(market, T);
    // The matcher commits the superseded order all the same: clearing keeps it out.
    const book = market.book(T, [signed, offer]);
    await market.at(T, -590);
    await market.exchange.connect(market.matcher).commitBook(1, T, book.hash, 2);
    const { encodeEntries } = await import("../../src/market/book.ts");
    const withPlaced = market.book(T, [], placed);
    const bids = encodeEntries([...book.bids, ...withPlaced.bids]);
    await market.at(T, -450);
    const cleared = await market.exchange.connect(market.matcher).clear(1, T, bids, encodeEntries(book.offers));
    await expect(cleared)
      .to.emit(market.exchange, "OrderSkipped")
      .withArgs(...skipped(buyer, T, "OrderSuperseded"));
    expect((await market.exchange.slotRecord(1, T)).matchedWh).to.equal(300n);
  });

  describe("given that the order reaches clearing", () => {
    it("gives a filled bid its fee for placing back and takes only what it trades", async () => {
      const { market, seller, buyer } = await given();
      const start = (await market.word(buyer)).balanceTicks;
      await market.exchange.connect(buyer.owner).placeOrder(T, buyer.address, 1, 1_000, 300_000);
      await market.clear(T, [market.order(seller, T, "offer", 400, 200_000)], await placedList(market, T));
      // 400 Wh at (300,000 + 200,000) / 2, fee 1 %.
      expect(start - (await market.word(buyer)).balanceTicks).to.equal(101_000_000n);
    });

    it("gives an unfilled bid its lock back and keeps the placement fee for the season pool", async () => {
      const { market, seller, buyer } = await given();
      const start = (await market.word(buyer)).balanceTicks;
      const season = (await market.exchange.zoneInfo(1)).accruals.season;
      await market.exchange.connect(buyer.owner).placeOrder(T, buyer.address, 1, 1_000, 150_000);
      await market.clear(T, [market.order(seller, T, "offer", 400, 200_000)], await placedList(market, T));
      expect(start - (await market.word(buyer)).balanceTicks).to.equal(PLACEMENT_FEE_TICKS);
      expect((await market.exchange.zoneInfo(1)).accruals.season - season).to.equal(PLACEMENT_FEE_TICKS);
    });

    it("skips and refunds a placed bid whose meter was not read", async () => {
      const { market, buyer } = await given();
      const start = (await market.word(buyer)).balanceTicks;
      await market.exchange.connect(buyer.owner).placeOrder(FAR, buyer.address, 1, 1_000, 150_000);
      const book = market.book(FAR, [], await placedList(market, FAR));
      const { encodeEntries } = await import("../../src/market/book.ts");
      await market.at(FAR, -450);
      await expect(market.exchange.clear(1, FAR, encodeEntries(book.bids), "0x"))
        .to.emit(market.exchange, "OrderSkipped")
        .withArgs(...skipped(buyer, FAR, "MeterUnread"))
        .and.to.emit(market.exchange, "PlacedOrderReleased");
      expect(start - (await market.word(buyer)).balanceTicks).to.equal(PLACEMENT_FEE_TICKS);
    });
  });

  it("gives everything back, the placement fee too, when its slot is closed uncleared", async () => {
    const { market, buyer, seller } = await given();
    const start = (await market.word(buyer)).balanceTicks;
    await market.exchange.connect(buyer.owner).placeOrder(FAR, buyer.address, 1, 1_000, 150_000);
    await market.exchange.connect(seller.owner).placeOrder(FAR, seller.address, 2, 1_000, 150_000);
    await market.exchange.connect(seller.owner).cancelOrder(FAR, seller.address);
    await market.mineAt(FAR + 6);
    await expect(market.exchange.close(1, FAR, []))
      .to.emit(market.exchange, "PlacedOrderReleased")
      .withArgs(buyer.address, 1, FAR, (word: bigint) => word !== 0n);
    expect((await market.word(buyer)).balanceTicks).to.equal(start);
  });

  it("belongs to the meter's own zone", async () => {
    const { market } = await given();
    await addZone(market, 2, 8);
    const abroad = await market.addMeter({ kind: "consumer", zone: 2 });
    await market.exchange.connect(abroad.owner).placeOrder(FAR, abroad.address, 1, 100, 200_000);
    expect(await placedList(market, FAR, 2)).to.have.length(1);
    await expect(market.exchange.placedOrders(1, FAR)).to.be.revertedWithCustomError(market.exchange, "NoSlotRecord");
  });
});
