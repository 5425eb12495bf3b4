import { concat, ZeroHash } from "ethers";
import { expect } from "chai";
import hre from "hardhat";
import { encodeEntries } from "../../src/market/book.ts";
import type { SignedOrder } from "../../src/market/sign.ts";
import { clearBook, clearBytes, commitHash, hashOf, LARGEST_S, MALLEABLE, UNRECOVERABLE } from "./books.ts";
import { account, community, placedList, S, T, time, type Community } from "./given.ts";

const NONE = "0x";

describe("clearing refuses", () => {
  let given: () => Promise<Community & { bid: SignedOrder; offer: SignedOrder }>;
  before(async () => {
    const connection = await hre.network.create();
    async function refusing() {
      const all = await community(connection);
      const bid = all.market.order(all.buyer, T, "bid", 700, 250_000);
      const offer = all.market.order(all.seller, T, "offer", 700, 150_000);
      return { ...all, bid, offer };
    }
    given = () => connection.networkHelpers.loadFixture(refusing);
  });

  describe("given a committed book", () => {
    it("anybody but the matcher before -5 minutes, and everybody's signed orders from -2 minutes on", async () => {
      const { market, bid, offer } = await given();
      const book = market.book(T, [bid, offer]);
      await commitHash(market, T, book.hash, 2);
      const bids = encodeEntries(book.bids);
      const offers = encodeEntries(book.offers);
      const anybody = market.exchange.connect(market.worker);
      await market.at(T, -301);
      await expect(anybody.clear(1, T, bids, offers))
        .to.be.revertedWithCustomError(anybody, "OutsideWindow")
        .withArgs(T, time(T, -300), time(T));
      await market.at(T, -120);
      for (const caller of [market.worker, market.matcher]) {
        await expect(market.exchange.connect(caller).clear(1, T, bids, offers))
          .to.be.revertedWithCustomError(anybody, "BookNotCommitted")
          .withArgs(book.hash, ZeroHash);
      }
    });

    it("nobody at the edges of the windows", async () => {
      const { market, bid, offer } = await given();
      const book = market.book(T, [bid, offer]);
      await commitHash(market, T, book.hash, 2);
      const args = [1, T, encodeEntries(book.bids), encodeEntries(book.offers)] as const;
      const snapshot = await market.connection.networkHelpers.takeSnapshot();
      const allowed: [typeof market.matcher, number][] = [
        [market.matcher, -589],
        [market.worker, -300],
        [market.worker, -121],
      ];
      for (const [caller, seconds] of allowed) {
        await market.at(T, seconds);
        await market.exchange.connect(caller).clear(...args);
        await snapshot.restore();
      }
    });

    it("a book that leaves an order out, adds one, or is another one", async () => {
      const { market, bid, offer, home } = await given();
      const committed = market.book(T, [bid, offer]);
      await commitHash(market, T, committed.hash, 2);
      const more = market.book(T, [bid, offer, market.order(home, T, "bid", 10, 250_000)]);
      for (const book of [market.book(T, [bid]), more, market.book(T, [offer])]) {
        await market.at(T, -450);
        await expect(
          market.exchange.connect(market.matcher).clear(1, T, encodeEntries(book.bids), encodeEntries(book.offers)),
        )
          .to.be.revertedWithCustomError(market.exchange, "BookNotCommitted")
          .withArgs(book.hash, committed.hash);
      }
    });

    it("a second clearing", async () => {
      const { market, bid, offer } = await given();
      const book = market.book(T, [bid, offer]);
      await clearBook(market, book);
      await expect(clearBytes(market, T, encodeEntries(book.bids), encodeEntries(book.offers)))
        .to.be.revertedWithCustomError(market.exchange, "AlreadyCleared")
        .withArgs(T);
    });
  });

  describe("given nothing committed", () => {
    it("signed orders, and the placed ones before -8 minutes or once the slot has started", async () => {
      const { market, bid, offer, buyer } = await given();
      const book = market.book(T, [bid, offer]);
      await expect(clearBytes(market, T, encodeEntries(book.bids), encodeEntries(book.offers)))
        .to.be.revertedWithCustomError(market.exchange, "BookNotCommitted")
        .withArgs(book.hash, ZeroHash);
      const slot = T + 1;
      await market.exchange.connect(buyer.owner).placeOrder(slot, buyer.address, 1, 10, 200_000);
      const bids = encodeEntries(market.book(slot, [], await placedList(market, slot)).bids);
      for (const seconds of [-481, 0]) {
        await market.at(slot, seconds);
        await expect(market.exchange.connect(market.matcher).clear(1, slot, bids, NONE))
          .to.be.revertedWithCustomError(market.exchange, "OutsideWindow")
          .withArgs(slot, time(slot, -480), time(slot));
      }
    });
  });

  describe("given wrong bytes", () => {
    it("an order twice, two orders of a meter, and a meter on both sides", async () => {
      const { market, bid, offer, buyer, home } = await given();
      const other = market.order(buyer, T, "bid", 300, 240_000);
      const homeBid = market.order(home, T, "bid", 300, 240_000);
      const homeOffer = market.order(home, T, "offer", 300, 160_000);
      await commitHash(market, T, hashOf([bid, other]), 2);
      await expect(clearBytes(market, T, encodeEntries([bid, other]), NONE))
        .to.be.revertedWithCustomError(market.exchange, "MeterTwice")
        .withArgs(buyer.address);
      await expect(clearBytes(market, T, encodeEntries([homeBid]), encodeEntries([offer, homeOffer])))
        .to.be.revertedWithCustomError(market.exchange, "MeterTwice")
        .withArgs(home.address);
      // The same order twice is refused as well, whichever check sees it first.
      await expect(clearBytes(market, T, encodeEntries([bid, bid]), NONE)).to.be.revertedWithCustomError(
        market.exchange,
        "MeterTwice",
      );
    });

    it("sides that are not in strict order, by price or by hash", async () => {
      const { market, buyer, home, seller } = await given();
      const third = await market.addMeter({ kind: "prosumer" });
      const cheap = market.order(buyer, T, "bid", 100, 240_000);
      const dear = market.order(home, T, "bid", 100, 240_001);
      await commitHash(market, T, hashOf([cheap, dear]), 2);
      await expect(clearBytes(market, T, encodeEntries([cheap, dear]), NONE))
        .to.be.revertedWithCustomError(market.exchange, "UnsortedBook")
        .withArgs(1, 1);
      const high = market.order(seller, T, "offer", 100, 150_001);
      const low = market.order(third, T, "offer", 100, 150_000);
      await expect(clearBytes(market, T, NONE, encodeEntries([high, low])))
        .to.be.revertedWithCustomError(market.exchange, "UnsortedBook")
        .withArgs(2, 1);
      const ties = [market.order(seller, T, "offer", 100, 150_000), low];
      ties.sort((a, b) => (a.hash < b.hash ? 1 : -1));
      await expect(clearBytes(market, T, NONE, encodeEntries(ties)))
        .to.be.revertedWithCustomError(market.exchange, "UnsortedBook")
        .withArgs(2, 1);
    });

    it("an unknown kind, no energy, a malleable and an unrecoverable signature, each with its place", async () => {
      const { market, bid } = await given();
      await commitHash(market, T, bid.hash);
      const good = encodeEntries([bid]);
      const entry = (kind: string, energy: string, signature: string) =>
        concat([good, kind, energy, "0x00030d40", signature]);
      await expect(clearBytes(market, T, entry("0x03", "0x000001", LARGEST_S), NONE))
        .to.be.revertedWithCustomError(market.exchange, "UnknownEntryKind")
        .withArgs(1, 3);
      await expect(clearBytes(market, T, entry("0xff", "0x000001", LARGEST_S), NONE))
        .to.be.revertedWithCustomError(market.exchange, "UnknownEntryKind")
        .withArgs(1, 255);
      await expect(clearBytes(market, T, entry("0x00", "0x000000", LARGEST_S), NONE))
        .to.be.revertedWithCustomError(market.exchange, "ZeroEnergy")
        .withArgs(1);
      await expect(clearBytes(market, T, entry("0x00", "0x000001", MALLEABLE), NONE))
        .to.be.revertedWithCustomError(market.exchange, "MalleableSignature")
        .withArgs(1);
      await expect(clearBytes(market, T, entry("0x00", "0x000001", UNRECOVERABLE), NONE))
        .to.be.revertedWithCustomError(market.exchange, "UnrecoverableSignature")
        .withArgs(1);
      // A delegated entry is read by the same rules.
      const meter = `0x${"ab".repeat(20)}`;
      await expect(clearBytes(market, T, concat([entry("0x01", "0x000001", UNRECOVERABLE), meter]), NONE))
        .to.be.revertedWithCustomError(market.exchange, "UnrecoverableSignature")
        .withArgs(1);
    });

    it("a side that ends inside an entry or goes on behind it", async () => {
      const { market, bid, offer, seller } = await given();
      await market.exchange.connect(seller.owner).placeOrder(T, seller.address, 2, 100, 150_000);
      await commitHash(market, T, hashOf([bid, offer]), 2);
      const signed = encodeEntries([bid]);
      for (let cut = 1; cut < 72; cut += 5) {
        const part = signed.slice(0, signed.length - 2 * cut);
        await expect(clearBytes(market, T, part, NONE), `${String(cut)} bytes short`).to.revert(
          market.connection.ethers,
        );
      }
      await expect(clearBytes(market, T, NONE, "0x02"))
        .to.be.revertedWithCustomError(market.exchange, "BadBatchLength")
        .withArgs(1);
      for (const tail of ["0x00", "0x01", "0x02", `0x${"00".repeat(71)}`]) {
        await expect(clearBytes(market, T, concat([signed, tail]), NONE)).to.revert(market.connection.ethers);
      }
    });

    it("a placed order that is missing, named twice, on the wrong side, cancelled or not there", async () => {
      const { market, buyer, seller, home } = await given();
      await market.exchange.connect(buyer.owner).placeOrder(T, buyer.address, 1, 100, 250_000);
      await market.exchange.connect(seller.owner).placeOrder(T, seller.address, 2, 100, 150_000);
      await market.exchange.connect(home.owner).cancelOrder(T, home.address);
      const refused = (bids: string, offers: string, error: string, ...values: (string | number)[]) =>
        expect(clearBytes(market, T, bids, offers))
          .to.be.revertedWithCustomError(market.exchange, error)
          .withArgs(...values);
      await refused("0x0200", NONE, "PlacedOrderMissing", 1, 2);
      await refused(NONE, NONE, "PlacedOrderMissing", 0, 2);
      await refused("0x02000200", "0x0201", "MeterTwice", buyer.address);
      await refused("0x0201", NONE, "NoPlacedOrder", 1);
      await refused("0x0202", NONE, "NoPlacedOrder", 2);
      await refused("0x0203", NONE, "NoPlacedOrder", 3);
      await clearBytes(market, T, "0x0200", "0x0201");
      expect((await market.exchange.slotRecord(1, T)).matchedWh).to.equal(100n);
    });
  });

  it("a zone that does not exist, and slots that no record can hold", async () => {
    const { market } = await given();
    await expect(market.exchange.clear(7, T, NONE, NONE)).to.be.revertedWithCustomError(market.exchange, "BadZone");
    for (const slot of [S - 30, 2 ** 24]) {
      await expect(market.exchange.clear(1, slot, NONE, NONE)).to.be.revertedWithCustomError(
        market.exchange,
        "SlotOutOfRange",
      );
    }
  });

  it("nothing because of a pause: who committed before it must be able to clear", async () => {
    const { market, bid, offer } = await given();
    const book = market.book(T, [bid, offer]);
    await commitHash(market, T, book.hash, 2);
    await market.exchange.connect(market.guardian).pause();
    await clearBytes(market, T, encodeEntries(book.bids), encodeEntries(book.offers));
    await market.mineAt(T);
    await expect(market.exchange.reportUncleared(1, T)).to.be.revertedWithCustomError(market.exchange, "NothingProven");
  });

  it("nothing of an empty book: anybody may close a slot's market without orders", async () => {
    const { market } = await given();
    const stranger = account(market, 19);
    await market.at(T, -480);
    await expect(market.exchange.connect(stranger).clear(1, T, NONE, NONE))
      .to.emit(market.exchange, "SlotCleared")
      .withArgs(1, T, 0, 0, 0, 0, 0);
  });
});
