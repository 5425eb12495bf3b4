import { expect } from "chai";
import fc from "fast-check";
import { stepCurves } from "../../../explorer/page/src/charts/curves.ts";
import { clearBook } from "../../../src/market/clearing.ts";

describe("curves of supply and demand", () => {
  it("hold each limit over its energy, and end with their last one", () => {
    const curves = stepCurves(
      [
        { energyWh: 100, limitPrice: 10 },
        { energyWh: 50, limitPrice: 20 },
      ],
      [{ energyWh: 120, limitPrice: 15 }],
    );
    expect(curves).to.deep.equal({
      energyWh: [0, 100, 120, 150],
      supply: [10, 20, 20, 20],
      demand: [15, 15, 15, null],
    });
  });

  it("are a point without orders", () => {
    expect(stepCurves([], [])).to.deep.equal({ energyWh: [0], supply: [null], demand: [null] });
  });

  it("cross where the market's rule matches", () => {
    const side = fc.array(
      fc.record({ energyWh: fc.integer({ min: 1, max: 900 }), limitPrice: fc.integer({ min: 1, max: 400 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(side, side, (anyOffers, anyBids) => {
        const offers = anyOffers.toSorted((a, b) => a.limitPrice - b.limitPrice);
        const bids = anyBids.toSorted((a, b) => b.limitPrice - a.limitPrice);
        const { volumeWh } = clearBook("midpoint", bids, offers);
        const { energyWh, supply, demand } = stepCurves(offers, bids);
        // Left of the matched volume demand is above supply, right of it below, or one of the curves has ended.
        energyWh.slice(0, -1).forEach((point, index) => {
          const [ask, bid] = [supply[index], demand[index]];
          const trades = ask != null && bid != null && bid >= ask && point < total(offers) && point < total(bids);
          expect(trades, `at ${String(point)} of ${String(volumeWh)} Wh`).to.equal(point < volumeWh);
        });
      }),
    );
  });
});

function total(blocks: readonly { readonly energyWh: number }[]): number {
  return blocks.reduce((sum, { energyWh }) => sum + energyWh, 0);
}
