import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { contentProblem, orderProblem, tradingProblem } from "../../src/market/admission.ts";
import { isFeederBalanced } from "../../src/market/feederCheck.ts";
import {
  bidCoverTicks,
  feeUpTicks,
  PLACEMENT_FEE_TICKS,
  placementLockTicks,
  purchaseTicks,
  SEASON_SHARE_PPM,
  shareFee,
  WORK_SHARE_PPM,
  workPayTicks,
} from "../../src/market/fees.ts";
import type { Order } from "../../src/market/messages.ts";
import { NO_FLAGS } from "../../src/market/meterWord.ts";
import {
  isWithinTariff,
  MAX_CHARGE_PRICE,
  MAX_FEE_PPM,
  MAX_LOSS_PPM,
  MAX_SLOPE_PPM,
  requireTariff,
  requireTerms,
  termsAt,
  type ZoneTerms,
} from "../../src/market/tariff.ts";
import { codeOf, meterWord } from "./helpers.ts";

const contract = (path: string) =>
  readFileSync(new URL(`../../contracts/energy/libraries/${path}`, import.meta.url), "utf8");
const constantOf = (source: string, name: string) =>
  Number((new RegExp(`constant ${name} = ([\\d_]+);`).exec(source)?.[1] ?? "NaN").replaceAll("_", ""));

const LIMITS = { floorPrice: 20_000, capPrice: 600_000, exportCapPrice: 300_000, lossPpm: 60_000, toleranceWh: 50 };
const TERMS: ZoneTerms = {
  fromSlot: 100,
  importPrice: 300_000,
  exportPrice: 80_000,
  feePpm: 10_000,
  networkLocalPrice: 10_000,
  networkGridPrice: 40_000,
  levyPrice: 5_000,
  slopePpm: 0,
  rule: "midpoint",
};

describe("the trading fee", () => {
  it("is rounded up, so that it never pays to split an order", () => {
    expect(feeUpTicks(0n, 10_000)).to.equal(0n);
    expect(feeUpTicks(1n, 1)).to.equal(1n);
    expect(feeUpTicks(1_000_000n, 10_000)).to.equal(10_000n);
    expect(feeUpTicks(1_000_001n, 10_000)).to.equal(10_001n);
    const values = fc.bigInt({ min: 0n, max: 2n ** 48n });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 0, max: MAX_FEE_PPM }), (a, b, feePpm) => {
        expect(feeUpTicks(a, feePpm) + feeUpTicks(b, feePpm) >= feeUpTicks(a + b, feePpm)).to.equal(true);
      }),
    );
  });

  it("of a slot goes to worker, later work, season and fee account without a tick lost", () => {
    // 40 % of 1,000,003 is 400,001 for work, of which 200,000 wait; 20 % is 200,000 for the season.
    expect(shareFee(1_000_003n)).to.deep.equal({
      clearerTicks: 200_001n,
      laterWorkTicks: 200_000n,
      seasonTicks: 200_000n,
      feeAccountTicks: 400_002n,
    });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 56n }), (fee) => {
        const parts = shareFee(fee);
        expect(parts.clearerTicks + parts.laterWorkTicks + parts.seasonTicks + parts.feeAccountTicks).to.equal(fee);
      }),
    );
  });

  it("has the shares of the contract", () => {
    const money = contract("ZoneMoney.sol");
    expect(constantOf(money, "WORK_SHARE_PPM")).to.equal(WORK_SHARE_PPM);
    expect(constantOf(money, "SEASON_SHARE_PPM")).to.equal(SEASON_SHARE_PPM);
    expect(BigInt(constantOf(money, "PLACEMENT_FEE_TICKS"))).to.equal(PLACEMENT_FEE_TICKS);
  });

  it("pays all of a slot's later work by the time its last position is settled, however they are batched", () => {
    const batches = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 50n }), batches, (pot, lanes) => {
        let open = lanes.reduce((sum, batch) => sum + batch, 0);
        let left = pot;
        for (const batch of lanes) {
          left -= workPayTicks(left, batch, open);
          open -= batch;
        }
        expect(left).to.equal(0n);
      }),
    );
    expect(workPayTicks(10n, 0, 0)).to.equal(0n);
  });

  it("is covered with the limit price, and paid on the clearing price", () => {
    expect(bidCoverTicks(1000, 200_000, 10_000)).to.equal(202_000_000n);
    expect(purchaseTicks(600, 150_000, 10_000)).to.deep.equal({ costTicks: 90_000_000n, feeTicks: 900_000n });
    expect(placementLockTicks("bid", 1000, 200_000, 10_000)).to.equal(203_000_000n);
    expect(placementLockTicks("offer", 1000, 200_000, 10_000)).to.equal(1_000_000n);
  });
});

