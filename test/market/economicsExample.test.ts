import { readFileSync } from "node:fs";
import { expect } from "chai";
import { clearBook, type ClearingRule } from "../../src/market/clearing.ts";
import { purchaseTicks, shareFee } from "../../src/market/fees.ts";
import { settleReading } from "../../src/market/settleReading.ts";
import { closePosition } from "../../src/market/settlement.ts";
import { gridState, PRICES, SLOT, ZONE } from "./gridStates.ts";
import { side } from "./helpers.ts";

// Tables are padded and prose is wrapped; only the words and numbers count.
const DOCUMENT = readFileSync(new URL("../../docs/economics.md", import.meta.url), "utf8").replaceAll(/\s+/g, " ");
const BIDS = side([600, 260_000], [300, 220_000], [400, 150_000]);
const OFFERS = side([500, 120_000], [600, 180_000], [200, 250_000]);
const METERED = { A: [650, 0], B: [260, 0], X: [0, 500], Y: [0, 320] } as const;
const LIMITS = { capPrice: 600_000, floorPrice: 20_000 };

const text = (value: number | bigint) => value.toLocaleString("en-US");
const row = (name: string, values: readonly (number | bigint)[]) => `| ${name} | ${values.map(text).join(" | ")} |`;

/** The cells of a row with their sum. */
function summed(values: readonly bigint[]): bigint[] {
  return [...values, values.reduce((sum, value) => sum + value, 0n)];
}

describe("the worked example of the document on economics", () => {
  for (const [rule, name] of [
    ["midpoint", "midpoint"],
    ["sbba", "SBBA"],
  ] as const satisfies [ClearingRule, string][]) {
    it(`clears under ${rule} as written`, () => {
      const { price, volumeWh, bidFillsWh, offerFillsWh } = clearBook(rule, BIDS, OFFERS);
      expect(DOCUMENT).to.include(row(name, [price, ...bidFillsWh, ...offerFillsWh, volumeWh]));
    });
  }

  it("settles as written, line by line", () => {
    const { price, bidFillsWh, offerFillsWh } = clearBook("midpoint", BIDS, OFFERS);
    const positions = [
      { side: "bid", energyWh: bidFillsWh[0] ?? 0 },
      { side: "bid", energyWh: bidFillsWh[1] ?? 0 },
      { side: "offer", energyWh: offerFillsWh[0] ?? 0 },
      { side: "offer", energyWh: offerFillsWh[1] ?? 0 },
    ] as const;
    const meters = Object.values(METERED).map(([importWh, exportWh], index) => {
      const lane = positions[index];
      if (lane === undefined) throw new Error("no such meter");
      const paid = lane.side === "bid" ? purchaseTicks(lane.energyWh, price, 10_000) : { costTicks: 0n, feeTicks: 0n };
      const state = gridState({ laneEven: lane });
      const context = {
        early: false,
        late: false,
        previousOpen: false,
        limits: LIMITS,
        prices: { ...PRICES, clearingPrice: price },
        pricesOf: () => PRICES,
      };
      const after = settleReading(state, { zone: ZONE, slot: SLOT, importWh, exportWh }, context);
      if (after.problem !== undefined) throw new Error(after.problem);
      const settledTicks = after.meter.word.balanceTicks - state.meter.word.balanceTicks;
      const positionWh = BigInt(lane.side === "bid" ? lane.energyWh : -lane.energyWh);
      const netWh = BigInt(importWh - exportWh);
      return {
        positionWh,
        netWh,
        imbalanceWh: netWh - positionWh,
        paid: -paid.costTicks,
        fee: -paid.feeTicks,
        proceeds: lane.side === "offer" ? BigInt(lane.energyWh * price) : 0n,
        minted: after.line.mintedTicks,
        burned: -after.line.burnedTicks,
        network: -after.line.networkTicks,
        levy: -after.line.levyTicks,
        balance: settledTicks - paid.costTicks - paid.feeTicks,
      };
    });
    const expected = [
      ["position, Wh", "positionWh"],
      ["metered net, Wh", "netWh"],
      ["imbalance, Wh", "imbalanceWh"],
      ["paid at clearing", "paid"],
      ["trading fee", "fee"],
      ["proceeds", "proceeds"],
      ["minted (long)", "minted"],
      ["burned (short)", "burned"],
      ["network charge", "network"],
      ["levy", "levy"],
      ["balance moves by", "balance"],
    ] as const;
    for (const [label, key] of expected) {
      expect(DOCUMENT).to.include(row(label, summed(meters.map((meter) => meter[key]))));
    }
    // Each column of money sums to its balance.
    for (const meter of meters) {
      const lines = meter.paid + meter.fee + meter.proceeds + meter.minted + meter.burned + meter.network + meter.levy;
      expect(lines).to.equal(meter.balance);
    }
    const fee = shareFee(-meters.reduce((sum, meter) => sum + meter.fee, 0n));
    expect(fee).to.deep.equal({
      clearerTicks: 360_000n,
      laterWorkTicks: 360_000n,
      seasonTicks: 360_000n,
      feeAccountTicks: 720_000n,
    });
  });

  it("makes silence as dear as written", () => {
    const state = gridState({ laneEven: { side: "offer", energyWh: 400 } });
    const closed = closePosition(state, SLOT, PRICES);
    if (closed === undefined) throw new Error("nothing closed");
    const context = {
      early: false,
      late: true,
      previousOpen: false,
      limits: LIMITS,
      prices: PRICES,
      pricesOf: () => PRICES,
    };
    const late = settleReading(closed, { zone: ZONE, slot: SLOT, importWh: 0, exportWh: 320 }, context);
    if (late.problem !== undefined) throw new Error(late.problem);
    const closing = closed.meter.word.balanceTicks - state.meter.word.balanceTicks;
    const all = late.meter.word.balanceTicks - state.meter.word.balanceTicks;
    expect([closing, all - closing, all]).to.deep.equal([-52_000_000n, 6_400_000n, -45_600_000n]);
    expect(DOCUMENT)
      .to.include(`which is ${text(closing)}`)
      .and.include(`bring ${text(all - closing)}: together ${text(all)}`);
  });
});
