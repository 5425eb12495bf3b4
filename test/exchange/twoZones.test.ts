import { expect } from "chai";
import hre from "hardhat";
import { encodeBook } from "../../src/market/book.ts";
import { laneOf } from "../../src/market/meterWord.ts";
import { addZone, community, readIdle, S } from "./given.ts";

describe("two zones with a matcher each", () => {
  it("clear, settle and close the same slot apart from each other", async () => {
    const connection = await hre.network.create();
    const { market, seller, buyer, home, feeder } = await community(connection);
    const matcher = await addZone(market, 2, 8);
    const producer = await market.addMeter({ kind: "producer", source: "hydro", zone: 2 });
    const consumer = await market.addMeter({ kind: "consumer", zone: 2 });
    const slot = S + 9;
    for (let read = S; read <= slot - 2; ++read) {
      await readIdle(market, read, [seller, buyer, home, feeder]);
      await market.settleFlows(read, [{ meter: producer }, { meter: consumer }], 2);
    }
    const first = market.book(slot, [
      market.order(seller, slot, "offer", 100, 150_000),
      market.order(buyer, slot, "bid", 100, 170_000),
    ]);
    const second = market.book(
      slot,
      [market.order(producer, slot, "offer", 300, 200_000), market.order(consumer, slot, "bid", 300, 280_000)],
      [],
      2,
    );
    await market.at(slot, -590);
    await market.exchange.connect(market.matcher).commitBook(1, slot, first.hash, 2);
    await market.exchange.connect(matcher).commitBook(2, slot, second.hash, 2);
    const one = encodeBook(first);
    const two = encodeBook(second);
    await market.at(slot, -450);
    // A matcher is anybody in the other zone.
    await expect(
      market.exchange.connect(matcher).clear(1, slot, one.bidEntries, one.offerEntries),
    ).to.be.revertedWithCustomError(market.exchange, "OutsideWindow");
    // One zone's book does not clear in the other.
    await expect(
      market.exchange.connect(matcher).clear(2, slot, one.bidEntries, one.offerEntries),
    ).to.be.revertedWithCustomError(market.exchange, "BookNotCommitted");
    // Both in one transaction: what one clearing remembers of its meters does not meet the other.
    await market.at(slot, -300);
    const calls = [
      market.exchange.interface.encodeFunctionData("clear", [1, slot, one.bidEntries, one.offerEntries]),
      market.exchange.interface.encodeFunctionData("clear", [2, slot, two.bidEntries, two.offerEntries]),
    ];
    await market.exchange.connect(market.worker).multicall(calls);
    expect((await market.exchange.slotRecord(1, slot)).clearingPrice).to.equal(160_000n);
    expect((await market.exchange.slotRecord(2, slot)).clearingPrice).to.equal(240_000n);
    expect(laneOf(await market.word(consumer), slot)).to.deep.equal({ side: "bid", energyWh: 300 });

    await market.at(slot, 10);
    await market.settleFlows(slot - 1, [{ meter: seller }, { meter: buyer }, { meter: home }, { meter: feeder }]);
    await market.settleFlows(slot - 1, [{ meter: producer }, { meter: consumer }], 2);
    await market.at(slot + 1, 10);
    await market.settleFlows(slot, [
      { meter: seller, exportWh: 100 },
      { meter: buyer, importWh: 100 },
      { meter: home },
      { meter: feeder },
    ]);
    for (let closing = S; closing <= slot; ++closing) await market.exchange.close(1, closing, []);
    expect((await market.exchange.zoneInfo(1)).closedThrough).to.equal(slot);
    // The second zone has two open positions and no feeder: it closes at its deadline alone.
    expect((await market.exchange.slotRecord(2, slot)).openPositions).to.equal(2n);
    await market.exchange.close(2, S, []);
    await market.at(slot + 5);
    for (let closing = S + 1; closing < slot; ++closing) await market.exchange.close(2, closing, []);
    await market.exchange.close(2, slot, [producer.address, consumer.address]);
    expect(await market.exchange.isFlagged(2, slot)).to.equal(true);
    expect(await market.exchange.isFlagged(1, slot)).to.equal(false);
  });
});
