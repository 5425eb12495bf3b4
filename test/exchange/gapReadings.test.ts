import { expect } from "chai";
import hre from "hardhat";
import { laneOf } from "../../src/market/meterWord.ts";
import { leafHash } from "../../src/market/readings.ts";
import { linesOf } from "./events.ts";
import { community, readIdle, S, T, type Community } from "./given.ts";

describe("gap readings", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function silent() {
      const all = await community(connection);
      const { market, seller, buyer, home, feeder } = all;
      // Two slots of each meter are open at once.
      await market.clear(T, [
        market.order(seller, T, "offer", 500, 200_000),
        market.order(buyer, T, "bid", 500, 200_000),
      ]);
      await readIdle(market, S, [seller, buyer, home, feeder]);
      await market.clear(T + 1, [
        market.order(seller, T + 1, "offer", 300, 150_000),
        market.order(buyer, T + 1, "bid", 300, 150_000),
      ]);
      return all;
    }
    given = () => connection.networkHelpers.loadFixture(silent);
  });

  it("first settle each open position as closing would, then the register difference gross", async () => {
    const { market, seller, buyer } = await given();
    const start = { seller: await market.word(seller), buyer: await market.word(buyer) };
    // T is past its deadline, T + 1 is not: the meters skipped T.
    await market.at(T + 5, 10);
    const sent = await market.settleFlows(T + 1, [
      { meter: seller, importWh: 7, exportWh: 900 },
      { meter: buyer, importWh: 800, exportWh: 3 },
    ]);
    const receipt = await sent.wait();
    const closed = receipt?.logs.filter((log) => market.exchange.interface.parseLog(log)?.name === "PositionClosed");
    expect(closed).to.have.length(4);
    const end = { seller: await market.word(seller), buyer: await market.word(buyer) };
    const proceeds = 500n * 200_000n + 300n * 150_000n;
    const undelivered = 800n * 330_000n;
    expect(end.seller.balanceTicks - start.seller.balanceTicks).to.equal(
      proceeds - undelivered + 900n * 50_000n - 7n * (600_000n + 50_000n + 10_000n),
    );
    // An unbonded consumer's export is not paid.
    expect(end.buyer.balanceTicks - start.buyer.balanceTicks).to.equal(
      800n * 100_000n - 800n * (600_000n + 50_000n + 10_000n),
    );
    for (const word of [end.seller, end.buyer]) {
      expect([word.lastSlot, laneOf(word, T), laneOf(word, T + 1)]).to.deep.equal([T + 1, null, null]);
    }
  });

  it("leave the position of the slot after theirs open", async () => {
    const { market, buyer, home, feeder, seller } = await given();
    await market.at(T + 5, 10);
    await market.settleFlows(T, [{ meter: buyer, importWh: 500 }]);
    const word = await market.word(buyer);
    expect([word.lastSlot, laneOf(word, T)]).to.deep.equal([T, null]);
    expect(laneOf(word, T + 1)).to.deep.equal({ side: "bid", energyWh: 300 });
    // And that one is then read in time, at its own prices.
    const sent = await market.settleFlows(T + 1, [{ meter: buyer, importWh: 300 }]);
    expect((await linesOf(market, sent)).get(buyer.address)?.line).to.deep.equal({
      mintedTicks: 0n,
      burnedTicks: 0n,
      networkTicks: 300n * 20_000n,
      levyTicks: 300n * 10_000n,
    });
    expect((await market.exchange.slotRecord(1, T + 1)).readCount).to.equal(1n);
    await market.settleFlows(T, [{ meter: home }, { meter: feeder }, { meter: seller }]);
    expect((await market.exchange.slotRecord(1, T)).readCount).to.equal(0n);
  });

  it("carry a flag in their leaf, because their energy spans more than a slot", async () => {
    const { market, buyer } = await given();
    await market.mineAt(T + 5, 10);
    const batch = market.readings(T, [{ meter: buyer, importWh: 500, exportWh: 0 }]);
    const root = await market.exchange.settle.staticCall(1, T, batch);
    expect(root).to.equal(leafHash({ meter: buyer.address, zone: 1, slot: T, importWh: 500, exportWh: 0, gap: true }));
  });

  it("of a feeder record registers and move no money", async () => {
    const { market, feeder } = await given();
    await market.at(T + 6, 10);
    const sent = await market.settleFlows(T + 1, [{ meter: feeder, importWh: 1_000 }]);
    expect((await linesOf(market, sent)).get(feeder.address)?.line).to.deep.equal({
      mintedTicks: 0n,
      burnedTicks: 0n,
      networkTicks: 0n,
      levyTicks: 0n,
    });
    expect((await market.word(feeder)).importWh).to.equal(1_000);
    expect((await market.exchange.slotRecord(1, T + 1)).feederWh).to.equal(0n);
  });

  it("come in one transaction with in-time readings, each settled its own way", async () => {
    const { market, seller, buyer } = await given();
    await market.at(T + 1, 10);
    await market.settleFlows(T, [{ meter: seller, exportWh: 500 }]);
    await market.at(T + 5, 10);
    const sent = await market.settleFlows(T + 1, [
      { meter: seller, exportWh: 300 },
      { meter: buyer, importWh: 10 },
      { meter: seller, exportWh: 300 },
    ]);
    const lines = await linesOf(market, sent);
    expect(lines.get(seller.address)?.line.burnedTicks).to.equal(0n);
    expect(lines.get(buyer.address)?.line.burnedTicks).to.equal(10n * 600_000n);
    const record = await market.exchange.slotRecord(1, T + 1);
    expect([record.readCount, record.exportWh, record.importWh]).to.deep.equal([1n, 300n, 0n]);
  });
});
