import { expect } from "chai";
import hre from "hardhat";
import { storeWord } from "../support/storedWords.ts";
import { community, T, type Community } from "./given.ts";

describe("trading with oneself", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function faulty() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(faulty);
  });

  describe("reportSelfTrade", () => {
    async function ownTrade() {
      const all = await given();
      const { market, seller, buyer } = all;
      const load = await market.addMeter({ kind: "consumer", site: seller.site });
      await market.clear(T, [
        market.order(seller, T, "offer", 900, 150_000),
        market.order(load, T, "bid", 300, 250_000),
        market.order(buyer, T, "bid", 600, 250_000),
      ]);
      return { ...all, load };
    }

    it("refuses an address that is no meter, and meters that have not traded with each other", async () => {
      const { market, seller, buyer, home, load, feeder } = await ownTrade();
      const { exchange } = market;
      for (const { address } of [seller, load, buyer]) await storeWord(market, address, { reliability: 4_095 });
      const stranger = market.newKey().address;
      await expect(exchange.reportSelfTrade(stranger, seller.address, T))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(stranger, T);
      for (const [a, b, slot] of [
        [seller.address, stranger, T],
        [seller.address, seller.address, T],
        [seller.address, buyer.address, T],
        [seller.address, home.address, T],
        [seller.address, feeder.address, T],
        [seller.address, load.address, T + 1],
        [seller.address, load.address, T + 2],
        [seller.address, load.address, 0],
      ] as const) {
        await expect(exchange.reportSelfTrade(a, b, slot)).to.be.revertedWithCustomError(exchange, "NothingProven");
      }
    });

    it("refuses two buyers of one site", async () => {
      const { market, seller, load } = await ownTrade();
      const other = await market.addMeter({ kind: "consumer", site: seller.site });
      await storeWord(market, load.address, { reliability: 4_095 });
      await storeWord(market, other.address, {
        laneEven: { side: "bid", energyWh: 5 },
        laneOdd: { side: "bid", energyWh: 5 },
      });
      await expect(market.exchange.reportSelfTrade(load.address, other.address, T)).to.be.revertedWithCustomError(
        market.exchange,
        "NothingProven",
      );
    });

    it("lowers what is above neutral, leaves what is below, and costs no money", async () => {
      for (const [sold, bought, soldAfter, boughtAfter] of [
        [4_095, 2_049, 2_048, 2_048],
        [100, 2_049, 100, 2_048],
        [2_049, 0, 2_048, 0],
      ] as const) {
        const { market, seller, load } = await ownTrade();
        await storeWord(market, seller.address, { reliability: sold, tier: 3 });
        await storeWord(market, load.address, { reliability: bought, tier: 3 });
        const [a, b] = [await market.word(seller), await market.word(load)];
        const { bondTicks } = await market.exchange.siteInfo(seller.site);
        await expect(market.exchange.reportSelfTrade(load.address, seller.address, T)).to.emit(
          market.exchange,
          "SelfTrade",
        );
        expect(await market.word(seller)).to.deep.equal({ ...a, reliability: soldAfter });
        expect(await market.word(load)).to.deep.equal({ ...b, reliability: boughtAfter });
        const site = await market.exchange.siteInfo(seller.site);
        expect([site.bondTicks, site.faults]).to.deep.equal([bondTicks, 0n]);
      }
    });

    it("has nothing to do where neither is above neutral", async () => {
      const { market, seller, load } = await ownTrade();
      await storeWord(market, seller.address, { reliability: 2_048 });
      await storeWord(market, load.address, { reliability: 2_047 });
      await expect(market.exchange.reportSelfTrade(seller.address, load.address, T)).to.be.revertedWithCustomError(
        market.exchange,
        "NothingProven",
      );
    });
  });
});
