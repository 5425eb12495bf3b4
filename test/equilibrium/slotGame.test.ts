import { expect } from "chai";
import fc from "fast-check";
import { honestOrder } from "../../src/equilibrium/levers/orders.ts";
import { SlotGame } from "../../src/equilibrium/slotGame.ts";
import type { PlacedOrder, Trader } from "../../src/equilibrium/types.ts";
import { purchaseTicks } from "../../src/market/fees.ts";
import { dueForSlot } from "../../src/market/settlement.ts";
import { near } from "../meters/profiles/near.ts";
import { BARE_PRICES, buyer, PRICES, seller } from "./traders.ts";

function payoffs(traders: readonly Trader[], orders: readonly (readonly PlacedOrder[])[], rule: "sbba" | "midpoint") {
  return [...new SlotGame(BARE_PRICES).play(rule, traders, orders).payoffTicks];
}

describe("a slot's game", () => {
  it("pays a buyer its value, and the fee, less the price", () => {
    const traders = [buyer(100, 250_000), seller(100, 150_000)];
    const { payoffTicks, tradedWh, surplusTicks } = new SlotGame(PRICES).play(
      "midpoint",
      traders,
      traders.map((trader) => [honestOrder(trader)]),
    );
    // At 200,000: 100 Wh * 50,000 ticks each; the buyer's value has the fee of 1 % on top as its price has.
    expect(payoffTicks[0]).to.satisfy(near(5_050_000, 1));
    expect(payoffTicks[1]).to.equal(5_000_000);
    expect([tradedWh, surplusTicks]).to.deep.equal([100, 0]);
  });

  it("settles every order with the sums of the exchange, also beyond what is behind it", () => {
    const order = fc.record({
      energyWh: fc.integer({ min: 1, max: 500 }),
      behindWh: fc.integer({ min: 0, max: 500 }),
      value: fc.integer({ min: 80_000, max: 300_000 }),
    });
    fc.assert(
      fc.property(order, order, (buying, selling) => {
        const traders = [buyer(500, buying.value), seller(500, selling.value)];
        const orders = [
          [{ ...buying, buys: true, limitPrice: 300_000 }],
          [{ ...selling, buys: false, limitPrice: 80_000 }],
        ];
        const { payoffTicks, welfareTicks } = new SlotGame(PRICES).play("midpoint", traders, orders);
        const filled = Math.min(buying.energyWh, selling.energyWh);
        const prices = { ...PRICES, clearingPrice: 190_000 };
        const used = Math.min(filled, buying.behindWh);
        const bought = dueForSlot({ side: "bid", energyWh: filled }, true, { importedWh: used, exportedWh: 0 }, prices);
        const { costTicks, feeTicks } = purchaseTicks(filled, 190_000, PRICES.feePpm);
        const worth = used * (buying.value * 1.01 + PRICES.networkLocalPrice + PRICES.levyPrice);
        const cost =
          costTicks + feeTicks + bought.burnTicks + bought.networkTicks + bought.levyTicks - bought.mintTicks;
        expect(payoffTicks[0]).to.satisfy(near(worth - Number(cost), 0.01));

        const given = Math.min(filled, selling.behindWh);
        const sold = dueForSlot(
          { side: "offer", energyWh: filled },
          true,
          { importedWh: 0, exportedWh: given },
          prices,
        );
        const got = Number(sold.proceedsTicks + sold.mintTicks - sold.burnTicks);
        expect(payoffTicks[1]).to.satisfy(near(got - given * selling.value, 0.01));
        expect(welfareTicks).to.equal(
          used * buying.value + (filled - used) * 80_000 - given * selling.value - (filled - given) * 300_000,
        );
      }),
      { numRuns: 500 },
    );
  });

  it("lets one watt-hour of a second meter set midpoint's price in a surplus, by hand", () => {
    const traders = [buyer(100, 280_000), buyer(100, 240_000), seller(300, 100_000)];
    const honest = traders.map((trader) => [honestOrder(trader)]);
    // The middle of 240,000 and 100,000.
    expect(payoffs(traders, honest, "midpoint")[0]).to.equal(100 * 110_000);
    const decoy: PlacedOrder = { buys: true, energyWh: 1, limitPrice: 101_000, behindWh: 0 };
    const [own = [], ...others] = honest;
    // The middle of 101,000 and 100,000, for all; the watt-hour that nobody uses is sold on at 80,000.
    expect(payoffs(traders, [[...own, decoy], ...others], "midpoint")[0]).to.equal(100 * 179_500 - 20_500);
  });

  describe("weaknesses of SBBA for orders of many watt-hours, by hand", () => {
    const traders = [
      buyer(100, 280_000),
      buyer(100, 240_000),
      seller(100, 100_000),
      seller(100, 120_000),
      seller(100, 260_000),
    ];
    const honest: (readonly PlacedOrder[])[] = traders.map((trader) => [honestOrder(trader)]);

    it("has the second buyer set the price where everybody is honest", () => {
      // Two pairs, the next offer of 260,000 is above 240,000: the first buyer trades at 240,000, the sellers share.
      expect(payoffs(traders, honest, "sbba")).to.deep.equal([100 * 40_000, 0, 50 * 140_000, 50 * 120_000, 0]);
    });

    it("lets a buyer with a second meter set the price with an offer that never trades", () => {
      const decoy: PlacedOrder = { buys: false, energyWh: 1, limitPrice: 130_000, behindWh: 0 };
      const orders = honest.slice();
      orders[0] = [...(honest[0] ?? []), decoy];
      // The decoy is the next offer, so all trade at 130,000.
      expect(payoffs(traders, orders, "sbba")).to.deep.equal([
        100 * 150_000,
        100 * 110_000,
        100 * 30_000,
        100 * 10_000,
        0,
      ]);
    });

    it("lets a buyer that asks for a watt-hour less hand the price to a lower bid", () => {
      const more = [...traders, buyer(100, 130_000)];
      const orders: (readonly PlacedOrder[])[] = more.map((trader) => [honestOrder(trader)]);
      expect(payoffs(more, orders, "sbba")[0]).to.equal(100 * 40_000);
      orders[0] = [{ ...honestOrder(traders[0] ?? buyer(0, 0)), energyWh: 99, behindWh: 99 }];
      // The watt-hour that is left over is matched with the bid of 130,000, which sets the price and stands aside.
      expect(payoffs(more, orders, "sbba")[0]).to.equal(99 * 150_000);
    });

    it("leaves out the seller that asks least where orders do not divide", () => {
      const units = traders.map((trader) => ({ ...trader, energyWh: 1 }));
      const orders: (readonly PlacedOrder[])[] = units.map((trader) => [honestOrder(trader)]);
      expect(payoffs(units, orders, "sbba")[2]).to.equal(0);
      // Asking more than the other seller, and no more than the price, is all that it takes.
      orders[2] = [{ ...honestOrder(units[2] ?? seller(1, 0)), limitPrice: 121_000 }];
      expect(payoffs(units, orders, "sbba")[2]).to.equal(140_000);
    });
  });
});
