import { readFileSync } from "node:fs";
import { expect } from "chai";
import { id } from "ethers";
import fc from "fast-check";
import { ITEM_ERRORS, itemErrorOf, selectorOf } from "../../src/market/itemErrors.ts";
import {
  BALANCE_CEILING_TICKS,
  decodeMeterWord,
  encodeMeterWord,
  laneOf,
  MAX_BALANCE_TICKS,
  MAX_REGISTER_WH,
  meterSlotLimitWh,
  withLane,
} from "../../src/market/meterWord.ts";
import { decodeFill, decodeLine, encodeFill, encodeLine } from "../../src/market/packed.ts";
import { classRatedPowerW, powerClassFor, slotLimitWh } from "../../src/market/powerClass.ts";
import { sideOf } from "../../src/market/side.ts";
import { codeOf, meterWord } from "./helpers.ts";

const lanes = fc.option(
  fc.record({
    side: fc.constantFrom("bid" as const, "offer" as const),
    energyWh: fc.integer({ min: 0, max: 2 ** 25 - 1 }),
  }),
);
const bits = (width: number) => fc.integer({ min: 0, max: 2 ** width - 1 });
const ticks = (width: bigint) => fc.bigInt({ min: 0n, max: 2n ** width - 1n });
const words = fc.record({
  importWh: fc.integer({ min: 0, max: MAX_REGISTER_WH }),
  exportWh: fc.integer({ min: 0, max: MAX_REGISTER_WH }),
  lastSlot: bits(24),
  laneEven: lanes,
  laneOdd: lanes,
  balanceTicks: ticks(58n),
  reliability: bits(12),
  tier: bits(3),
  flags: fc.record({
    suspended: fc.boolean(),
    indebted: fc.boolean(),
    bonded: fc.boolean(),
    storage: fc.boolean(),
    feeder: fc.boolean(),
  }),
  powerClass: bits(8),
  zone: bits(12),
});

describe("the meter word", () => {
  it("has every field where the layout in the contract draws it", () => {
    // Each field alone, all its bits set, against the bounds in the contract's drawing.
    const source = readFileSync(new URL("../../contracts/energy/types/MeterWord.sol", import.meta.url), "utf8");
    const drawn = new Map<string, [number, number]>();
    for (const [, from, to, width, name = ""] of source.matchAll(/^\/\/\/\s+(\d+)\.\.(\d+)\s+(\d+)\s+(\w+)/gm)) {
      expect(Number(to) - Number(from) + 1, name).to.equal(Number(width));
      drawn.set(name, [Number(from), Number(width)]);
    }
    const all = { suspended: true, indebted: true, bonded: true, storage: true, feeder: true };
    const full = {
      importWh: 2 ** 40 - 1,
      exportWh: 2 ** 40 - 1,
      lastSlot: 2 ** 24 - 1,
      balanceTicks: 2n ** 58n - 1n,
      reliability: 0xfff,
      tier: 7,
      flags: all,
      powerClass: 255,
      zone: 0xfff,
    };
    for (const [name, value] of Object.entries(full)) {
      const [from, width] = drawn.get(name) ?? [0, 0];
      const mask = ((1n << BigInt(width)) - 1n) << BigInt(from);
      expect(encodeMeterWord(meterWord({ [name]: value })), name).to.equal(mask);
    }
    const [even] = drawn.get("laneEven") ?? [0];
    const [odd] = drawn.get("laneOdd") ?? [0];
    const sold = { side: "offer", energyWh: 2 ** 25 - 1 } as const;
    expect(encodeMeterWord(meterWord({ laneEven: sold }))).to.equal(((2n << 25n) | (2n ** 25n - 1n)) << BigInt(even));
    expect(encodeMeterWord(meterWord({ laneOdd: { side: "bid", energyWh: 1 } }))).to.equal(
      ((1n << 25n) | 1n) << BigInt(odd),
    );
    expect(drawn.size).to.equal(Object.keys(full).length + 2);
  });

  it("reads back what was written", () => {
    fc.assert(fc.property(words, (word) => void expect(decodeMeterWord(encodeMeterWord(word))).to.deep.equal(word)));
  });

  it("is the same as a number and as the hex of an event", () => {
    const packed = encodeMeterWord(meterWord({ zone: 5, importWh: 77, balanceTicks: 12n }));
    expect(decodeMeterWord(`0x${packed.toString(16).padStart(64, "0")}`)).to.deep.equal(decodeMeterWord(packed));
  });

  it("finds lanes by the parity of the slot", () => {
    const lane = { side: "bid", energyWh: 9 } as const;
    const word = withLane(meterWord({}), 1001, lane);
    expect(word.laneOdd).to.deep.equal(lane);
    expect(laneOf(word, 999)).to.deep.equal(lane);
    expect(laneOf(word, 1000)).to.equal(null);
    expect(laneOf(withLane(word, 1000, lane), 1002)).to.deep.equal(lane);
    expect(withLane(word, 1001, null)).to.deep.equal(meterWord({}));
  });

  it("refuses what does not fit", () => {
    expect(codeOf(() => encodeMeterWord(meterWord({ importWh: 2 ** 40 })))).to.equal("FIELD_OUT_OF_RANGE");
    expect(codeOf(() => encodeMeterWord(meterWord({ balanceTicks: MAX_BALANCE_TICKS + 1n })))).to.equal(
      "FIELD_OUT_OF_RANGE",
    );
    expect(codeOf(() => encodeMeterWord(meterWord({ balanceTicks: -1n })))).to.equal("FIELD_OUT_OF_RANGE");
    expect(codeOf(() => decodeMeterWord(1n << 256n))).to.equal("FIELD_OUT_OF_RANGE");
    expect(codeOf(() => decodeMeterWord("meter"))).to.equal("WORD_INVALID");
    // Lane side 3 exists in no word that the exchange writes.
    expect(codeOf(() => decodeMeterWord(3n << 129n))).to.equal("SIDE_UNKNOWN");
    expect(codeOf(() => sideOf(0))).to.equal("SIDE_UNKNOWN");
  });

  it("leaves room above the balance ceiling for what eight open slots can have locked", () => {
    const lockOfASlot = 2n ** 48n + 2n ** 48n / 10n;
    expect(BALANCE_CEILING_TICKS + 8n * lockOfASlot < MAX_BALANCE_TICKS).to.equal(true);
  });
});

