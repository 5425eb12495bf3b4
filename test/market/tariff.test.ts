import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import type { ZoneLimits, ZoneTerms } from "../../src/market/tariff.ts";
import {
  expectedScarcity,
  nextReference,
  pricesAround,
  scarcityPpm,
  targetPrice,
  type SlotFigures,
} from "../../src/market/tariffRule.ts";
import { firstTariffState, fixTariffs, type TariffSources } from "../../src/market/tariffSchedule.ts";

const LIMITS: ZoneLimits = {
  floorPrice: 50_000,
  capPrice: 600_000,
  exportCapPrice: 200_000,
  lossPpm: 60_000,
  toleranceWh: 20,
};
const TERMS: ZoneTerms = {
  fromSlot: 0,
  importPrice: 300_000,
  exportPrice: 100_000,
  feePpm: 10_000,
  networkLocalPrice: 20_000,
  networkGridPrice: 50_000,
  levyPrice: 10_000,
  slopePpm: 500_000,
  rule: "midpoint",
};
const S = 10_000;

/** Sources over a table of figures; every slot counts as touched. */
function sources(figures: ReadonlyMap<number, SlotFigures>, more: Partial<TariffSources> = {}): TariffSources {
  return {
    limits: LIMITS,
    termsAt: () => TERMS,
    figuresOf: (slot) => figures.get(slot),
    queuedWh: () => 0,
    newestSlot: 0xffffff,
    ...more,
  };
}

const energy = fc.integer({ min: 0, max: 2 ** 40 });
const figures = fc.record({ importWh: energy, exportWh: energy });
const perhaps = fc.option(figures, { nil: undefined });
const price = fc.integer({ min: 0, max: 0xffffff });
/** Terms and limits that the contract would accept together. */
const zone = fc
  .record({ floor: price, exportCap: price, cap: price, exportPrice: price, importPrice: price, slope: price })
  .map(({ floor, exportCap, cap, exportPrice, importPrice, slope }) => {
    const [low = 0, mid = 0, high = 0] = [floor, exportCap, cap].sort((a, b) => a - b);
    const limits = { ...LIMITS, floorPrice: low, exportCapPrice: mid, capPrice: Math.max(1, high) };
    const export_ = low + (exportPrice % (mid - low + 1));
    const import_ = Math.max(1, export_ + (importPrice % (limits.capPrice - export_ + 1)));
    return {
      limits,
      terms: { ...TERMS, importPrice: import_, exportPrice: export_, slopePpm: slope % 1_000_001 },
    };
  });

