import { expect } from "chai";
import fc from "fast-check";
import { readPayoff, withheldPayoff } from "../../src/equilibrium/withheldReading.ts";
import { buyer, PRICES, seller } from "./traders.ts";

const prices = { ...PRICES, clearingPrice: 200_000 };

describe("a reading that is kept back", () => {
  it("costs Y of the economics' worked example what that page says", () => {
    // 400 Wh sold, 320 delivered; energy that is worth nothing at home leaves the money alone.
    expect(withheldPayoff(seller(400, 0), 400, 320, prices, PRICES)).to.equal(-45_600_000);
  });

  it("pays what was agreed where it is read in time", () => {
    expect(readPayoff(seller(400, 150_000), 400, prices, PRICES)).to.equal(400 * 50_000);
    // A buyer's worth has fee and charges on top of its value, and it pays them.
    expect(readPayoff(buyer(400, 250_000), 400, prices, PRICES)).to.equal(400 * 50_000 * 1.01);
  });

  it("never pays, whatever was delivered, at any price and value", () => {
    const price = fc.integer({ min: PRICES.exportPrice, max: PRICES.importPrice });
    fc.assert(
      fc.property(
        price,
        price,
        fc.integer({ min: 0, max: 900 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (value, clearingPrice, filledWh, share, buys) => {
          // Nobody trades at a price worse than its value.
          fc.pre(buys ? clearingPrice <= value : clearingPrice >= value);
          const trader = buys ? buyer(900, value) : seller(900, value);
          const slot = { ...PRICES, clearingPrice };
          const withheld = withheldPayoff(trader, filledWh, Math.floor(filledWh * share), slot, PRICES);
          expect(withheld).to.be.at.most(readPayoff(trader, filledWh, slot, PRICES) + 1);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
