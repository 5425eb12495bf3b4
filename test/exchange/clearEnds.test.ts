import { expect } from "chai";
import hre from "hardhat";
import { community, S, type Community } from "./given.ts";

const NONE = "0x";
/** Slots have 24 bits. */
const LARGEST = 2 ** 24 - 1;

describe("the ends of time", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    const atBoth = () => community(connection);
    given = () => connection.networkHelpers.loadFixture(atBoth);
  });

  it("slot 0, which has no market: every verb names the slot in its error", async () => {
    const { market, seller } = await given();
    const { exchange } = market;
    const matcher = exchange.connect(market.matcher);
    const refused: (() => Promise<unknown>)[] = [
      () => exchange.clear(1, 0, NONE, NONE),
      () => matcher.commitBook(1, 0, `0x${"11".repeat(32)}`, 1),
      () => exchange.connect(seller.owner).placeOrder(0, seller.address, 2, 10, 150_000),
      () => exchange.settle(1, 0, market.readings(0, [{ meter: seller, importWh: 0, exportWh: 0 }])),
      () => exchange.passOver(1, 0),
    ];
    for (const call of refused) {
      await expect(call()).to.be.revertedWithCustomError(exchange, "SlotOutOfRange").withArgs(0);
    }
    await expect(exchange.close(1, 0, []))
      .to.be.revertedWithCustomError(exchange, "ClosingOutOfOrder")
      .withArgs(0, (await exchange.zoneInfo(1)).closedThrough + 1n);
    const recordless: (() => Promise<unknown>)[] = [
      () => exchange.reportUncleared(1, 0),
      () => exchange.slotRecord(1, 0),
      () => exchange.placedOrders(1, 0),
    ];
    for (const call of recordless) {
      await expect(call()).to.be.revertedWithCustomError(exchange, "NoSlotRecord").withArgs(1, 0);
    }
  });

  it("the largest slot, whose gate opens in some centuries", async () => {
    const { market, seller } = await given();
    const { exchange } = market;
    const start = LARGEST * 900;
    // Its price cannot be fixed before its gate opens, and a book has a price.
    await expect(exchange.clear(1, LARGEST, NONE, NONE))
      .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
      .withArgs(LARGEST);
    await expect(exchange.connect(market.matcher).commitBook(1, LARGEST, `0x${"11".repeat(32)}`, 1))
      .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
      .withArgs(LARGEST);
    await expect(exchange.connect(seller.owner).placeOrder(LARGEST, seller.address, 2, 10, 150_000))
      .to.be.revertedWithCustomError(exchange, "GateNotOpen")
      .withArgs(LARGEST, start - 8 * 900, start - 600);
    await expect(
      exchange.settleReading(1, LARGEST, market.readings(LARGEST, [{ meter: seller, importWh: 0, exportWh: 0 }])),
    )
      .to.be.revertedWithCustomError(exchange, "ReadingTooEarly")
      .withArgs(seller.address, LARGEST);
    await expect(exchange.close(1, LARGEST, []))
      .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
      .withArgs(LARGEST);
    // Slots before it were not touched, so that only the time refuses.
    await expect(exchange.passOver(1, LARGEST))
      .to.be.revertedWithCustomError(exchange, "ClosingTooEarly")
      .withArgs(LARGEST, start + 5 * 900, 0);
    expect((await exchange.zoneInfo(1)).newestSlot).to.be.lessThan(S + 10);
  });
});
