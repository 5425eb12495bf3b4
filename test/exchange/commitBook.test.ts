import { expect } from "chai";
import hre from "hardhat";
import { account, addZone, community, S, T, time, type Community } from "./given.ts";

/** Two changes of the matcher that both hold lie at least a ring of records apart. */
const LATER = S + 130;
const HASH = `0x${"11".repeat(32)}`;

describe("committing a book", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function committing() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(committing);
  });

  describe("refuses", () => {
    it("a caller who is not the zone's matcher, another zone's matcher included", async () => {
      const { market } = await given();
      const other = await addZone(market, 2, 8);
      await market.at(S + 9, -590);
      await expect(market.exchange.connect(other).commitBook(1, S + 9, HASH, 1))
        .to.be.revertedWithCustomError(market.exchange, "NotEntitled")
        .withArgs(other.address);
      await market.exchange.connect(other).commitBook(2, S + 9, HASH, 1);
    });

    it("a zone that does not exist, and slots that are closed or beyond their field", async () => {
      const { market } = await given();
      const exchange = market.exchange.connect(market.matcher);
      await expect(exchange.commitBook(9, T, HASH, 1))
        .to.be.revertedWithCustomError(exchange, "BadZone")
        .withArgs(9);
      for (const slot of [S - 21, 2 ** 24]) {
        await expect(exchange.commitBook(1, slot, HASH, 1))
          .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
          .withArgs(slot);
      }
    });

    it("outside its two minutes, to the second", async () => {
      const { market } = await given();
      const exchange = market.exchange.connect(market.matcher);
      for (const seconds of [-601, -480]) {
        await market.at(seconds === -601 ? T : T + 1, seconds);
        const slot = seconds === -601 ? T : T + 1;
        await expect(exchange.commitBook(1, slot, HASH, 1))
          .to.be.revertedWithCustomError(exchange, "OutsideWindow")
          .withArgs(slot, time(slot, -600), time(slot, -480));
      }
      await market.at(T + 2, -600);
      await exchange.commitBook(1, T + 2, HASH, 1);
      await market.at(T + 3, -481);
      await exchange.commitBook(1, T + 3, HASH, 1);
    });

    it("a second commitment of the slot", async () => {
      const { market } = await given();
      const exchange = market.exchange.connect(market.matcher);
      await market.at(T, -590);
      await exchange.commitBook(1, T, HASH, 1);
      await expect(exchange.commitBook(1, T, `0x${"22".repeat(32)}`, 1))
        .to.be.revertedWithCustomError(exchange, "AlreadyCommitted")
        .withArgs(T);
    });

    it("an empty book, by its hash or by its count", async () => {
      const { market } = await given();
      const exchange = market.exchange.connect(market.matcher);
      await market.at(T, -590);
      await expect(exchange.commitBook(1, T, `0x${"00".repeat(32)}`, 1)).to.be.revertedWithCustomError(
        exchange,
        "BadParameter",
      );
      await expect(exchange.commitBook(1, T, HASH, 0)).to.be.revertedWithCustomError(exchange, "BadParameter");
    });

    it("more than 1,000 orders, the placed ones included", async () => {
      const { market, buyer } = await given();
      await market.exchange.connect(buyer.owner).placeOrder(T, buyer.address, 1, 100, 200_000);
      const exchange = market.exchange.connect(market.matcher);
      await market.at(T, -590);
      await expect(exchange.commitBook(1, T, HASH, 1_000))
        .to.be.revertedWithCustomError(exchange, "TooManyOrders")
        .withArgs(1_001, 1_000);
      await exchange.commitBook(1, T, HASH, 999);
    });

    it("a matcher whose bond is below the least, or asked back", async () => {
      const { market } = await given();
      const least = 100_000_000_000n;
      const poor = account(market, 8);
      await market.mineAt(LATER - 9);
      await market.exchange.connect(market.governor).setMatcher(1, poor.address, LATER);
      await market.fund(poor, least);
      const exchange = market.exchange.connect(poor);
      await exchange.postMatcherBond(poor.address, least - 1n);
      await market.at(LATER, -590);
      await expect(exchange.commitBook(1, LATER, HASH, 1))
        .to.be.revertedWithCustomError(exchange, "AmountTooLarge")
        .withArgs(least, least - 1n);
      await exchange.postMatcherBond(poor.address, 1n);
      await exchange.requestMatcherUnlock();
      await expect(exchange.commitBook(1, LATER, HASH, 1))
        .to.be.revertedWithCustomError(exchange, "AmountTooLarge")
        .withArgs(least, 0);
    });

    it("a paused exchange", async () => {
      const { market } = await given();
      await market.exchange.connect(market.guardian).pause();
      await market.at(T, -590);
      await expect(market.exchange.connect(market.matcher).commitBook(1, T, HASH, 1)).to.be.revertedWithCustomError(
        market.exchange,
        "EnforcedPause",
      );
    });

    it("a slot whose ring record is still held", async () => {
      const { market } = await given();
      await market.at(T, -590);
      await market.exchange.connect(market.matcher).commitBook(1, T, HASH, 1);
      await market.at(T + 128, -590);
      await expect(market.exchange.connect(market.matcher).commitBook(1, T + 128, HASH, 1))
        .to.be.revertedWithCustomError(market.exchange, "RecordInUse")
        .withArgs(T + 128, T);
    });
  });

  it("records who committed what", async () => {
    const { market } = await given();
    await market.at(T, -590);
    await expect(market.exchange.connect(market.matcher).commitBook(1, T, HASH, 7))
      .to.emit(market.exchange, "BookCommitted")
      .withArgs(1, T, market.matcher.address, HASH, 7);
    const record = await market.exchange.slotRecord(1, T);
    expect([record.bookHash, record.matcher, record.bookOrders]).to.deep.equal([HASH, market.matcher.address, 7n]);
  });

  it("binds the matcher of the slot, not the one that comes after", async () => {
    const { market } = await given();
    const next = account(market, 8);
    await market.fund(next, 100_000_000_000n);
    await market.exchange.connect(next).postMatcherBond(next.address, 100_000_000_000n);
    await market.mineAt(LATER - 9);
    await market.exchange.connect(market.governor).setMatcher(1, next.address, LATER);
    await market.at(LATER - 1, -590);
    await expect(market.exchange.connect(next).commitBook(1, LATER - 1, HASH, 1))
      .to.be.revertedWithCustomError(market.exchange, "NotEntitled")
      .withArgs(next.address);
    await market.exchange.connect(market.matcher).commitBook(1, LATER - 1, HASH, 1);
    await market.at(LATER, -590);
    await expect(market.exchange.connect(market.matcher).commitBook(1, LATER, HASH, 1))
      .to.be.revertedWithCustomError(market.exchange, "NotEntitled")
      .withArgs(market.matcher.address);
    await market.exchange.connect(next).commitBook(1, LATER, HASH, 1);
  });
});
