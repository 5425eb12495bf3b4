import { expect } from "chai";
import fc from "fast-check";
import { optimalWelfare } from "../../src/equilibrium/game/optimum.ts";
import type { Trader } from "../../src/equilibrium/types.ts";
import { near } from "../meters/profiles/near.ts";
import { buyer, seller } from "./traders.ts";

/** Every way to give and take whole watt-hours. */
function bruteForce(traders: readonly Trader[]): number {
  const search = (place: number, balanceWh: number, worth: number): number => {
    const trader = traders[place];
    if (trader === undefined) return balanceWh === 0 ? worth : -Infinity;
    let best = -Infinity;
    for (let wh = 0; wh <= trader.energyWh; ++wh) {
      const sign = trader.buys ? 1 : -1;
      best = Math.max(best, search(place + 1, balanceWh + sign * wh, worth + sign * wh * trader.value));
    }
    return best;
  };
  return search(0, 0, 0);
}

describe("the best welfare", () => {
  it("is what matching the best bids with the best offers brings, by hand", async () => {
    const traders = [buyer(600, 260_000), buyer(300, 220_000), seller(500, 120_000), seller(600, 180_000)];
    // 500 * 140,000 + 100 * 80,000 + 300 * 40,000.
    expect(await optimalWelfare([traders])).to.equal(90_000_000);
  });

  it("is nothing without markets, or without a side", async () => {
    expect(await optimalWelfare([])).to.equal(0);
    expect(await optimalWelfare([[seller(5, 100)]])).to.equal(0);
  });

  it("is that of every allocation tried, and adds up over markets", async () => {
    const trader = fc.record({
      kind: fc.constant(""),
      buys: fc.boolean(),
      energyWh: fc.integer({ min: 1, max: 4 }),
      value: fc.integer({ min: 0, max: 50 }),
      limitWh: fc.constant(9),
    });
    const market = fc.array(trader, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(market, { minLength: 1, maxLength: 3 }), async (markets) => {
        const best = markets.reduce((sum, traders) => sum + bruteForce(traders), 0);
        expect(await optimalWelfare(markets)).to.satisfy(near(best, 1e-6));
      }),
      { numRuns: 40 },
    );
  });
});
