import { expect } from "chai";
import { MARKET_LEVERS } from "../../src/equilibrium/levers/marketLevers.ts";
import { measureDeviations, type DeviationGain } from "../../src/equilibrium/measureDeviations.ts";
import { honestOrder } from "../../src/equilibrium/levers/orders.ts";
import { SlotGame } from "../../src/equilibrium/slotGame.ts";
import type { Rule } from "../../src/equilibrium/rules/clearOrders.ts";
import { unitPopulation } from "../../src/equilibrium/unitPopulation.ts";
import { near } from "../meters/profiles/near.ts";
import { BARE_PRICES, buyer, PRICES, seller } from "./traders.ts";

/** Markets of each measurement; the full proof sets more. */
const MARKETS = Number(process.env.JOULEWORK_GAIN_MARKETS ?? 120);
const UNIT_WH = 1_000;
const units = unitPopulation(PRICES, UNIT_WH);
const priceLever = MARKET_LEVERS.filter(({ name }) => name === "price");

function byPrice(rule: Rule, kind: string, size: number, seed = 1): DeviationGain {
  const [gain] = measureDeviations({
    ...{ population: units, kind, size, seed, rules: [rule], levers: priceLever },
    markets: MARKETS,
  });
  if (gain === undefined) throw new RangeError("nothing measured");
  return gain;
}

describe("who gains by a price that is not its value", () => {
  for (const rule of ["sbba", "mcafee"] as const) {
    for (const kind of units.kinds) {
      it(`nobody with one unit under ${rule}, even with the book before it: a ${kind}`, () => {
        for (const size of [4, 8, 16, 32]) {
          const { planned, informed, exposed } = byPrice(rule, kind, size);
          // In no market more than the watt-hour that whole shares of a ration may move.
          expect(exposed).to.equal(0);
          expect(informed.ticksPerWh).to.be.at.most(PRICES.importPrice / UNIT_WH);
          expect(planned.low ?? 0).to.be.at.most(1 / UNIT_WH);
        }
      });
    }
  }

  it("buyers and sellers under midpoint, as is known, and less in larger markets", () => {
    for (const kind of units.kinds) {
      const small = byPrice("midpoint", kind, 4);
      const large = byPrice("midpoint", kind, 32);
      expect(small.informed.low ?? 0).to.be.greaterThan(0.1);
      expect(large.informed.share ?? 1).to.be.lessThan((small.informed.share ?? 0) / 2);
    }
  });

  it("everybody under pay-as-bid, where honest play brings nothing", () => {
    const { planned, honestTicks } = byPrice("pay-as-bid", units.kinds[0] ?? "", 16);
    expect(honestTicks).to.satisfy(near(0, 1));
    expect(planned.share).to.be.null;
    expect(planned.ticksPerWh).to.be.greaterThan(1_000);
  });

  it("nobody under the supply-demand ratio, which does not look at prices", () => {
    expect(byPrice("supply-demand-ratio", units.kinds[0] ?? "", 8).informed.ticksPerWh).to.satisfy(near(0, 10));
  });

  it("gives the same figures for the same seed, and others for another", () => {
    const kind = units.kinds[0] ?? "";
    expect(byPrice("midpoint", kind, 8)).to.deep.equal(byPrice("midpoint", kind, 8));
    expect(byPrice("midpoint", kind, 8).informed.share).to.not.equal(byPrice("midpoint", kind, 8, 2).informed.share);
  });

  // Chatterjee and Samuelson, "Bargaining under incomplete information", Operations Research 31, 1983: with values even in [0, 1] and the price in the
  // middle of bid and offer, a buyer's best reply to the offer 2c/3 + 1/4 is the bid 2v/3 + 1/12.
  it("finds the equilibrium of the bilateral auction of Chatterjee and Samuelson", () => {
    const { importPrice, exportPrice } = BARE_PRICES;
    const band = importPrice - exportPrice;
    const at = (share: number): number => Math.round(exportPrice + band * share);
    const game = new SlotGame(BARE_PRICES);
    const cells = 200;
    for (const value of [0.5, 0.7, 0.9]) {
      let [best, most] = [0, -Infinity];
      for (let bid = 0; bid <= 1; bid += 0.01) {
        let sum = 0;
        for (let cell = 0; cell < cells; ++cell) {
          const cost = (cell + 0.5) / cells;
          const traders = [buyer(100, at(value)), seller(100, at(cost))];
          const orders = traders.map(honestOrder);
          const placed = [at(bid), at((2 / 3) * cost + 1 / 4)];
          const { payoffTicks } = game.play(
            "midpoint",
            traders,
            orders.map((order, trader) => [{ ...order, limitPrice: placed[trader] ?? 0 }]),
          );
          sum += payoffTicks[0] ?? 0;
        }
        if (sum > most) [best, most] = [bid, sum];
      }
      expect(best).to.satisfy(near((2 / 3) * value + 1 / 12, 0.015));
    }
  });
});
