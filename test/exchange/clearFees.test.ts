import { expect } from "chai";
import hre from "hardhat";
import { decodeTierDiscounts, encodeTierDiscounts } from "../../src/market/fees.ts";
import { decodeFill } from "../../src/market/packed.ts";
import { encodeEntries } from "../../src/market/book.ts";
import { setTier } from "../support/setTier.ts";
import { deployTestMarket, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { clearBook, clearBytes } from "./books.ts";
import { eventsOf } from "./events.ts";
import { placedList, T } from "./given.ts";

/** Discounts of the tiers in ppm of the fee. */
const DISCOUNTS = [0, 50_000, 100_000, 100_000, 250_000, 333_333, 499_999, 500_000];
/** The zone's fee is 10,000 ppm of the traded value; what is left of it, rounded down to whole ppm. */
const FEES_PPM = [10_000, 9_500, 9_000, 9_000, 7_500, 6_666, 5_000, 5_000];

describe("the trading fee by tier", () => {
  let given: () => Promise<{ market: TestMarket; buyers: TestMeter[]; seller: TestMeter }>;
  before(async () => {
    const connection = await hre.network.create();
    async function eightTiers() {
      const market = await deployTestMarket(connection);
      const seller = await market.addMeter({ kind: "producer", source: "solar" });
      const buyers: TestMeter[] = [];
      for (let tier = 0; tier < 8; ++tier) {
        const buyer = await market.addMeter({ kind: "consumer" });
        await setTier(market, buyer, tier);
        buyers.push(buyer);
      }
      return { market, buyers, seller };
    }
    given = () => connection.networkHelpers.loadFixture(eightTiers);
  });

  const fillsOf = async (market: TestMarket, sent: Parameters<typeof eventsOf>[1]) => {
    const cleared = (await eventsOf(market, sent)).filter(({ name }) => name === "OrderCleared");
    return new Map(cleared.map(({ args }) => [String(args[0]), decodeFill(args[1] as bigint)]));
  };

  it("is the same for all before discounts are set", async () => {
    const { market, buyers, seller } = await given();
    const bids = buyers.map((buyer) => market.order(buyer, T, "bid", 100, 250_000));
    const offer = market.order(seller, T, "offer", 800, 150_000);
    const fills = await fillsOf(market, await clearBook(market, market.book(T, [...bids, offer])));
    // 100 Wh at 200,000 are 20,000,000 ticks, and 1 % of them 200,000.
    for (const { address } of buyers) expect(fills.get(address)?.feeTicks).to.equal(200_000n);
    expect(await market.exchange.tierDiscounts()).to.equal(0n);
  });

  it("falls with the tier, and sellers pay none in any", async () => {
    const { market, buyers, seller } = await given();
    await market.exchange.connect(market.governor).setTierDiscounts(encodeTierDiscounts(DISCOUNTS));
    await setTier(market, seller, 7);
    const bids = buyers.map((buyer) => market.order(buyer, T, "bid", 101, 250_000));
    const offer = market.order(seller, T, "offer", 808, 150_000);
    const before = await Promise.all(buyers.map((buyer) => market.word(buyer)));
    const sent = await clearBook(market, market.book(T, [...bids, offer]));
    const fills = await fillsOf(market, sent);
    let total = 0n;
    for (const [tier, { address }] of buyers.entries()) {
      // 101 Wh at 200,000 are 20,200,000 ticks; 20.2 ticks a ppm, rounded up.
      const fee = BigInt(Math.ceil(20.2 * (FEES_PPM[tier] ?? 0)));
      expect(fills.get(address)?.feeTicks, `tier ${String(tier)}`).to.equal(fee);
      const paid = (before[tier]?.balanceTicks ?? 0n) - (await market.word(address)).balanceTicks;
      expect(paid, `tier ${String(tier)}`).to.equal(20_200_000n + fee);
      total += fee;
    }
    expect(fills.get(seller.address)?.feeTicks).to.equal(0n);
    const cleared = (await eventsOf(market, sent)).find(({ name }) => name === "SlotCleared");
    expect(cleared?.args[5]).to.equal(total);
  });

  it("falls the same for orders that share what is left, and for placed ones, which lock the whole fee", async () => {
    const { market, buyers, seller } = await given();
    await market.exchange.connect(market.governor).setTierDiscounts(encodeTierDiscounts(DISCOUNTS));
    const before = await Promise.all(buyers.map((buyer) => market.word(buyer)));
    const placing = buyers.slice(4);
    for (const buyer of placing) {
      await market.exchange.connect(buyer.owner).placeOrder(T, buyer.address, 1, 100, 250_000);
      // 100 Wh at 250,000 with 1 %, and the placement fee of 1,000,000.
      const locked = (before[buyers.indexOf(buyer)]?.balanceTicks ?? 0n) - (await market.word(buyer)).balanceTicks;
      expect(locked).to.equal(25_000_000n + 250_000n + 1_000_000n);
    }
    const signed = buyers.slice(0, 4).map((buyer) => market.order(buyer, T, "bid", 100, 250_000));
    // Half of what they ask for: each of them gets 50 Wh, because all have one limit price and one energy.
    const offer = market.order(seller, T, "offer", 400, 150_000);
    const book = market.book(T, [...signed, offer], await placedList(market, T));
    const fills = await fillsOf(market, await clearBook(market, book));
    for (const [tier, { address }] of buyers.entries()) {
      const fill = fills.get(address);
      // 50 Wh at 200,000 are 10,000,000 ticks, so ten ticks a ppm.
      expect([fill?.filledWh, fill?.feeTicks], `tier ${String(tier)}`).to.deep.equal([
        50,
        10n * BigInt(FEES_PPM[tier] ?? 0),
      ]);
      const paid = (before[tier]?.balanceTicks ?? 0n) - (await market.word(address)).balanceTicks;
      expect(paid, `tier ${String(tier)}`).to.equal(10_000_000n + 10n * BigInt(FEES_PPM[tier] ?? 0));
    }
  });

  it("does not lower what a bid must be covered by", async () => {
    const { market, seller } = await given();
    await market.exchange.connect(market.governor).setTierDiscounts(encodeTierDiscounts([0, 500_000]));
    // 100 Wh at 250,000 and 1 % are 25,250,000 ticks.
    const poor = await market.addMeter({ kind: "consumer", balanceTicks: 25_249_999n });
    const just = await market.addMeter({ kind: "consumer", balanceTicks: 25_250_000n });
    for (const meter of [poor, just]) await setTier(market, meter, 7);
    const orders = [poor, just].map((meter) => market.order(meter, T, "bid", 100, 250_000));
    const book = market.book(T, [...orders, market.order(seller, T, "offer", 200, 150_000)]);
    const fills = await fillsOf(market, await clearBook(market, book));
    expect([...fills.keys()].sort()).to.deep.equal([just.address, seller.address].sort());
    expect(fills.get(just.address)?.feeTicks).to.equal(100_000n);
  });

  it("leaves the price of a deviation the same for all", async () => {
    const { market, buyers, seller } = await given();
    await market.exchange.connect(market.governor).setTierDiscounts(encodeTierDiscounts(DISCOUNTS));
    const bids = buyers.map((buyer) => market.order(buyer, T, "bid", 100, 250_000));
    const offer = market.order(seller, T, "offer", 800, 150_000);
    await clearBook(market, market.book(T, [...bids, offer]));
    await market.at(T, 10);
    await market.settleFlows(
      T - 1,
      [...buyers, seller].map((meter) => ({ meter })),
    );
    const before = await Promise.all(buyers.map((buyer) => market.word(buyer)));
    await market.at(T + 1, 10);
    // Every second one takes 30 Wh more than it bought, the others 30 Wh less.
    await market.settleFlows(
      T,
      buyers.map((meter, tier) => ({ meter, importWh: tier % 2 === 0 ? 130 : 70 })),
    );
    for (const [tier, { address }] of buyers.entries()) {
      const moved = (await market.word(address)).balanceTicks - (before[tier]?.balanceTicks ?? 0n);
      // Short: 30 Wh at 300,000, network 100 Wh at 20,000 and 30 Wh at 50,000, levy 130 Wh at 10,000. Long: 30 Wh are
      // paid at 100,000; network 70 Wh at 20,000, levy 70 Wh at 10,000.
      const expected =
        tier % 2 === 0 ? -(9_000_000n + 2_000_000n + 1_500_000n + 1_300_000n) : 3_000_000n - 1_400_000n - 700_000n;
      expect(moved, `tier ${String(tier)}`).to.equal(expected);
    }
  });

  it("is set by governance alone, within its bounds, and told", async () => {
    const { market } = await given();
    const asGovernor = market.exchange.connect(market.governor);
    const lanes = encodeTierDiscounts(DISCOUNTS);
    await expect(asGovernor.setTierDiscounts(lanes)).to.emit(market.exchange, "TierDiscountsSet").withArgs(lanes);
    expect(decodeTierDiscounts(await market.exchange.tierDiscounts())).to.deep.equal(DISCOUNTS);
    await expect(market.exchange.connect(market.registrar).setTierDiscounts(lanes)).to.be.revertedWithCustomError(
      market.exchange,
      "AccessManagedUnauthorized",
    );
    const name = market.connection.ethers.encodeBytes32String("tierDiscounts");
    const lane = (tier: number, discount: number) => BigInt(discount) << BigInt(32 * tier);
    const unsound: [bigint, number][] = [
      [lane(0, 1), 0],
      [lane(1, 500_001), 1],
      [lane(7, 500_001), 7],
      [lane(2, 1), 3],
      [lane(6, 100), 7],
      [lane(7, 2 ** 32 - 1), 7],
    ];
    for (const [discounts, tier] of unsound) {
      await expect(asGovernor.setTierDiscounts(discounts))
        .to.be.revertedWithCustomError(market.exchange, "BadParameter")
        .withArgs(name, tier);
    }
    await asGovernor.setTierDiscounts(0n);
    expect(await market.exchange.tierDiscounts()).to.equal(0n);
  });
});

describe("orders beyond the tariff at the end of a side", () => {
  it("are skipped one by one, wherever the ordinary ones end", async () => {
    const connection = await hre.network.create();
    const market = await deployTestMarket(connection);
    const meters: TestMeter[] = [];
    for (let i = 0; i < 8; ++i) meters.push(await market.addMeter({ kind: "prosumer" }));
    // The tariff is 100,000 to 300,000. Two sound orders a side, then two beyond its worse end, the last absurdly far.
    const bidPrices = [250_000, 100_000, 99_999, 0];
    const offerPrices = [150_000, 300_000, 300_001, 2 ** 32 - 1];
    const orders = meters.map((meter, i) =>
      i < 4
        ? market.order(meter, T, "bid", 100, bidPrices[i] ?? 0)
        : market.order(meter, T, "offer", 100, offerPrices[i - 4] ?? 0),
    );
    const book = market.book(T, orders);
    const events = await eventsOf(market, await clearBook(market, book));
    const [, , third, fourth, , , seventh, eighth] = meters.map(({ address }) => address);
    expect(events.filter(({ name }) => name === "OrderSkipped").map(({ args }) => args[0])).to.deep.equal([
      third,
      fourth,
      seventh,
      eighth,
    ]);
    expect(events.filter(({ name }) => name === "OrderCleared")).to.have.length(4);
    expect((await market.exchange.slotRecord(1, T)).matchedWh).to.equal(100n);
  });

  it("do not let a meter in twice", async () => {
    const connection = await hre.network.create();
    const market = await deployTestMarket(connection);
    const [sound, beyond] = [await market.addMeter({ kind: "prosumer" }), await market.addMeter({ kind: "prosumer" })];
    const bids = [market.order(sound, T, "bid", 100, 250_000), market.order(beyond, T, "bid", 100, 99_999)];
    const twice = market.order(beyond, T, "offer", 100, 150_000);
    await market.at(T, -590);
    await market.exchange.connect(market.matcher).commitBook(1, T, `0x${"11".repeat(32)}`, 3);
    await expect(clearBytes(market, T, encodeEntries(bids), encodeEntries([twice])))
      .to.be.revertedWithCustomError(market.exchange, "MeterTwice")
      .withArgs(beyond.address);
  });
});
