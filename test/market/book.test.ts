import { expect } from "chai";
import { AbiCoder, concat, dataLength, dataSlice, getAddress, keccak256, toBeHex, ZeroHash } from "ethers";
import fc from "fast-check";
import {
  bookHash,
  buildBook,
  compareOrders,
  decodeEntries,
  encodeBook,
  encodeEntries,
  type BookOrder,
  type PlacedOrder,
} from "../../src/market/book.ts";
import { orderDigest, orderHash, type Order } from "../../src/market/messages.ts";
import { signDelegatedOrder, signOrder, type SignedOrder } from "../../src/market/sign.ts";
import type { Side } from "../../src/market/side.ts";
import { codeOf, DOMAIN, keyOf } from "./helpers.ts";

const ZONE = 2;
const SLOT = 1_944_036;
const BOOK = { domain: DOMAIN, zone: ZONE, slot: SLOT };
const delegate = keyOf(200);

function order(side: Side, energyWh: number, limitPrice: number): Order {
  return { zone: ZONE, slot: SLOT, side, energyWh, limitPrice };
}

/** A signed order of the meter with this key number. */
function signed(meter: number, side: Side, energyWh: number, limitPrice: number): SignedOrder {
  return signOrder(DOMAIN, keyOf(meter), order(side, energyWh, limitPrice));
}

function delegated(meter: number, side: Side, energyWh: number, limitPrice: number): SignedOrder {
  return signDelegatedOrder(DOMAIN, delegate, keyOf(meter).address, order(side, energyWh, limitPrice));
}

function placed(meter: number, side: Side, energyWh: number, limitPrice: number): PlacedOrder {
  return { meter: keyOf(meter).address, side, energyWh, limitPrice };
}

/** Books of up to 20 meters, each with one order, signed, delegated or placed. */
const books = fc.array(
  fc.record({
    how: fc.constantFrom("signed", "delegated", "placed"),
    side: fc.constantFrom<Side>("bid", "offer"),
    energyWh: fc.integer({ min: 1, max: 0xffffff }),
    limitPrice: fc.integer({ min: 0, max: 4 }),
  }),
  { maxLength: 20 },
);