describe("power classes", () => {
  it("reach from 1,024 W to 65,011,712 W, as the contract says", () => {
    expect(classRatedPowerW(0)).to.equal(1024);
    expect(classRatedPowerW(255)).to.equal(65_011_712);
    expect(slotLimitWh(0)).to.equal(256);
    expect(meterSlotLimitWh(meterWord({ powerClass: 17 }))).to.equal(17 * 32);
  });

  it("rise by at most 6.25 %", () => {
    for (let powerClass = 1; powerClass < 256; ++powerClass) {
      const step = slotLimitWh(powerClass) / slotLimitWh(powerClass - 1);
      expect(step).to.be.greaterThan(1);
      expect(step).to.be.at.most(1.0625);
    }
  });

  it("cover a rated power with the smallest class that does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_011_712 }), (ratedPowerW) => {
        const powerClass = powerClassFor(ratedPowerW);
        expect(classRatedPowerW(powerClass)).to.be.at.least(ratedPowerW);
        if (powerClass > 0) expect(classRatedPowerW(powerClass - 1)).to.be.below(ratedPowerW);
      }),
    );
  });

  it("are found again from their own rated power", () => {
    for (let powerClass = 0; powerClass < 256; ++powerClass) {
      expect(powerClassFor(classRatedPowerW(powerClass))).to.equal(powerClass);
    }
  });

  it("refuse a rated power that none covers", () => {
    for (const ratedPowerW of [0, -5, 65_011_713, Number.NaN, Infinity]) {
      expect(codeOf(() => powerClassFor(ratedPowerW))).to.equal("RATED_POWER_OUT_OF_RANGE");
    }
    expect(codeOf(() => slotLimitWh(256))).to.equal("FIELD_OUT_OF_RANGE");
  });
});

describe("the words of events", () => {
  it("give a fill back as it was packed", () => {
    const fills = fc.record({
      balanceTicks: ticks(58n),
      feeTicks: ticks(58n),
      filledWh: bits(24),
      energyWh: bits(24),
      limitPrice: bits(24),
      slot: bits(24),
      zone: bits(12),
      side: fc.constantFrom("bid" as const, "offer" as const),
      placed: fc.boolean(),
    });
    fc.assert(fc.property(fills, (fill) => void expect(decodeFill(encodeFill(fill))).to.deep.equal(fill)));
  });

  it("give a settlement line back as it was packed, and by hand", () => {
    const lines = fc.record({
      mintedTicks: ticks(64n),
      burnedTicks: ticks(64n),
      networkTicks: ticks(64n),
      levyTicks: ticks(64n),
    });
    fc.assert(fc.property(lines, (line) => void expect(decodeLine(encodeLine(line))).to.deep.equal(line)));
    expect(
      decodeLine(
        `0x${"01".padStart(16, "0")}${"02".padStart(16, "0")}${"03".padStart(16, "0")}${"04".padStart(16, "0")}`,
      ),
    ).to.deep.equal({
      mintedTicks: 1n,
      burnedTicks: 2n,
      networkTicks: 3n,
      levyTicks: 4n,
    });
  });

  it("name every skipped item by its error in the contract", () => {
    const source = readFileSync(
      new URL("../../contracts/energy/interfaces/IExchangeErrors.sol", import.meta.url),
      "utf8",
    );
    const declared = [...source.matchAll(/error (\w+)\(address meter, uint32 slot\);/g)].map(([, name]) => name);
    expect([...ITEM_ERRORS]).to.deep.equal(declared);
    for (const name of ITEM_ERRORS) {
      expect(itemErrorOf(id(`${name}(address,uint32)`).slice(0, 10))).to.equal(name);
      expect(itemErrorOf(selectorOf(name).toUpperCase().replace("0X", "0x"))).to.equal(name);
    }
    expect(itemErrorOf("0x00000000")).to.equal(undefined);
  });
});
