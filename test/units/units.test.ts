import { expect } from "chai";
import { formatUnits, parseUnits } from "ethers";
import fc from "fast-check";
import { JouleworkError } from "../../src/errors.ts";
import {
  BASE_UNITS_PER_TICK,
  baseUnitsToTicks,
  formatCredits,
  formatPpm,
  formatPrice,
  formatSlot,
  formatWh,
  parseCredits,
  parsePrice,
  PPM,
  PRICE_OF_ONE_CREDIT_PER_KWH,
  SLOT_SECONDS,
  slotEnd,
  slotOf,
  SLOTS_PER_DAY,
  slotStart,
  TICKS_PER_CREDIT,
  ticksToBaseUnits,
  valueTicks,
} from "../../src/units.ts";

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof JouleworkError ? error.code : String(error);
  }
  return undefined;
}

const anyTicks = fc.bigInt({ min: -(2n ** 96n), max: 2n ** 96n });

describe("units of money", () => {
  it("make one credit out of the 18 decimals of the token", () => {
    expect(TICKS_PER_CREDIT * BASE_UNITS_PER_TICK).to.equal(parseUnits("1", 18));
  });

  it("price 1 kWh at one credit under the reference tariff", () => {
    expect(valueTicks(1000, PRICE_OF_ONE_CREDIT_PER_KWH)).to.equal(TICKS_PER_CREDIT);
  });

  it("value energy exactly where floating point would round", () => {
    // 9,007,199,254,740,991 x 3 = 27,021,597,764,222,973 is odd and above 2^54, so no double holds it.
    expect(valueTicks(Number.MAX_SAFE_INTEGER, 3)).to.equal(27_021_597_764_222_973n);
    expect(valueTicks(-250, 300_000)).to.equal(-75_000_000n);
  });

  it("convert between ticks and base units, and refuse a fraction of a tick", () => {
    expect(ticksToBaseUnits(5n)).to.equal(5_000_000_000n);
    expect(baseUnitsToTicks(-5_000_000_000n)).to.equal(-5n);
    expect(codeOf(() => baseUnitsToTicks(5_000_000_001n))).to.equal("AMOUNT_NOT_WHOLE_TICKS");
  });
});

describe("credits as text", () => {
  it("read as people write them", () => {
    expect(parseCredits("12.5")).to.equal(12_500_000_000n);
    expect(parseCredits(" -0.000000001 ")).to.equal(-1n);
    expect(parseCredits("007")).to.equal(7_000_000_000n);
    expect(parseCredits("1.50000000000000")).to.equal(1_500_000_000n);
  });

  it("are refused when they are no amount", () => {
    for (const text of ["", " ", ".", "1.", ".5", "1e3", "1,000", "+1", "--1", "0x10", "NaN", "1 2"]) {
      expect(
        codeOf(() => parseCredits(text)),
        JSON.stringify(text),
      ).to.equal("AMOUNT_INVALID");
    }
  });

  it("are refused when they are finer than a tick", () => {
    expect(codeOf(() => parseCredits("0.0000000001"))).to.equal("AMOUNT_TOO_FINE");
  });

  it("are shown exactly, without trailing zeros", () => {
    expect(formatCredits(12_500_000_000n)).to.equal("12.5");
    expect(formatCredits(-1n)).to.equal("-0.000000001");
    expect(formatCredits(0n)).to.equal("0");
  });

  it("read back to the same ticks, whatever the amount", () => {
    fc.assert(fc.property(anyTicks, (ticks) => parseCredits(formatCredits(ticks)) === ticks));
  });

  it("agree with the decimal arithmetic of ethers", () => {
    fc.assert(
      fc.property(anyTicks, (ticks) => {
        expect(formatCredits(ticks)).to.equal(formatUnits(ticks, 9).replace(/\.0$/, ""));
        expect(parseCredits(formatUnits(ticks, 9))).to.equal(ticks);
      }),
    );
  });

  it("are rounded half away from zero when a table asks for decimals", () => {
    expect(formatCredits(1_005_000_000n, 2)).to.equal("1.01");
    expect(formatCredits(1_004_999_999n, 2)).to.equal("1.00");
    expect(formatCredits(-1_005_000_000n, 2)).to.equal("-1.01");
    expect(formatCredits(999_999_999n, 0)).to.equal("1");
    expect(formatCredits(1n, 9)).to.equal("0.000000001");
  });

  it("have no sign when they round to nothing", () => {
    expect(formatCredits(-1n, 2)).to.equal("0.00");
  });

  it("cannot be shown with more decimals than a tick has", () => {
    for (const decimals of [-1, 10, 1.5]) {
      expect(codeOf(() => formatCredits(1n, decimals))).to.equal("DECIMALS_INVALID");
    }
  });
});

