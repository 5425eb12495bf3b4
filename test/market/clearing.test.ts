import { expect } from "chai";
import fc from "fast-check";
import { clearBook, type ClearingRule } from "../../src/market/clearing.ts";
import { bruteForce } from "./bruteForce.ts";
import { codeOf, randomBooks, side, total } from "./helpers.ts";

/** Divides by every number of sellers up to 8, so that shares are whole. */
const UNIT_WH = 840;
const RULES: readonly ClearingRule[] = ["midpoint", "sbba"];

describe("a double auction of single units", () => {
  // The table of the lesson "Double Auction", game theory course of the Blockchain Academy, Hochschule Mittweida: buyers
  // 100, 90, 80, 70, 60, sellers 80, 85, 95, 100, 110. Two pairs trade; the average mechanism prices them at 87.5.
  // Prices here are ten times the lesson's, because a tick is not divisible.
  const buyers = side([1, 1000], [1, 900], [1, 800], [1, 700], [1, 600]);
  const sellers = side([1, 800], [1, 850], [1, 950], [1, 1000], [1, 1100]);

  it("trades two units at the mean of the break-even pair, as the lesson's average mechanism does", () => {
    expect(clearBook("midpoint", buyers, sellers)).to.deep.equal({
      price: 875,
      volumeWh: 2,
      bidFillsWh: [1, 1, 0, 0, 0],
      offerFillsWh: [1, 1, 0, 0, 0],
    });
  });

  // Segal-Halevi, Hassidim, Aumann, arXiv 1607.05139: with k efficient pairs the price is the smaller of b_k and s_(k+1).
  it("prices at b_k and lets buyer k stand aside where s_(k+1) is above b_k (second case of SBBA)", () => {
    // The lesson's table: k = 2, s_3 = 950 > b_2 = 900. One unit for two sellers; the paper draws one of them.
    const cleared = clearBook("sbba", buyers, sellers);
    expect(cleared.price).to.equal(900);
    expect(cleared.bidFillsWh).to.deep.equal([1, 0, 0, 0, 0]);
    expect(total(cleared.offerFillsWh)).to.equal(1);
    expect(cleared.offerFillsWh.slice(2)).to.deep.equal([0, 0, 0]);
  });

  it("shares what the lottery would have given to one seller, where the unit is divisible", () => {
    const kilo = (orders: typeof buyers) => orders.map((order) => ({ ...order, energyWh: 1000 }));
    const cleared = clearBook("sbba", kilo(buyers), kilo(sellers));
    expect(cleared).to.deep.equal({
      price: 900,
      volumeWh: 1000,
      bidFillsWh: [1000, 0, 0, 0, 0],
      offerFillsWh: [500, 500, 0, 0, 0],
    });
  });

  it("prices at s_(k+1) and lets all k pairs trade where buyer k would pay it (first case of SBBA)", () => {
    // The lesson's table with the third seller at 88: s_3 = 880 <= b_2 = 900, and b_3 = 800 keeps k at 2.
    const cheaper = side([1, 800], [1, 850], [1, 880], [1, 1000], [1, 1100]);
    expect(clearBook("sbba", buyers, cheaper)).to.deep.equal({
      price: 880,
      volumeWh: 2,
      bidFillsWh: [1, 1, 0, 0, 0],
      offerFillsWh: [1, 1, 0, 0, 0],
    });
  });

  it("follows the paper's rule for any values of single units", () => {
    const values = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 });
    fc.assert(
      fc.property(values, values, (buyerValues, sellerValues) => {
        const b = buyerValues.sort((x, y) => y - x);
        const s = sellerValues.sort((x, y) => x - y);
        let k = 0;
        while ((b[k] ?? -1) >= (s[k] ?? Infinity)) ++k;
        const bk = b[k - 1] ?? 0;
        const next = s[k] ?? Infinity;
        const trades = k === 0 ? 0 : next <= bk ? k : k - 1;
        const cleared = clearBook(
          "sbba",
          side(...b.map((v) => [1, v] as const)),
          side(...s.map((v) => [1, v] as const)),
        );
        expect(cleared.volumeWh).to.equal(trades);
        expect(cleared.bidFillsWh).to.deep.equal(b.map((_, i) => (i < trades ? 1 : 0)));
        expect(total(cleared.offerFillsWh)).to.equal(trades);
        expect(cleared.offerFillsWh.slice(k).every((energyWh) => energyWh === 0)).to.equal(true);
        if (trades > 0) expect(cleared.price).to.equal(Math.min(bk, next));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("an auction of divisible energy, by hand", () => {
  it("rations the longer side among the orders at the marginal price only", () => {
    // 250 Wh of supply; the bid at 50 takes 100 in full, the three at 40 share 150 of 400: floors of 37.5, 75, 150 summed.
    const cleared = clearBook("midpoint", side([100, 50], [100, 40], [100, 40], [200, 40], [10, 39]), side([250, 20]));
    expect(cleared).to.deep.equal({ price: 30, volumeWh: 250, bidFillsWh: [100, 37, 38, 75, 0], offerFillsWh: [250] });
  });

  it("cuts the marginal order itself where it stands alone", () => {
    const cleared = clearBook("midpoint", side([300, 50]), side([200, 20], [200, 31], [5, 40]));
    expect(cleared).to.deep.equal({ price: 40, volumeWh: 300, bidFillsWh: [300], offerFillsWh: [200, 100, 0] });
  });

  it("lets every selling order give the same share under SBBA, the marginal one too", () => {
    // Crossing: 100 + 150 against 200 + 50 of 200, marginal pair (40, 25); no offer is left, so 40 is the price, the
    // second buyer stands aside and 400 Wh of sellers share 100 Wh.
    const cleared = clearBook("sbba", side([100, 50], [150, 40]), side([200, 20], [200, 25]));
    expect(cleared).to.deep.equal({ price: 40, volumeWh: 100, bidFillsWh: [100, 0], offerFillsWh: [50, 50] });
  });

  it("rounds an odd sum down under the midpoint rule", () => {
    expect(clearBook("midpoint", side([1, 10]), side([1, 7])).price).to.equal(8);
  });
});

describe("the edges of an auction", () => {
  for (const rule of RULES) {
    describe(`under ${rule}`, () => {
      it("trade nothing where no bid reaches an offer", () => {
        const cleared = clearBook(rule, side([10, 5], [10, 4]), side([10, 6]));
        expect(cleared).to.deep.equal({ price: 0, volumeWh: 0, bidFillsWh: [0, 0], offerFillsWh: [0] });
      });

      it("trade nothing where a side is empty", () => {
        expect(clearBook(rule, [], side([10, 6])).offerFillsWh).to.deep.equal([0]);
        expect(clearBook(rule, side([10, 6]), []).bidFillsWh).to.deep.equal([0]);
        expect(clearBook(rule, [], [])).to.deep.equal({ price: 0, volumeWh: 0, bidFillsWh: [], offerFillsWh: [] });
      });

      it("trade a thousand orders without losing a watt-hour", () => {
        const bids = side(
          ...Array.from({ length: 500 }, (_, i) => [16_000_000 + i, 1_000_000 - 1000 * (i >> 3)] as const),
        );
        const offers = side(
          ...Array.from({ length: 500 }, (_, i) => [15_999_000 + i, 100_000 + 2000 * (i >> 2)] as const),
        );
        const cleared = clearBook(rule, bids, offers);
        expect(cleared.volumeWh).to.be.greaterThan(2 ** 30);
        expect(total(cleared.bidFillsWh)).to.equal(cleared.volumeWh);
        expect(total(cleared.offerFillsWh)).to.equal(cleared.volumeWh);
      });
    });
  }

  it("give one pair its midpoint, and under SBBA nothing, because its buyer sets the price", () => {
    expect(clearBook("midpoint", side([10, 9]), side([10, 5]))).to.include({ price: 7, volumeWh: 10 });
    expect(clearBook("sbba", side([10, 9]), side([10, 5]))).to.include({ price: 0, volumeWh: 0 });
  });

  it("let one pair trade under SBBA where a second seller sets the price", () => {
    const cleared = clearBook("sbba", side([10, 9]), side([10, 5], [10, 6]));
    expect(cleared).to.deep.equal({ price: 6, volumeWh: 10, bidFillsWh: [10], offerFillsWh: [10, 0] });
  });

  it("share among all where every price is equal", () => {
    const bids = side([3, 7], [3, 7], [3, 7]);
    expect(clearBook("midpoint", bids, side([4, 7]))).to.deep.equal({
      price: 7,
      volumeWh: 4,
      bidFillsWh: [1, 1, 2],
      offerFillsWh: [4],
    });
  });

  it("serve one giant order by every small one", () => {
    const offers = side(...Array.from({ length: 999 }, (_, i) => [16_777, 10 + i] as const));
    const cleared = clearBook("midpoint", side([16_777_215, 2000]), offers);
    expect(cleared.volumeWh).to.equal(999 * 16_777);
    expect(cleared.bidFillsWh).to.deep.equal([999 * 16_777]);
    expect(cleared.price).to.equal(Math.floor((2000 + 1008) / 2));
  });

  it("stay exact where shares go beyond what a double holds", () => {
    // 1,000 x 2^24 Wh of bids share about a third of it: part x volume is near 2^66, floor checked with whole numbers.
    const energies = Array.from({ length: 1000 }, (_, i) => 16_777_215 - 7 * i);
    const bids = side(...energies.map((energyWh) => [energyWh, 5] as const));
    const offers = side(...Array.from({ length: 333 }, () => [16_777_213, 5] as const));
    const cleared = clearBook("midpoint", bids, offers);
    const whole = BigInt(total(energies));
    const volume = BigInt(333 * 16_777_213);
    let before = 0n;
    const expected = energies.map((energyWh) => {
      const from = (before * volume) / whole;
      before += BigInt(energyWh);
      return Number((before * volume) / whole - from);
    });
    expect(cleared.bidFillsWh).to.deep.equal(expected);
    expect(total(cleared.bidFillsWh)).to.equal(333 * 16_777_213);
  });

  it("give each of a thousand equal orders its exact third", () => {
    // Every partial sum divides exactly, so a product that was rounded before its division would lose a watt-hour.
    for (const energyWh of [16_777_212, 16_777_209, 16_776_843, 12_345_678]) {
      const bids = side(...Array.from({ length: 999 }, () => [energyWh, 5] as const));
      const cleared = clearBook("midpoint", bids, bids.slice(0, 333));
      expect(new Set(cleared.bidFillsWh)).to.deep.equal(new Set([energyWh / 3]));
    }
  });

  it("refuse what is no order, and a side that is not sorted", () => {
    const good = side([1, 1]);
    expect(codeOf(() => clearBook("sbba", side([0, 1]), good))).to.equal("ORDER_ENERGY_INVALID");
    expect(codeOf(() => clearBook("sbba", side([1.5, 1]), good))).to.equal("ORDER_ENERGY_INVALID");
    expect(codeOf(() => clearBook("sbba", good, side([2 ** 24, 1])))).to.equal("ORDER_ENERGY_INVALID");
    expect(codeOf(() => clearBook("sbba", good, side([1, -1])))).to.equal("ORDER_PRICE_INVALID");
    expect(codeOf(() => clearBook("sbba", good, side([1, 2 ** 24])))).to.equal("ORDER_PRICE_INVALID");
    expect(codeOf(() => clearBook("sbba", side([1, 4], [1, 5]), good))).to.equal("BOOK_UNSORTED");
    expect(codeOf(() => clearBook("sbba", good, side([1, 5], [1, 4])))).to.equal("BOOK_UNSORTED");
  });
});

for (const rule of RULES) {
  describe(`any book under ${rule}`, () => {
    it("clears as a second implementation, watt-hour by watt-hour, says", () => {
      fc.assert(
        fc.property(randomBooks(12, 9, 14), ({ bids, offers }) => {
          expect(clearBook(rule, bids, offers)).to.deep.equal(bruteForce(rule, bids, offers));
        }),
        { numRuns: 3000 },
      );
    });

    it("buys what it sells, within every limit and every order", () => {
      fc.assert(
        fc.property(randomBooks(0xffffff, 0xffffff, 40), ({ bids, offers }) => {
          const cleared = clearBook(rule, bids, offers);
          expect(total(cleared.bidFillsWh)).to.equal(cleared.volumeWh);
          expect(total(cleared.offerFillsWh)).to.equal(cleared.volumeWh);
          bids.forEach((bid, i) => {
            const filledWh = cleared.bidFillsWh[i] ?? -1;
            expect(filledWh).to.be.within(0, bid.energyWh);
            if (filledWh > 0) expect(bid.limitPrice).to.be.at.least(cleared.price);
          });
          offers.forEach((offer, i) => {
            const filledWh = cleared.offerFillsWh[i] ?? -1;
            expect(filledWh).to.be.within(0, offer.energyWh);
            if (filledWh > 0) expect(offer.limitPrice).to.be.at.most(cleared.price);
          });
        }),
        { numRuns: 500 },
      );
    });

    it("never serves an order less than a worse one, per watt-hour asked and up to rounding", () => {
      fc.assert(
        fc.property(randomBooks(1000, 20, 20), ({ bids, offers }) => {
          const cleared = clearBook(rule, bids, offers);
          for (const [orders, fills] of [
            [bids, cleared.bidFillsWh],
            [offers, cleared.offerFillsWh],
          ] as const) {
            orders.slice(1).forEach((worse, i) => {
              const better = orders[i];
              if (better === undefined || better.limitPrice === worse.limitPrice) return;
              const betterWh = (fills[i] ?? 0) + 1;
              const worseWh = (fills[i + 1] ?? 0) - 1;
              expect(betterWh * worse.energyWh).to.be.at.least(worseWh * better.energyWh);
            });
          }
        }),
        { numRuns: 500 },
      );
    });
  });
}

describe("the crossing", () => {
  it("never trades less when a bid is raised", () => {
    fc.assert(
      fc.property(
        randomBooks(50, 20, 12),
        fc.nat(),
        fc.integer({ min: 1, max: 20 }),
        ({ bids, offers }, pick, raise) => {
          fc.pre(bids.length > 0);
          const chosen = pick % bids.length;
          const raised = bids
            .map((bid, i) => (i === chosen ? { ...bid, limitPrice: bid.limitPrice + raise } : bid))
            .sort((a, b) => b.limitPrice - a.limitPrice);
          const crossing = clearBook("midpoint", bids, offers).volumeWh;
          expect(clearBook("midpoint", raised, offers).volumeWh).to.be.at.least(crossing);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("SBBA for single units of one size", () => {
  // The reason for the rule: no bidder gains by another limit price than its value.
  it("never pays a buyer to bid anything but its value", () => {
    const values = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(values, values, fc.nat(), fc.integer({ min: 0, max: 16 }), (buyerValues, sellerValues, pick, lie) => {
        const chosen = pick % buyerValues.length;
        const value = buyerValues[chosen] ?? 0;
        expect(buyerGain(buyerValues, sellerValues, chosen, lie, value)).to.be.at.most(
          buyerGain(buyerValues, sellerValues, chosen, value, value),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("never pays a seller to ask anything but its cost, however many share the ration", () => {
    const values = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(values, values, fc.nat(), fc.integer({ min: 0, max: 16 }), (buyerValues, costs, pick, lie) => {
        const chosen = pick % costs.length;
        const cost = costs[chosen] ?? 0;
        expect(sellerGain(buyerValues, costs, chosen, lie, cost)).to.be.at.most(
          sellerGain(buyerValues, costs, chosen, cost, cost),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

/** Gain of one buyer of a unit when it bids `bid` and values the unit at `value`. Ties keep the order of the list. */
function buyerGain(
  values: readonly number[],
  offers: readonly number[],
  chosen: number,
  bid: number,
  value: number,
): number {
  const ranked = values
    .map((own, index) => ({ index, limitPrice: index === chosen ? bid : own, energyWh: 1 }))
    .sort((a, b) => b.limitPrice - a.limitPrice || a.index - b.index);
  const sellers = side(...[...offers].sort((a, b) => a - b).map((price) => [1, price] as const));
  const cleared = clearBook("sbba", ranked, sellers);
  const place = ranked.findIndex((buyer) => buyer.index === chosen);
  return (cleared.bidFillsWh[place] ?? 0) * (value - cleared.price);
}

/** Gain of one seller of UNIT_WH when it asks `ask` and each watt-hour costs it `cost`. */
function sellerGain(
  bids: readonly number[],
  costs: readonly number[],
  chosen: number,
  ask: number,
  cost: number,
): number {
  const ranked = costs
    .map((own, index) => ({ index, limitPrice: index === chosen ? ask : own, energyWh: UNIT_WH }))
    .sort((a, b) => a.limitPrice - b.limitPrice || a.index - b.index);
  const buyers = side(...[...bids].sort((a, b) => b - a).map((price) => [UNIT_WH, price] as const));
  const cleared = clearBook("sbba", buyers, ranked);
  const place = ranked.findIndex((seller) => seller.index === chosen);
  return (cleared.offerFillsWh[place] ?? 0) * (cleared.price - cost);
}
