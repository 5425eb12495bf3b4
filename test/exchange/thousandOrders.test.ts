import { expect } from "chai";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { compareOrders, encodeBook, encodeEntries } from "../../src/market/book.ts";
import { clearBook } from "../../src/market/clearing.ts";
import { deployTestMarket, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { clearBytes, commitHash } from "./books.ts";
import { crowdOf } from "./crowd.ts";
import { eventsOf } from "./events.ts";
import { S, T } from "./given.ts";

/** No transaction may use more gas (EIP-7825). */
const TRANSACTION_GAS = 16_777_216;
const ORDERS = 1_000;

describe("a thousand orders", () => {
  async function crowd(): Promise<{ market: TestMarket; meters: TestMeter[] }> {
    const market = await deployTestMarket(connection);
    return { market, meters: await crowdOf(market, ORDERS + 1, 1_000_000_000n) };
  }
  let connection: NetworkConnection;
  before(async () => {
    connection = await hre.network.create();
  });

  /** Half of them bid, half offer, at many prices, so that about half of the energy trades. */
  const ordersOf = (market: TestMarket, meters: readonly TestMeter[]) =>
    meters.map((meter, i) =>
      market.order(meter, T, i % 2 === 0 ? "bid" : "offer", 100 + (i % 157), 100_000 + ((i * 7_919) % 200_001)),
    );

  it("clear in one transaction, and all of them trade or are told that they do not", async () => {
    const { market, meters } = await connection.networkHelpers.loadFixture(crowd);
    const book = market.book(T, ordersOf(market, meters.slice(0, ORDERS)));
    const expected = clearBook("midpoint", book.bids, book.offers);
    await commitHash(market, T, book.hash, ORDERS);
    const { bidEntries, offerEntries } = encodeBook(book);
    await market.at(T, -450);
    const sent = await market.exchange
      .connect(market.matcher)
      .clear(1, T, bidEntries, offerEntries, { gasLimit: TRANSACTION_GAS });
    const receipt = await sent.wait();
    expect(Number(receipt?.gasUsed)).to.be.lessThan(TRANSACTION_GAS);
    const events = await eventsOf(market, sent);
    expect(events.filter(({ name }) => name === "OrderCleared")).to.have.length(ORDERS);
    expect(events.filter(({ name }) => name === "OrderSkipped")).to.have.length(0);
    const record = await market.exchange.slotRecord(1, T);
    expect([record.matchedWh, record.clearingPrice]).to.deep.equal([BigInt(expected.volumeWh), BigInt(expected.price)]);
    expect(expected.volumeWh).to.be.greaterThan(20_000);
  });

  it("clear in one transaction too where every single one trades", async () => {
    const { market, meters } = await connection.networkHelpers.loadFixture(crowd);
    const orders = meters
      .slice(0, ORDERS)
      .map((meter, i) => market.order(meter, T, i % 2 === 0 ? "bid" : "offer", 100, i % 2 === 0 ? 250_000 : 150_000));
    const book = market.book(T, orders);
    await commitHash(market, T, book.hash, ORDERS);
    const { bidEntries, offerEntries } = encodeBook(book);
    await market.at(T, -450);
    const sent = await market.exchange
      .connect(market.matcher)
      .clear(1, T, bidEntries, offerEntries, { gasLimit: TRANSACTION_GAS });
    expect((await sent.wait())?.status).to.equal(1);
    const record = await market.exchange.slotRecord(1, T);
    expect([record.matchedWh, record.openPositions]).to.deep.equal([50_000n, 1_000n]);
  });

  it("and one more are refused", async () => {
    const { market, meters } = await connection.networkHelpers.loadFixture(crowd);
    const orders = ordersOf(market, meters);
    const bids = orders.filter(({ side }) => side === "bid");
    expect(() => market.book(T, orders)).to.throw("more orders than a slot may have");
    await commitHash(market, T, `0x${"11".repeat(32)}`, ORDERS);
    const offers = orders.filter(({ side }) => side === "offer");
    await expect(
      clearBytes(
        market,
        T,
        encodeEntries([...bids].sort(compareOrders)),
        encodeEntries([...offers].sort(compareOrders)),
      ),
    )
      .to.be.revertedWithCustomError(market.exchange, "TooManyOrders")
      .withArgs(ORDERS + 1, ORDERS);
  });

  it("are read in batches of a thousand readings as well", async () => {
    const { market, meters } = await connection.networkHelpers.loadFixture(crowd);
    const registers = meters
      .slice(0, ORDERS)
      .map((meter, i) => ({ meter, importWh: i % 200, exportWh: (i * 3) % 200 }));
    await market.at(S + 1, 10);
    const sent = await market.exchange.settle(1, S, market.readings(S, registers), { gasLimit: TRANSACTION_GAS });
    const receipt = await sent.wait();
    expect(Number(receipt?.gasUsed)).to.be.lessThan(TRANSACTION_GAS);
    expect((await market.exchange.slotRecord(1, S)).readCount).to.equal(BigInt(ORDERS));
  });
});
