import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { chooseCheat, embellished } from "../../src/community/cheat.ts";
import { defaultCommunity } from "../../src/community/defaultCommunity.ts";
import { localClock } from "../../src/community/localClock.ts";
import { communityMembers } from "../../src/community/members.ts";
import { requireNoJournals } from "../../src/community/openServices.ts";
import { priceFigures } from "../../src/community/priceFigures.ts";
import { renewableShare } from "../../src/community/renewableShare.ts";
import { correlation, mean } from "../../src/community/statistics.ts";
import type { SlotTotals } from "../../src/community/summariseRun.ts";
import { repeatFirstSlots, warmUpSlots } from "../../src/community/warmUp.ts";
import { signReading } from "../../src/market/sign.ts";
import { DOMAIN } from "./serviceKeys.ts";

describe("a simulated community's run", () => {
  it("has a clock that stands still until it is set, and never goes back", () => {
    const clock = localClock(1_000);
    expect(clock.now()).to.equal(1_000);
    clock.set(1_900);
    clock.set(1_900);
    expect(clock.now()).to.equal(1_900);
    expect(() => {
      clock.set(1_899);
    }).to.throw(RangeError);
  });

  it("refuses a folder with the journal of a run whose chain is gone", () => {
    const folder = mkdtempSync(join(tmpdir(), "joulework-run-"));
    try {
      requireNoJournals(folder);
      requireNoJournals(join(folder, "not there yet"));
      expect(readdirSync(folder)).to.deep.equal([]);
      writeFileSync(join(folder, "matcher.sqlite"), "");
      expect(() => {
        requireNoJournals(folder);
      }).to.throw(/journal of an earlier run/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("trades a day ahead of the first reported one where prices move, because they look at yesterday", () => {
    expect(warmUpSlots({ slopePpm: 0 })).to.equal(0);
    expect(warmUpSlots({ slopePpm: 1 })).to.equal(96);
  });

  it("plays the first day of measured data twice, for they have no yesterday", () => {
    const day = { importWh: Uint32Array.of(1, 2, 3), exportWh: Uint32Array.of(9, 8, 7) };
    const longer = repeatFirstSlots(new Map([["home", day]]), 2).get("home");
    expect([...(longer?.importWh ?? [])]).to.deep.equal([1, 2, 1, 2, 3]);
    expect([...(longer?.exportWh ?? [])]).to.deep.equal([9, 8, 9, 8, 7]);
  });

  it("counts as renewable what neighbours gave, against what came through the feeders", () => {
    expect(renewableShare({ exportWh: 300, gridImportWh: 100 })).to.equal(0.75);
    expect(renewableShare({ exportWh: 300, gridImportWh: 0 })).to.equal(1);
    expect(renewableShare({ exportWh: 0, gridImportWh: 0 })).to.equal(undefined);
  });

  it("measures how two figures move together", () => {
    expect(mean([1, 2, 6])).to.equal(3);
    // Perfectly opposed, perfectly together, and a case worked by hand: deviations (-1, 0, 1) and (1, -2, 1).
    expect(
      correlation([
        [1, 30],
        [2, 20],
        [3, 10],
      ]),
    ).to.equal(-1);
    expect(
      correlation([
        [1, 10],
        [2, 20],
        [3, 30],
      ]),
    ).to.equal(1);
    expect(
      correlation([
        [1, 4],
        [2, 1],
        [3, 4],
      ]),
    ).to.equal(0);
    expect(
      correlation([
        [1, 4],
        [2, 4],
      ]),
    ).to.equal(0);
    expect(correlation([])).to.equal(0);
  });

  it("has one home with panels that signs noon twice, with registers that contradict each other", () => {
    const members = communityMembers(defaultCommunity({ seed: 1 }), 1);
    const cheat = chooseCheat(members, 1_944_960);
    if (cheat === undefined) throw new Error("the default community has homes with panels");
    expect([cheat.member.kind, cheat.slot]).to.deep.equal(["prosumer", 1_945_008]);
    const readings = members.map(({ zone, key }) =>
      signReading(DOMAIN, key, { zone, slot: cheat.slot, importWh: 700, exportWh: 300 }),
    );
    const other = embellished(DOMAIN, cheat, readings, members);
    expect(other).to.deep.include({ meter: cheat.member.key.address, importWh: 700, exportWh: 800 });
    expect(readings.some(({ meter, exportWh }) => meter === other?.meter && exportWh === 300)).to.equal(true);
    const next = readings.map((reading) => ({ ...reading, slot: cheat.slot + 1 }));
    expect(embellished(DOMAIN, cheat, next, members)).to.equal(undefined);
    expect(chooseCheat([], 1)).to.equal(undefined);
  });

  it("reports the range of prices and how they follow the renewable share", () => {
    const slot = (referencePrices: number[], exportWh: number, gridImportWh: number): SlotTotals => ({
      slot: 1,
      matchedWh: 0,
      tradedTicks: 0n,
      importWh: 0,
      exportWh,
      feederWh: 0,
      gridImportWh,
      referencePrices,
      flagged: false,
    });
    // Mean prices 100, 200, 300 at shares of 1, 0.5 and 0; the slot without energy has no share.
    const slots = [slot([90, 110], 5, 0), slot([200], 5, 5), slot([300], 0, 5), slot([400], 0, 0)];
    expect(priceFigures(slots)).to.deep.equal({
      priceMin: 90,
      priceMax: 400,
      priceSpread: 310,
      priceRenewableCorrelation: -1,
    });
  });
});
