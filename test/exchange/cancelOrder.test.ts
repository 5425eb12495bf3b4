import { expect } from "chai";
import hre from "hardhat";
import { PLACEMENT_FEE_TICKS } from "../../src/market/fees.ts";
import { account, community, placedList, S, skipped, T, time, type Community } from "./given.ts";

const FAR = S + 4;

describe("cancelling an order on chain", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function cancelling() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(cancelling);
  });

  describe("refuses", () => {
    it("an unknown meter and a stranger", async () => {
      const { market, buyer } = await given();
      const stranger = account(market, 19);
      const exchange = market.exchange.connect(stranger);
      await expect(exchange.cancelOrder(FAR, stranger.address))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(stranger.address, FAR);
      await expect(exchange.cancelOrder(FAR, buyer.address))
        .to.be.revertedWithCustomError(exchange, "NotEntitled")
        .withArgs(stranger.address);
    });

    it("outside the gate, and a slot that no field holds", async () => {
      const { market, buyer } = await given();
      const exchange = market.exchange.connect(buyer.owner);
      await expect(exchange.cancelOrder(2 ** 24, buyer.address)).to.be.revertedWithCustomError(
        exchange,
        "SlotOutOfRange",
      );
      await expect(exchange.cancelOrder(S + 9, buyer.address))
        .to.be.revertedWithCustomError(exchange, "GateNotOpen")
        .withArgs(S + 9, time(S + 1), time(S + 9, -600));
      await market.at(FAR, -600);
      await expect(exchange.cancelOrder(FAR, buyer.address)).to.be.revertedWithCustomError(exchange, "GateNotOpen");
    });

    it("a balance below the fee", async () => {
      const { market } = await given();
      const poor = await market.addMeter({ kind: "consumer", balanceTicks: PLACEMENT_FEE_TICKS - 1n });
      await expect(market.exchange.connect(poor.owner).cancelOrder(FAR, poor.address))
        .to.be.revertedWithCustomError(market.exchange, "InsufficientBalance")
        .withArgs(poor.address, FAR);
    });
  });

  it("voids a signed order that the matcher holds", async () => {
    const { market, buyer, seller } = await given();
    const bid = market.order(buyer, T, "bid", 500, 300_000);
    const offer = market.order(seller, T, "offer", 500, 100_000);
    await expect(market.exchange.connect(buyer.owner).cancelOrder(T, buyer.address))
      .to.emit(market.exchange, "OrderCancelled")
      .withArgs(buyer.address, 1, T, 0, (word: bigint) => word !== 0n);
    const cleared = await market.clear(T, [bid, offer]);
    await expect(cleared)
      .to.emit(market.exchange, "OrderSkipped")
      .withArgs(...skipped(buyer, T, "OrderSuperseded"));
    expect((await market.exchange.slotRecord(1, T)).matchedWh).to.equal(0n);
  });

  it("gives a placed order's lock back and keeps one fee, the second time too", async () => {
    const { market, buyer } = await given();
    const exchange = market.exchange.connect(buyer.owner);
    const start = (await market.word(buyer)).balanceTicks;
    await exchange.placeOrder(FAR, buyer.address, 1, 800, 300_000);
    await exchange.cancelOrder(FAR, buyer.address);
    // The fee for placing came back with the lock; cancelling has its own.
    expect((await market.word(buyer)).balanceTicks).to.equal(start - PLACEMENT_FEE_TICKS);
    await exchange.cancelOrder(FAR, buyer.address);
    expect((await market.word(buyer)).balanceTicks).to.equal(start - 2n * PLACEMENT_FEE_TICKS);
    expect((await market.exchange.zoneInfo(1)).accruals.season).to.equal(2n * PLACEMENT_FEE_TICKS);
    expect(await placedList(market, FAR)).to.have.length(1);
  });

  it("can be followed by a new order in the same place of the list", async () => {
    const { market, buyer } = await given();
    const exchange = market.exchange.connect(buyer.owner);
    await exchange.cancelOrder(FAR, buyer.address);
    await expect(exchange.placeOrder(FAR, buyer.address, 1, 800, 300_000))
      .to.emit(exchange, "OrderPlaced")
      .withArgs(buyer.address, 1, FAR, 0, 1, 800, 300_000, (word: bigint) => word !== 0n);
  });

  it("stays possible while the exchange is paused", async () => {
    const { market, buyer } = await given();
    await market.exchange.connect(buyer.owner).placeOrder(FAR, buyer.address, 1, 800, 300_000);
    await market.exchange.connect(market.guardian).pause();
    await market.exchange.connect(buyer.owner).cancelOrder(FAR, buyer.address);
    expect((await market.word(buyer)).balanceTicks).to.equal(1_000_000_000_000n - PLACEMENT_FEE_TICKS);
  });
});