describe("the book of a slot", () => {
  it("has bids by falling and offers by rising limit price, ties by rising order hash", () => {
    const orders = [
      signed(1, "bid", 100, 20),
      signed(2, "bid", 100, 30),
      signed(3, "bid", 100, 20),
      signed(4, "offer", 100, 9),
      delegated(5, "offer", 100, 7),
      signed(6, "offer", 100, 9),
    ];
    const book = buildBook({ ...BOOK, orders });
    expect(book.bids.map((bid) => bid.limitPrice)).to.deep.equal([30, 20, 20]);
    expect(book.offers.map((offer) => offer.limitPrice)).to.deep.equal([7, 9, 9]);
    expect(BigInt(book.bids[1]?.hash ?? 0) < BigInt(book.bids[2]?.hash ?? 0)).to.equal(true);
    expect(BigInt(book.offers[1]?.hash ?? 0) < BigInt(book.offers[2]?.hash ?? 0)).to.equal(true);
  });

  it("does not depend on the order in which its orders came", () => {
    const orders = Array.from({ length: 12 }, (_, i) =>
      signed(i + 1, i % 2 === 0 ? "bid" : "offer", 50 + i, 10 + (i % 3)),
    );
    const expected = buildBook({ ...BOOK, orders });
    fc.assert(
      fc.property(fc.shuffledSubarray(orders, { minLength: orders.length }), (shuffled) => {
        expect(buildBook({ ...BOOK, orders: shuffled })).to.deep.equal(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("is hashed over the signed orders alone, bids then offers", () => {
    const orders = [signed(1, "bid", 100, 20), delegated(2, "offer", 100, 9)];
    const book = buildBook({ ...BOOK, orders, placed: [placed(3, "bid", 5, 30)] });
    expect(book.bids).to.have.length(2);
    expect(book.signedHashes).to.deep.equal(orders.map(({ hash }) => hash));
    expect(book.hash).to.equal(keccak256(concat(orders.map(({ hash }) => hash))));
    expect(bookHash([])).to.equal(ZeroHash);
    expect(buildBook({ ...BOOK, orders: [], placed: [placed(3, "bid", 5, 30)] }).hash).to.equal(ZeroHash);
  });

  it("identifies an order by its digest and its meter, as the contract hashes them", () => {
    const { hash, meter } = signed(1, "bid", 100, 20);
    const digest = orderDigest(DOMAIN, order("bid", 100, 20));
    const expected = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "address"], [digest, meter]));
    expect(hash).to.equal(expected);
    expect(orderHash(digest, keyOf(2).address)).to.not.equal(expected);
  });

  it("leaves out signed orders that the chain's list supersedes, cancellations too", () => {
    const orders = [signed(1, "bid", 100, 20), signed(2, "bid", 100, 20), delegated(3, "offer", 100, 9)];
    const list = [placed(1, "bid", 100, 20), { ...placed(3, "offer", 0, 0) }];
    const book = buildBook({ ...BOOK, orders, placed: list });
    expect(book.superseded.map(({ meter }) => meter)).to.have.members([keyOf(1).address, keyOf(3).address]);
    expect(book.bids.map((bid) => bid.kind)).to.have.members(["signed", "placed"]);
    expect(book.offers).to.deep.equal([]);
  });

  it("refuses two orders of a meter, foreign ones, and more than a slot may have", () => {
    const twice = [signed(1, "bid", 100, 20), delegated(1, "offer", 100, 9)];
    expect(codeOf(() => buildBook({ ...BOOK, orders: twice }))).to.equal("BOOK_METER_TWICE");
    const foreign = [signOrder(DOMAIN, keyOf(1), { ...order("bid", 1, 1), slot: SLOT + 1 })];
    expect(codeOf(() => buildBook({ ...BOOK, orders: foreign }))).to.equal("BOOK_FOREIGN_ORDER");
    const one = signed(1, "bid", 100, 20);
    const many = Array.from({ length: 1001 }, (_, i) => ({ ...one, meter: getAddress(toBeHex(i + 1, 20)) }));
    expect(codeOf(() => buildBook({ ...BOOK, orders: many }))).to.equal("BOOK_TOO_LARGE");
    expect(buildBook({ ...BOOK, orders: many.slice(1) }).bids).to.have.length(1000);
  });
});

describe("the calldata of a book", () => {
  it("has the three kinds of entries, byte by byte", () => {
    const own = signed(1, "bid", 0x010203, 0x04050607);
    const theirs = delegated(2, "bid", 5, 6);
    const entry: BookOrder = {
      kind: "placed",
      ...order("bid", 7, 8),
      meter: keyOf(3).address,
      hash: ZeroHash,
      placedIndex: 41,
    };
    expect(encodeEntries([own])).to.equal(concat(["0x00", "0x010203", "0x04050607", own.signature]));
    expect(encodeEntries([theirs])).to.equal(
      concat(["0x01", "0x000005", "0x00000006", theirs.signature, theirs.meter]),
    );
    expect(encodeEntries([entry])).to.equal("0x0229");
    expect([own, theirs, entry].map((one) => dataLength(encodeEntries([one])))).to.deep.equal([72, 92, 2]);
    expect(encodeEntries([])).to.equal("0x");
  });

  it("gives the book back, with meters and hashes recovered from signatures", () => {
    fc.assert(
      fc.property(books, (rows) => {
        const orders: SignedOrder[] = [];
        const list: PlacedOrder[] = [];
        rows.forEach(({ how, side, energyWh, limitPrice }, i) => {
          if (how === "placed") list.push(placed(i + 1, side, energyWh, limitPrice));
          else orders.push((how === "signed" ? signed : delegated)(i + 1, side, energyWh, limitPrice));
        });
        const book = buildBook({ ...BOOK, orders, placed: list });
        const { bidEntries, offerEntries } = encodeBook(book);
        expect(decodeEntries({ ...BOOK, placed: list }, "bid", bidEntries)).to.deep.equal(book.bids);
        expect(decodeEntries({ ...BOOK, placed: list }, "offer", offerEntries)).to.deep.equal(book.offers);
      }),
      { numRuns: 25 },
    );
  });

  it("is refused where it is wrong by its bytes alone", () => {
    const entries = encodeEntries([signed(1, "bid", 100, 20)]);
    const decode = (bytes: string, list: PlacedOrder[] = []) =>
      codeOf(() => decodeEntries({ ...BOOK, placed: list }, "bid", bytes));
    expect(decode(dataSlice(entries, 0, 71))).to.equal("BOOK_ENTRY_TRUNCATED");
    expect(decode(concat([entries, "0x02"]))).to.equal("BOOK_ENTRY_TRUNCATED");
    expect(decode("0x03")).to.equal("BOOK_ENTRY_KIND_UNKNOWN");
    expect(decode("0x0200")).to.equal("BOOK_NO_PLACED_ORDER");
    expect(decode("0x0200", [placed(1, "offer", 5, 5)])).to.equal("BOOK_NO_PLACED_ORDER");
    expect(decode("0x0200", [placed(1, "bid", 0, 5)])).to.equal("BOOK_NO_PLACED_ORDER");
    expect(decode("0x123")).to.equal("HEX_INVALID");
    expect(decode(concat([entries, entries]))).to.equal("BOOK_UNSORTED");
    const cheap = encodeEntries([signed(2, "bid", 100, 10)]);
    expect(decode(concat([cheap, entries]))).to.equal("BOOK_UNSORTED");
    expect(decode(concat(["0x00", "0x000000", dataSlice(entries, 4)]))).to.equal("ORDER_ENERGY_INVALID");
  });

  it("refuses to encode what an entry cannot hold", () => {
    const good = signed(1, "bid", 100, 20);
    expect(codeOf(() => encodeEntries([{ ...good, energyWh: 2 ** 24 }]))).to.equal("ORDER_ENERGY_INVALID");
    expect(codeOf(() => encodeEntries([{ ...good, energyWh: 0 }]))).to.equal("ORDER_ENERGY_INVALID");
    expect(codeOf(() => encodeEntries([{ ...good, signature: "0x12" }]))).to.equal("HEX_INVALID");
  });

  it("puts the same bytes into the strict order however hashes are written", () => {
    const low = { side: "bid", limitPrice: 1, hash: "0x0a" } as const;
    const high = { side: "bid", limitPrice: 1, hash: "0x0b" } as const;
    expect(compareOrders(low, high)).to.equal(-1);
    expect(compareOrders(high, low)).to.equal(1);
    expect(compareOrders(low, low)).to.equal(0);
  });
});