describe("scarcity", () => {
  it("is the share by which demand exceeds supply, cut to 100 ppm toward zero", () => {
    expect(scarcityPpm({ importWh: 900, exportWh: 600 })).to.equal(200_000);
    expect(scarcityPpm({ importWh: 0, exportWh: 1 })).to.equal(-1_000_000);
    expect(scarcityPpm({ importWh: 1, exportWh: 0 })).to.equal(1_000_000);
    // 1/3 and -1/3: 333,300, not 333,333, and not -333,400.
    expect(scarcityPpm({ importWh: 2, exportWh: 1 })).to.equal(333_300);
    expect(scarcityPpm({ importWh: 1, exportWh: 2 })).to.equal(-333_300);
    expect(scarcityPpm({ importWh: 0, exportWh: 0 })).to.equal(0);
    expect(scarcityPpm({ importWh: 2 ** 48 - 1, exportWh: 2 ** 48 - 2 })).to.equal(0);
  });

  it("of a slot to come is yesterday's, corrected by half of how the latest differs from its own yesterday", () => {
    const yesterday = { importWh: 500, exportWh: 1_500 };
    const flat = { importWh: 600, exportWh: 600 };
    const expected = (more: object) => expectedScarcity({ yesterday, queuedWh: 0, ...more })?.scarcityPpm;
    expect(expected({})).to.equal(-500_000);
    expect(expected({ latest: { importWh: 900, exportWh: 600 }, beforeLatest: flat })).to.equal(-400_000);
    expect(expected({ latest: flat, beforeLatest: { importWh: 900, exportWh: 600 } })).to.equal(-600_000);
    // One of the two is missing: no correction.
    expect(expected({ latest: { importWh: 900, exportWh: 600 } })).to.equal(-500_000);
    expect(expected({ beforeLatest: { importWh: 900, exportWh: 600 } })).to.equal(-500_000);
    // Half of 333,300 is 166,650, cut to 166,600 both ways.
    expect(expected({ latest: { importWh: 2, exportWh: 1 }, beforeLatest: flat })).to.equal(-333_400);
    expect(expected({ latest: { importWh: 1, exportWh: 2 }, beforeLatest: flat })).to.equal(-666_600);
  });

  it("never leaves -1 to 1", () => {
    const [all, none] = [
      { importWh: 5, exportWh: 0 },
      { importWh: 0, exportWh: 5 },
    ];
    const most = expectedScarcity({ yesterday: all, latest: all, beforeLatest: none, queuedWh: 0 });
    const least = expectedScarcity({ yesterday: none, latest: none, beforeLatest: all, queuedWh: 0 });
    expect([most?.scarcityPpm, least?.scarcityPpm]).to.deep.equal([1_000_000, -1_000_000]);
  });

  it("counts queued energy as demand, up to a quarter of yesterday's", () => {
    const yesterday = { importWh: 500, exportWh: 1_500 };
    expect(expectedScarcity({ yesterday, queuedWh: 100 })).to.deep.equal({ scarcityPpm: -428_500, queuedWh: 100 });
    expect(expectedScarcity({ yesterday, queuedWh: 126 })).to.deep.equal({ scarcityPpm: -411_700, queuedWh: 125 });
    expect(expectedScarcity({ yesterday: { importWh: 3, exportWh: 9 }, queuedWh: 9 })?.queuedWh).to.equal(0);
  });

  it("is not known without yesterday", () => {
    const latest = { importWh: 900, exportWh: 600 };
    expect(expectedScarcity({ latest, beforeLatest: latest, queuedWh: 5 })).to.equal(undefined);
  });

  it("never falls when more energy is queued", () => {
    fc.assert(
      fc.property(figures, perhaps, perhaps, energy, energy, (yesterday, latest, beforeLatest, less, more) => {
        const at = (queuedWh: number) =>
          expectedScarcity({ yesterday, latest, beforeLatest, queuedWh })?.scarcityPpm ?? 0;
        expect(at(less + more)).to.be.at.least(at(less));
      }),
    );
  });
});