describe("a tariff", () => {
  it("stays within the zone's bounds, export not above import", () => {
    requireTariff(LIMITS, { importPrice: 600_000, exportPrice: 300_000 });
    requireTariff(LIMITS, { importPrice: 20_000, exportPrice: 20_000 });
    for (const [importPrice, exportPrice] of [
      [0, 0],
      [600_001, 80_000],
      [300_000, 19_999],
      [600_000, 300_001],
      [100_000, 100_001],
    ] as const) {
      const code = codeOf(() => requireTariff(LIMITS, { importPrice, exportPrice }));
      expect(code, `${importPrice} ${exportPrice}`).to.equal("TERMS_OUT_OF_BOUNDS");
    }
  });

  it("belongs to terms whose charges are bounded by the contract's constants", () => {
    requireTerms(LIMITS, TERMS);
    for (const bad of [
      { feePpm: 100_001 },
      { networkLocalPrice: 40_001 },
      { networkGridPrice: 1_000_001 },
      { levyPrice: 1_000_001 },
      { slopePpm: 1_000_001 },
      { importPrice: 0 },
    ]) {
      expect(
        codeOf(() => requireTerms(LIMITS, { ...TERMS, ...bad })),
        JSON.stringify(bad),
      ).to.equal("TERMS_OUT_OF_BOUNDS");
    }
    const registry = contract("ZoneRegistry.sol");
    expect([MAX_FEE_PPM, MAX_CHARGE_PRICE, MAX_LOSS_PPM]).to.deep.equal(
      ["MAX_FEE_PPM", "MAX_CHARGE_PRICE", "MAX_LOSS_PPM"].map((name) => constantOf(registry, name)),
    );
    expect(MAX_SLOPE_PPM).to.equal(constantOf(contract("Tariff.sol"), "MAX_SLOPE_PPM"));
  });

  it("belongs to the terms that hold at its slot", () => {
    const next = { ...TERMS, fromSlot: 500, importPrice: 200_000, levyPrice: 6_000 };
    expect(termsAt(499, TERMS, next)).to.deep.equal(TERMS);
    expect(termsAt(500, TERMS, next)).to.deep.equal(next);
    expect(termsAt(500, TERMS, { ...next, fromSlot: 0 })).to.deep.equal(TERMS);
  });

  it("is the band of limit prices, its edges included", () => {
    expect([79_999, 80_000, 300_000, 300_001].map((price) => isWithinTariff(TERMS, price))).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe("an order's admission", () => {
  const SLOT = 1000;
  const bonded = { ...NO_FLAGS, bonded: true };
  // Power class 0 carries 256 Wh a slot; 256 Wh at 200,000 and 1 % fee cost 51,712,000 ticks.
  const meter = meterWord({ zone: 3, lastSlot: SLOT - 2, flags: bonded, balanceTicks: 51_712_000n });
  const bid: Order = { zone: 3, slot: SLOT, side: "bid", energyWh: 256, limitPrice: 200_000 };
  const offer: Order = { ...bid, side: "offer" };

  it("is granted to a read, solvent meter, to the last tick", () => {
    expect(orderProblem(meter, bid, TERMS)).to.equal(undefined);
    expect(orderProblem(meter, offer, TERMS)).to.equal(undefined);
    expect(orderProblem({ ...meter, balanceTicks: 51_711_999n }, bid, TERMS)).to.equal("InsufficientBalance");
    expect(orderProblem({ ...meter, balanceTicks: 0n }, offer, TERMS)).to.equal(undefined);
  });

  it("is refused for the reason that the contract gives first", () => {
    const flags = (on: Partial<typeof NO_FLAGS>) => ({ ...meter, flags: { ...bonded, ...on } });
    expect(orderProblem({ ...meter, zone: 0 }, bid, TERMS)).to.equal("UnknownMeter");
    expect(orderProblem({ ...meter, zone: 4 }, bid, TERMS)).to.equal("WrongZone");
    expect(orderProblem(flags({ suspended: true, indebted: true }), bid, TERMS)).to.equal("MeterSuspended");
    expect(orderProblem(flags({ indebted: true, feeder: true }), bid, TERMS)).to.equal("MeterIndebted");
    expect(orderProblem(flags({ feeder: true }), bid, TERMS)).to.equal("FeederCannotTrade");
    expect(orderProblem(flags({ bonded: false }), offer, TERMS)).to.equal("MeterNotBonded");
    expect(orderProblem(flags({ bonded: false }), bid, TERMS)).to.equal(undefined);
    expect(orderProblem({ ...meter, lastSlot: SLOT - 3 }, bid, TERMS)).to.equal("MeterUnread");
    expect(orderProblem({ ...meter, lastSlot: SLOT - 1 }, bid, TERMS)).to.equal("MeterUnread");
    expect(orderProblem(meter, { ...bid, energyWh: 257 }, TERMS)).to.equal("OrderBeyondRatedPower");
    expect(orderProblem(meter, { ...bid, limitPrice: 300_001 }, TERMS)).to.equal("LimitOutsideTariff");
    expect(orderProblem(meter, { ...bid, limitPrice: 79_999 }, TERMS)).to.equal("LimitOutsideTariff");
  });

  it("asks a placed order only for the meter's standing, and a new one for its content too", () => {
    expect(tradingProblem({ ...meter, balanceTicks: 0n, lastSlot: 0 }, bid)).to.equal(undefined);
    expect(contentProblem(meterWord({ zone: 3 }), bid, TERMS)).to.equal(undefined);
    expect(contentProblem(meter, { ...bid, energyWh: 300 }, TERMS)).to.equal("OrderBeyondRatedPower");
  });
});

describe("the feeder check", () => {
  // Meters took 10,000 Wh and gave 4,000: 6,000 net, 14,000 flowed, so 6 % losses are 840 Wh at most.
  const sums = {
    importWh: 10_000,
    exportWh: 4_000,
    readRatedWh: 20_000,
    ratedWh: 20_000,
    feederWh: 6_000,
    toleranceWh: 50,
    lossPpm: 60_000,
  };

  it("allows losses upwards and the tolerance both ways, to the watt-hour", () => {
    const balanced = (feederWh: number) => isFeederBalanced({ ...sums, feederWh });
    expect([5_949, 5_950, 6_890, 6_891].map(balanced)).to.deep.equal([false, true, true, false]);
  });

  it("allows an unread meter its rated power both ways", () => {
    const balanced = (feederWh: number) => isFeederBalanced({ ...sums, readRatedWh: 19_000, feederWh });
    expect([4_949, 4_950, 7_890, 7_891].map(balanced)).to.deep.equal([false, true, true, false]);
    // A meter suspended since its reading leaves more read than rated; that is no negative slack.
    expect(isFeederBalanced({ ...sums, ratedWh: 100 })).to.equal(true);
  });

  it("is never passed without the feeder's own reading", () => {
    expect(isFeederBalanced({ ...sums, feederWh: null })).to.equal(false);
  });
});
