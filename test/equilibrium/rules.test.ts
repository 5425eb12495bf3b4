import { expect } from "chai";
import fc from "fast-check";
import { clearOrders, RULES } from "../../src/equilibrium/rules/clearOrders.ts";
import { near } from "../meters/profiles/near.ts";
import { BARE_PRICES, fillsOf, PRICES, sideOf } from "./traders.ts";

/** The worked example of docs/economics.md. */
const example = () => ({
  bids: sideOf(true, [
    [600, 260_000],
    [300, 220_000],
    [400, 150_000],
  ]),
  offers: sideOf(false, [
    [500, 120_000],
    [600, 180_000],
    [200, 250_000],
  ]),
});

describe("clearing rules of the equilibrium study", () => {
  describe("midpoint and sbba", () => {
    for (const [rule, price, bought, sold] of [
      ["midpoint", 200_000, [600, 300, 0], [500, 400, 0]],
      ["sbba", 220_000, [600, 0, 0], [272, 328, 0]],
    ] as const) {
      it(`${rule} clears the worked example of the economics as that page does`, () => {
        const { bids, offers } = example();
        expect(clearOrders(rule, bids, offers, PRICES)).to.deep.equal({
          bidPrice: price,
          offerPrice: price,
          paidAsBid: false,
        });
        expect(fillsOf(bids)).to.deep.equal(bought);
        expect(fillsOf(offers)).to.deep.equal(sold);
      });
    }
  });

  describe("pay-as-bid", () => {
    it("trades what midpoint trades, everybody at its own limit", () => {
      const { bids, offers } = example();
      expect(clearOrders("pay-as-bid", bids, offers, PRICES).paidAsBid).to.be.true;
      expect(fillsOf(bids)).to.deep.equal([600, 300, 0]);
      expect(fillsOf(offers)).to.deep.equal([500, 400, 0]);
    });
  });

  describe("McAfee", () => {
    // Units of 1,000 Wh: bids 9 8 7 4, offers 2 3 5 7 (in 30,000 ticks per Wh). Three pairs are efficient: 7 >= 5, 4 < 7.
    const unit = 30_000;
    const book = (third: number) => ({
      bids: sideOf(
        true,
        [9, 8, 7, 4].map((value) => [1_000, value * unit]),
      ),
      offers: sideOf(
        false,
        [2, 3, third, 7].map((value) => [1_000, value * unit]),
      ),
    });

    it("trades every efficient pair where the middle of the next pair suits the last one", () => {
      const { bids, offers } = book(5);
      // The next bid and offer are 4 and 7; 5.5 lies between 5 and 7.
      expect(clearOrders("mcafee", bids, offers, PRICES)).to.deep.equal({
        bidPrice: 5.5 * unit,
        offerPrice: 5.5 * unit,
        paidAsBid: false,
      });
      expect(fillsOf(bids)).to.deep.equal([1_000, 1_000, 1_000, 0]);
      expect(fillsOf(offers)).to.deep.equal([1_000, 1_000, 1_000, 0]);
    });

    it("gives up the last pair where it does not, and keeps the difference of its limits", () => {
      const { bids, offers } = book(6);
      // 5.5 is below the last offer of 6: two pairs trade, buyers pay 7, sellers get 6.
      expect(clearOrders("mcafee", bids, offers, PRICES)).to.deep.equal({
        bidPrice: 7 * unit,
        offerPrice: 6 * unit,
        paidAsBid: false,
      });
      expect(fillsOf(bids)).to.deep.equal([1_000, 1_000, 0, 0]);
      expect(fillsOf(offers)).to.deep.equal([1_000, 1_000, 0, 0]);
    });

    it("takes the band's edges where there is no next bid or offer", () => {
      const bids = sideOf(true, [[10, 200_000]]);
      const offers = sideOf(false, [[10, 150_000]]);
      expect(clearOrders("mcafee", bids, offers, PRICES).bidPrice).to.equal(190_000);
      expect(fillsOf(bids)).to.deep.equal([10]);
    });

    it("shares the volume among a longer side in proportion", () => {
      const bids = sideOf(true, [[300, 200_000]]);
      const offers = sideOf(false, [
        [200, 100_000],
        [400, 150_000],
      ]);
      expect(clearOrders("mcafee", bids, offers, PRICES).bidPrice).to.equal(190_000);
      expect(fillsOf(offers)).to.deep.equal([100, 200]);
    });
  });

  describe("supply-demand ratio", () => {
    it("pays sellers the price of the ratio", () => {
      const bids = sideOf(true, [[1_000, 300_000]]);
      const offers = sideOf(false, [[500, 80_000]]);
      // R = 0.5: 80,000 * 300,000 / (220,000 * 0.5 + 80,000) = 126,315.79 ticks per Wh.
      expect(clearOrders("supply-demand-ratio", bids, offers, PRICES).offerPrice).to.equal(126_315);
      expect(fillsOf(bids)).to.deep.equal([500]);
      expect(fillsOf(offers)).to.deep.equal([500]);
    });

    it("pays the export price where supply exceeds demand, and shares the demand", () => {
      const bids = sideOf(true, [[300, 300_000]]);
      const offers = sideOf(false, [
        [400, 80_000],
        [200, 90_000],
      ]);
      expect(clearOrders("supply-demand-ratio", bids, offers, PRICES).offerPrice).to.equal(80_000);
      expect(fillsOf(offers)).to.deep.equal([200, 100]);
    });

    it("has buyers pay the paper's blended price, once the rest is settled at the import price", () => {
      const [supply, demand] = [730, 1_000];
      const bids = sideOf(true, [[demand, 300_000]]);
      const offers = sideOf(false, [[supply, 80_000]]);
      const { bidPrice } = clearOrders("supply-demand-ratio", bids, offers, PRICES);
      const [bought = 0] = fillsOf(bids);
      const paid = bought * bidPrice + (demand - bought) * PRICES.importPrice;
      const ratio = supply / demand;
      const sell = (80_000 * 300_000) / (220_000 * ratio + 80_000);
      expect(paid / demand).to.satisfy(near(sell * ratio + 300_000 * (1 - ratio), 1));
    });
  });

  it("neither creates nor loses energy or money: one price balances, the others leave a surplus, never a deficit", () => {
    const order = fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 80_000, max: 300_000 }));
    const orders = fc.array(order, { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...RULES), orders, orders, (rule, buying, selling) => {
        const bids = sideOf(true, buying);
        const offers = sideOf(false, selling);
        const { bidPrice, offerPrice, paidAsBid } = clearOrders(rule, bids, offers, BARE_PRICES);
        const bought = fillsOf(bids);
        const sold = fillsOf(offers);
        const sum = (fills: number[], priceOf: (row: number) => number): number =>
          fills.reduce((total, fill, row) => total + fill * priceOf(row), 0);
        expect(sum(bought, () => 1)).to.equal(sum(sold, () => 1));
        const paid = sum(bought, (row) => (paidAsBid ? (bids.limitPrice[row] ?? 0) : bidPrice));
        const got = sum(sold, (row) => (paidAsBid ? (offers.limitPrice[row] ?? 0) : offerPrice));
        if (rule === "mcafee" || rule === "pay-as-bid") expect(paid).to.be.at.least(got);
        else expect(paid).to.equal(got);
        bought.forEach((fill, row) => expect(fill).to.be.within(0, bids.energyWh[row] ?? 0));
        sold.forEach((fill, row) => expect(fill).to.be.within(0, offers.energyWh[row] ?? 0));
        if (rule === "supply-demand-ratio" || paidAsBid) return;
        // Nobody trades at a price worse than its limit.
        bought.forEach((fill, row) => {
          if (fill > 0) expect(bids.limitPrice[row]).to.be.at.least(bidPrice);
        });
        sold.forEach((fill, row) => {
          if (fill > 0) expect(offers.limitPrice[row]).to.be.at.most(offerPrice);
        });
      }),
      { numRuns: 2_000 },
    );
  });
});
