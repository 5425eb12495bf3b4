import { expect } from "chai";
import hre from "hardhat";
import { laneOf } from "../../src/market/meterWord.ts";
import { deployTestMarket, FIRST_SLOT } from "../support/testMarket.ts";

const S = FIRST_SLOT;

describe("one market slot from order to money", () => {
  it("clears at the midpoint, settles deviations with the grid and closes", async () => {
    const connection = await hre.network.create();
    const market = await deployTestMarket(connection);
    const seller = await market.addMeter({ kind: "producer", source: "solar" });
    const buyer = await market.addMeter({ kind: "consumer" });
    const feeder = await market.addMeter({ kind: "feeder", balanceTicks: 0n });

    // Registered in slot S, so the slot before is the last read one and S + 1 can be cleared.
    const offer = market.order(seller, S + 1, "offer", 1000, 150_000);
    const bid = market.order(buyer, S + 1, "bid", 800, 250_000);
    await market.clear(S + 1, [offer, bid]);
    const record = await market.exchange.slotRecord(1, S + 1);
    expect(record.clearingPrice).to.equal(200_000n);
    expect(record.matchedWh).to.equal(800n);
    const before = { seller: await market.word(seller), buyer: await market.word(buyer) };
    expect(laneOf(before.seller, S + 1)).to.deep.equal({ side: "offer", energyWh: 800 });

    await market.at(S + 1, 10);
    await market.settleFlows(S, [{ meter: seller }, { meter: buyer }, { meter: feeder }]);
    await market.at(S + 2, 10);
    await market.settleFlows(S + 1, [
      { meter: seller, exportWh: 700 },
      { meter: buyer, importWh: 900 },
      { meter: feeder, importWh: 210 },
    ]);
    const after = { seller: await market.word(seller), buyer: await market.word(buyer) };
    // Sold 800 at 200,000 and delivered 700: 100 Wh short at 300,000, and the network charge its buyer saved on them.
    expect(after.seller.balanceTicks - before.seller.balanceTicks).to.equal(
      800n * 200_000n - 100n * (300_000n + 30_000n),
    );
    // Bought 800, used 900: 100 short; network 800 local + 100 grid; levy 900.
    expect(before.buyer.balanceTicks - after.buyer.balanceTicks).to.equal(
      100n * 300_000n + 800n * 20_000n + 100n * 50_000n + 900n * 10_000n,
    );
    await market.exchange.close(1, S, []);
    const closed = await market.exchange.close(1, S + 1, []);
    await expect(closed)
      .to.emit(market.exchange, "SlotClosed")
      .withArgs(1, S + 1, false, 900, 700, 210, 3);
  });

  it("has the matcher that was named for it: a change holds from its slot on and says nothing about those before", async () => {
    const connection = await hre.network.create();
    const market = await deployTestMarket(connection);
    const { exchange, matcher, governor, worker } = market;
    // The first matcher has to be old enough.
    await market.mineAt(S + 200);
    const fromSlot = S + 230;
    await exchange.connect(governor).setMatcher(1, worker.address, fromSlot);
    expect(await exchange.matcherAt(1, fromSlot - 1)).to.equal(matcher.address);
    expect(await exchange.matcherAt(1, fromSlot)).to.equal(worker.address);
  });
});