describe("the reference price", () => {
  it("goes to the base times one plus slope times scarcity", () => {
    expect(targetPrice(TERMS, 0)).to.equal(200_000);
    expect(targetPrice(TERMS, 1_000_000)).to.equal(300_000);
    expect(targetPrice(TERMS, -1_000_000)).to.equal(100_000);
    expect(targetPrice({ ...TERMS, slopePpm: 1_000_000 }, -1_000_000)).to.equal(0);
    // The base of 7 and 4 is 5, a half of it 2.
    expect(targetPrice({ ...TERMS, importPrice: 7, exportPrice: 4 }, -1_000_000)).to.equal(2);
  });

  it("moves by at most an eighth a slot, also when governance moves its base", () => {
    const at = (scarcityPpm: number) => nextReference(200_000, LIMITS, TERMS, { scarcityPpm, queuedWh: 0 });
    expect([at(1_000_000), at(-1_000_000), at(100_000), at(-200_000)]).to.deep.equal([
      225_000, 175_000, 210_000, 180_000,
    ]);
    const dearer = { ...TERMS, importPrice: 400_000, exportPrice: 200_000, slopePpm: 0 };
    expect(nextReference(200_000, LIMITS, dearer, undefined)).to.equal(225_000);
    expect(nextReference(296_000, LIMITS, dearer, undefined)).to.equal(300_000);
  });

  it("carries over where the scarcity is not known, but without a slope that does not matter", () => {
    expect(nextReference(230_000, LIMITS, TERMS, undefined)).to.equal(230_000);
    expect(nextReference(230_000, LIMITS, { ...TERMS, slopePpm: 0 }, undefined)).to.equal(201_250);
  });

  it("keeps within the zone's bounds even where that is more than an eighth", () => {
    // A wider spread: the export price must not fall below its floor, nor the import price rise above its cap.
    const wide = { ...TERMS, importPrice: 550_000, exportPrice: 50_000 };
    expect(nextReference(200_000, LIMITS, wide, { scarcityPpm: 0, queuedWh: 0 })).to.equal(300_000);
    expect(pricesAround(300_000, wide)).to.deep.equal({ importPrice: 550_000, exportPrice: 50_000 });
    expect(nextReference(345_000, LIMITS, wide, { scarcityPpm: 1_000_000, queuedWh: 0 })).to.equal(350_000);
    expect(nextReference(295_000, LIMITS, TERMS, { scarcityPpm: 1_000_000, queuedWh: 0 })).to.equal(300_000);
  });

  it("can rise again from a few ticks, and an import price is never zero", () => {
    const free = { ...LIMITS, floorPrice: 0 };
    const bare = { ...TERMS, importPrice: 80_000, exportPrice: 80_000, slopePpm: 1_000_000 };
    expect(nextReference(1, free, bare, { scarcityPpm: -1_000_000, queuedWh: 0 })).to.equal(1);
    expect(
      [1, 3, 7, 8, 15, 16].map((low) => nextReference(low, free, bare, { scarcityPpm: 0, queuedWh: 0 })),
    ).to.deep.equal([2, 4, 8, 9, 16, 18]);
  });

  it("splits into import and export price with the spread of the terms, also an odd one", () => {
    expect(pricesAround(175_000, TERMS)).to.deep.equal({ importPrice: 275_000, exportPrice: 75_000 });
    expect(pricesAround(100, { ...TERMS, importPrice: 8, exportPrice: 3 })).to.deep.equal({
      importPrice: 103,
      exportPrice: 98,
    });
  });

  it("starts, and stays without scarcity, at the very prices of the terms", () => {
    fc.assert(
      fc.property(zone, ({ limits, terms }) => {
        const { referencePrice } = firstTariffState(S, terms);
        const next = nextReference(referencePrice, limits, terms, { scarcityPpm: 0, queuedWh: 0 });
        const { importPrice, exportPrice } = terms;
        expect(pricesAround(next, terms)).to.deep.equal({ importPrice, exportPrice });
      }),
    );
  });

  it("gives prices within every bound, moves by at most an eighth unless a bound forces it, and follows scarcity", () => {
    const scarcity = fc.integer({ min: -10_000, max: 10_000 }).map((steps) => steps * 100);
    fc.assert(
      fc.property(zone, price, scarcity, scarcity, ({ limits, terms }, start, one, other) => {
        // A price that may have stood there: within the bounds.
        const reference = nextReference(start, limits, { ...terms, slopePpm: 1 }, undefined);
        const at = (scarcityPpm: number) => nextReference(reference, limits, terms, { scarcityPpm, queuedWh: 0 });
        const next = at(one);
        const { importPrice, exportPrice } = pricesAround(next, terms);
        expect(importPrice - exportPrice).to.equal(terms.importPrice - terms.exportPrice);
        expect(importPrice).to.be.within(1, limits.capPrice);
        expect(exportPrice).to.be.within(limits.floorPrice, limits.exportCapPrice);
        // The start was within the same bounds, so none of them forces a longer step.
        expect(next).to.be.within(
          Math.floor((reference * 7) / 8),
          Math.max(reference + 1, Math.floor((reference * 9) / 8)),
        );
        if (one >= other) expect(next).to.be.at.least(at(other));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a run of prices", () => {
  it("without a slope is the terms' own, whatever is read and queued", () => {
    fc.assert(
      fc.property(fc.array(figures, { minLength: 150, maxLength: 150 }), energy, (read, queuedWh) => {
        const constant = { ...TERMS, slopePpm: 0 };
        const table = new Map(read.map((slot, index) => [S + index, slot]));
        const given = sources(table, { termsAt: () => constant, queuedWh: () => queuedWh });
        const { fixed } = fixTariffs(firstTariffState(S, constant), S + 260, given);
        expect(new Set(fixed.map(({ importPrice, exportPrice }) => `${importPrice}/${exportPrice}`))).to.deep.equal(
          new Set(["300000/100000"]),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("is the same in one go and in pieces", () => {
    const read = fc.array(perhaps, { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(read, fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }), (slots, pieces) => {
        const given = sources(
          new Map(slots.flatMap((slot, index) => (slot === undefined ? [] : [[S + index, slot] as const]))),
        );
        const whole = fixTariffs(firstTariffState(S, TERMS), S + 300, given);
        let state = firstTariffState(S, TERMS);
        const parts = [];
        for (const size of [...pieces, 400]) {
          const step = fixTariffs(state, Math.min(S + 300, state.through + size), given);
          state = step.state;
          parts.push(...step.fixed);
        }
        expect(state).to.deep.equal(whole.state);
        expect(parts.map((slot) => ({ ...slot, announced: true }))).to.deep.equal(
          whole.fixed.map((slot) => ({ ...slot, announced: true })),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("announces all slots but those of a zone that stood still, of which the last 128", () => {
    const { fixed } = fixTariffs(firstTariffState(S, TERMS), S + 1_000, sources(new Map(), { newestSlot: S + 10 }));
    const announced = fixed.filter(({ announced: said }) => said).map(({ slot }) => slot);
    const until = (from: number, through: number) =>
      Array.from({ length: through - from + 1 }, (_, index) => from + index);
    expect(announced).to.deep.equal([...until(S, S + 106), ...until(S + 873, S + 1_000)]);
  });

  it("does nothing where the slot is fixed already", () => {
    const state = { through: S, referencePrice: 123 };
    expect(fixTariffs(state, S - 1, sources(new Map()))).to.deep.equal({ state, fixed: [] });
  });
});

describe("the worked example of the document on the tariff", () => {
  // Prose is wrapped and tables are padded; only the words and numbers count.
  const page = readFileSync(new URL("../../docs/economics.md", import.meta.url), "utf8").replaceAll(/\s+/g, " ");
  const S110 = { importWh: 600, exportWh: 600 };
  const YESTERDAY = { importWh: 500, exportWh: 1_500 };
  const LATEST = { importWh: 900, exportWh: 600 };
  const text = (value: number) => value.toLocaleString("en-US");

  it("comes out of the rule, row by row", () => {
    const table = new Map([
      [S - 110, S110],
      [S - 109, S110],
      [S - 96, YESTERDAY],
      [S - 95, YESTERDAY],
      [S - 14, LATEST],
      [S - 13, LATEST],
    ]);
    const given = sources(table, { queuedWh: () => 200 });
    const { fixed } = fixTariffs({ through: S - 1, referencePrice: 200_000 }, S + 1, given);
    const rows = fixed.map(({ slot, scarcityPpm, queuedWh, referencePrice, importPrice, exportPrice }) => {
      const cells = [scarcityPpm, queuedWh, targetPrice(TERMS, scarcityPpm), referencePrice, importPrice, exportPrice];
      return `| ${slot === S ? "s" : "s + 1"} | ${cells.map(text).join(" | ")} |`;
    });
    console.log(rows.map((row) => `      ${row}`).join("\n"));
    for (const row of rows) expect(page).to.include(row);
  });

  it("was worked out by hand first", () => {
    // (500 + 125 - 1,500) / (500 + 125 + 1,500) = -875 / 2,125 = -0.41176..., cut to -0.4117.
    // (900 - 600) / 1,500 = 0.2 where a day before it was 0: + 0.1. Together -0.3117.
    // 200,000 x (1 - 0.5 x 0.3117) = 168,830; an eighth below 200,000 is 175,000.
    expect(page).to.include("| s | -311,700 | 125 | 168,830 | 175,000 | 275,000 | 75,000 |");
    expect(page).to.include("| s + 1 | -311,700 | 125 | 168,830 | 168,830 | 268,830 | 68,830 |");
  });
});