describe("prices as text", () => {
  it("are credits per kWh, kept as whole ticks per Wh", () => {
    expect(parsePrice("1")).to.equal(PRICE_OF_ONE_CREDIT_PER_KWH);
    expect(parsePrice("0.25")).to.equal(250_000);
    expect(parsePrice("0.000001")).to.equal(1);
    expect(formatPrice(250_000)).to.equal("0.25");
  });

  it("read back to the same price", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (price) => parsePrice(formatPrice(price)) === price));
  });

  it("are never negative, finer than a tick or beyond exact numbers", () => {
    expect(codeOf(() => parsePrice("-0.1"))).to.equal("PRICE_OUT_OF_RANGE");
    expect(codeOf(() => parsePrice("0.0000001"))).to.equal("AMOUNT_TOO_FINE");
    expect(codeOf(() => parsePrice("99999999999"))).to.equal("PRICE_OUT_OF_RANGE");
  });
});

describe("market slots", () => {
  it("last a quarter of an hour", () => {
    expect(SLOT_SECONDS).to.equal(15 * 60);
    expect(SLOTS_PER_DAY).to.equal(96);
  });

  it("begin on the quarter hour of universal time", () => {
    const start = Date.UTC(2025, 5, 21, 10, 15) / 1000;
    const slot = slotOf(start);
    expect(slotStart(slot)).to.equal(start);
    expect(slotOf(start - 1)).to.equal(slot - 1);
    expect(slotOf(start + 899.999)).to.equal(slot);
    expect(slotEnd(slot)).to.equal(Date.UTC(2025, 5, 21, 10, 30) / 1000);
    expect(formatSlot(slot)).to.equal("2025-06-21 10:15 UTC");
  });

  it("hold every moment between their start and their end", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 36 }), (unixSeconds) => {
        const slot = slotOf(unixSeconds);
        return slotStart(slot) <= unixSeconds && unixSeconds < slotEnd(slot);
      }),
    );
  });

  it("refuse what is no time and no slot", () => {
    for (const time of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
      expect(codeOf(() => slotOf(time))).to.equal("TIME_INVALID");
    }
    for (const slot of [-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
      expect(codeOf(() => slotStart(slot))).to.equal("SLOT_INVALID");
    }
  });
});

describe("energy and ratios as text", () => {
  it("show energy in the largest unit that leaves a whole part", () => {
    expect(formatWh(0)).to.equal("0 Wh");
    expect(formatWh(999)).to.equal("999 Wh");
    expect(formatWh(-1500)).to.equal("-1.5 kWh");
    expect(formatWh(1_234_567)).to.equal("1.234567 MWh");
    expect(formatWh(2_000_000_000)).to.equal("2 GWh");
  });

  it("show a ratio as a percentage", () => {
    expect(formatPpm(PPM)).to.equal("100 %");
    expect(formatPpm(125_000)).to.equal("12.5 %");
    expect(formatPpm(-1)).to.equal("-0.0001 %");
  });

  it("refuse quantities that are not whole", () => {
    expect(codeOf(() => formatWh(0.5))).to.equal("NOT_AN_INTEGER");
    expect(codeOf(() => formatPpm(Number.NaN))).to.equal("NOT_AN_INTEGER");
    expect(codeOf(() => formatPrice(2 ** 53))).to.equal("NOT_AN_INTEGER");
    expect(codeOf(() => valueTicks(1.5, 1))).to.equal("NOT_AN_INTEGER");
  });
});
