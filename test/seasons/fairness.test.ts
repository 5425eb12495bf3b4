import { expect } from "chai";
import fc from "fast-check";
import { shedWh } from "../../src/game/baseline.ts";
import { concludedPoints, pointPrice, pointsOfReading, type Flow } from "../../src/game/points.ts";
import { packRebatePrices, rebatePriceOf, shareSeason, type ConcludedSite } from "../../src/game/seasonRewards.ts";
import { tallySite, type TalliedReading } from "../../src/game/seasonTally.ts";

/** A scarcity as it is published: -1 to 1 in steps of 100 ppm. */
const scarcity = fc.integer({ min: -10_000, max: 10_000 }).map((hundreds) => hundreds * 100);
const energy = fc.integer({ min: 0, max: 40_000 });
const flow = fc.record({ importWh: energy, exportWh: energy });
const readings = fc.array(
  fc.record({ importWh: energy, exportWh: energy, scarcityPpm: scarcity, proved: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);

/** Charges of an imported Wh, ticks: network charge of local energy and levy. */
const CHARGES = 30_000;
const POINT_PRICE = pointPrice([{ networkLocalPrice: 20_000, levyPrice: 10_000 }]);
/** A pool that no reward can empty, so that the bound of each site decides. */
const ENDLESS = 10n ** 40n;
const BASE_UNITS_PER_TICK = 10n ** 9n;

function paid(sites: readonly ConcludedSite[]): bigint {
  const { shares } = shareSeason(ENDLESS, sites);
  return shares.reduce((sum, { reward, rebate }) => sum + reward + rebate, 0n);
}

/** What a site with these points and this proved import gets from an endless pool at the highest rebate. */
function most(site: number, pointsPpm: bigint, importWh: number): bigint {
  const points = concludedPoints({ pointsPpm, unprovedWh: 0 });
  return paid([{ site, points, importWh, pointPrice: POINT_PRICE, rebatePrice: POINT_PRICE }]);
}

function chargesOf(importWh: number): bigint {
  return BigInt(importWh) * BigInt(CHARGES) * BASE_UNITS_PER_TICK;
}

describe("points that cannot be gamed", () => {
  it("sum to zero over meters that pass energy on to each other in a slot", () => {
    fc.assert(
      fc.property(scarcity, fc.array(flow, { minLength: 1, maxLength: 8 }), (scarcityPpm, flows) => {
        const back = { importWh: sum(flows, "exportWh"), exportWh: sum(flows, "importWh") };
        let points = 0n;
        for (const one of [...flows, back]) points += pointsOfReading(scarcityPpm, one);
        expect(points).to.equal(0n);
      }),
    );
  });

  it("are never more for hiding slots: every set of proved readings gives at most what all give", () => {
    fc.assert(
      fc.property(readings, flow, (all, start) => {
        const end = {
          importWh: start.importWh + sum(all, "importWh"),
          exportWh: start.exportWh + sum(all, "exportWh"),
        };
        const asTallied = all.map((one, slot): TalliedReading & { proved: boolean } => ({ ...one, slot }));
        const points = (proved: TalliedReading[]) =>
          tallySite({ firstSlot: 0, lastSlot: 100, meters: [{ start, end, proved }] }).points;
        const honest = points(asTallied);
        expect(points(asTallied.filter(({ proved }) => proved)) <= honest).to.equal(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("are never more for hiding slots before or after the season", () => {
    fc.assert(
      fc.property(readings, fc.nat(40), fc.nat(40), (all, a, b) => {
        const [firstSlot, lastSlot] = [Math.min(a, b), Math.max(a, b)];
        const start = { importWh: 0, exportWh: 0 };
        const end = { importWh: sum(all, "importWh"), exportWh: sum(all, "exportWh") };
        const asTallied = all.map((one, slot) => ({ ...one, slot }));
        const points = (proved: TalliedReading[]) =>
          tallySite({ firstSlot, lastSlot, meters: [{ start, end, proved }] });
        const some = asTallied.filter(({ proved, slot }) => proved || (slot >= firstSlot && slot <= lastSlot));
        expect(points(some).points <= points(asTallied).points).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the division of a pool", () => {
  const site = fc.record({
    points: fc.bigInt(0n, 10n ** 9n),
    importWh: fc.integer({ min: 0, max: 10 ** 9 }),
    pointPrice: fc.integer({ min: 0, max: 400_000 }),
    rebatePrice: fc.integer({ min: 0, max: 100_000 }),
  });

  it("never pays more than the pool, to the base unit, nor more than a quarter of it as rebates", () => {
    const pools = fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 10n ** 24n));
    fc.assert(
      fc.property(pools, fc.array(site, { maxLength: 30 }), (pool, sites) => {
        const { shares, rebates } = shareSeason(
          pool,
          sites.map((one, index) => ({ ...one, site: index + 1 })),
        );
        const total = shares.reduce((all, { reward, rebate }) => all + reward + rebate, 0n);
        expect(total <= pool).to.equal(true);
        expect(rebates <= pool / 4n).to.equal(true);
        expect(shares.reduce((all, { rebate }) => all + rebate, 0n) <= rebates).to.equal(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives more points no less, and loses less than a base unit a site where no bound holds", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), fc.array(fc.bigInt(1n, 10n ** 6n), { minLength: 1 }), (pool, points) => {
        const sites = points.map((one, index) => ({
          site: index,
          points: one,
          importWh: 0,
          pointPrice: 1_000_000,
          rebatePrice: 0,
        }));
        const { shares } = shareSeason(pool, sites);
        const total = shares.reduce((all, { reward }) => all + reward, 0n);
        expect(pool - total < BigInt(points.length)).to.equal(true);
        for (const [index, one] of points.entries()) {
          for (const [other, two] of points.entries()) {
            if (one <= two) expect((shares[index]?.reward ?? 0n) <= (shares[other]?.reward ?? 0n)).to.equal(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("packs rebates by tier and reads them back", () => {
    const lanes = packRebatePrices([0, 1, 2, 3, 4, 5, 6, 100_000]);
    expect([0, 1, 7].map((tier) => rebatePriceOf(lanes, tier))).to.deep.equal([0, 1, 100_000]);
  });
});

describe("what energy moved for points earns, at most, and what it costs", () => {
  it("own consumption through two meters: one imports what the other exports, in any slots, enrolled or not", () => {
    const step = fc.record({ scarcityPpm: scarcity, energyWh: energy, swapped: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.boolean(), (steps, bothEnrolled) => {
        let [a, b, importA, importB] = [0n, 0n, 0, 0];
        for (const { scarcityPpm, energyWh, swapped } of steps) {
          const flows: [Flow, Flow] = [
            { importWh: swapped ? 0 : energyWh, exportWh: swapped ? energyWh : 0 },
            { importWh: swapped ? energyWh : 0, exportWh: swapped ? 0 : energyWh },
          ];
          a += pointsOfReading(scarcityPpm, flows[0]);
          b += pointsOfReading(scarcityPpm, flows[1]);
          importA += flows[0].importWh;
          importB += flows[1].importWh;
        }
        const earned = most(1, a, importA) + (bothEnrolled ? most(2, b, importB) : 0n);
        expect(earned <= chargesOf(importA + importB)).to.equal(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("a battery cycled for points: what comes back is at most what went in", () => {
    const step = fc.record({ scarcityPpm: scarcity, energyWh: energy, charge: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        let [stored, importWh, pointsPpm] = [0, 0, 0n];
        for (const { scarcityPpm, energyWh, charge } of steps) {
          const out = charge ? 0 : Math.min(stored, energyWh);
          const into = charge ? energyWh : 0;
          stored += into - out;
          importWh += into;
          pointsPpm += pointsOfReading(scarcityPpm, { importWh: into, exportWh: out });
        }
        expect(most(1, pointsPpm, importWh) <= chargesOf(importWh)).to.equal(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("loads run through one neighbour's meter when plentiful and the other's when scarce", () => {
    const step = fc.record({ scarcityPpm: scarcity, loadA: energy, loadB: energy });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        let [pointsPpm, importA] = [0n, 0];
        for (const { scarcityPpm, loadA, loadB } of steps) {
          // A is enrolled and carries both loads when that gives points; B, who is not, carries them otherwise.
          const importWh = scarcityPpm < 0 ? loadA + loadB : 0;
          pointsPpm += pointsOfReading(scarcityPpm, { importWh, exportWh: 0 });
          importA += importWh;
        }
        // Points and rebates: two fifths of the charges on the very energy that was moved.
        expect(5n * most(1, pointsPpm, importA) <= 2n * chargesOf(importA)).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });

  it("a baseline inflated in a circle on every day that is no event, events as often as they may be called", () => {
    for (const energyWh of [1, 700, 40_000]) {
      for (const everyOther of [true, false]) {
        // Three days first, then an event, and at least one day without between two events.
        const days = Array.from({ length: 20 }, (_, day) =>
          day < 3 ? false : everyOther ? day % 2 === 1 : day % 4 === 3,
        );
        let [pointsPpm, importWh] = [0n, 0];
        const past: number[] = [];
        for (const event of days) {
          if (event) {
            // In the event the battery gives back one day's energy, at full scarcity.
            const net = -energyWh;
            const baseline = past.slice(-3);
            pointsPpm += BigInt(shedWh(baseline, net)) * 1_000_000n;
            pointsPpm += pointsOfReading(1_000_000, { importWh: 0, exportWh: energyWh });
          } else {
            pointsPpm += pointsOfReading(-1_000_000, { importWh: energyWh, exportWh: 0 });
            importWh += energyWh;
            past.push(energyWh);
          }
        }
        expect(most(1, pointsPpm, importWh) <= chargesOf(importWh), `${String(energyWh)} Wh`).to.equal(true);
      }
    }
  });
});

function sum<K extends "importWh" | "exportWh">(flows: readonly Record<K, number>[], key: K): number {
  return flows.reduce((total, one) => total + one[key], 0);
}
