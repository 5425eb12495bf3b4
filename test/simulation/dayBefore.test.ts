import { expect } from "chai";
import { parseScenario, simulate, type Scenario } from "../../src/simulation/index.ts";
import { createFleet } from "../../src/simulation/fleet.ts";
import { sampleDay } from "../../src/simulation/twin/sample.ts";
import { errorOf, withFiles } from "../meters/profiles/dataFiles.ts";

const DAY = 96;
const BASE = {
  ...{ name: "two streets", start: "2025-06-17", days: 1, latitudeDeg: 0, longitudeDeg: 0, zones: 2, dayBefore: true },
  market: { rule: "midpoint", importPrice: 300_000, exportPrice: 80_000, slopePpm: 500_000 },
};
const GROUP = { name: "homes", kind: "measured", count: 1, ratedPowerW: 9_200 };

/** A home that takes and a roof that gives, both more from slot to slot, for two days from 16 June on. */
function rows(takes: (slot: number) => number, gives: (slot: number) => number): string {
  const lines = Array.from({ length: 2 * DAY }, (_, slot) => {
    const time = new Date(Date.UTC(2025, 5, 16) + slot * 900_000).toISOString();
    return `${time},home,${String(takes(slot))},0\n${time},roof,0,${String(gives(slot))}`;
  });
  return ["timestamp,meter,import_wh,export_wh", ...lines, ""].join("\n");
}

describe("a scenario with the day before its first", () => {
  const takes = (slot: number): number => 300 + slot;
  const gives = (slot: number): number => 150 + 2 * (slot % DAY);

  function scenarioOf(folder: string, more: object = {}): Scenario {
    const agents = [{ ...GROUP, count: 2, profiles: folder, zone: 2 }];
    return parseScenario({ ...BASE, agents, ...more });
  }

  it("publishes, from the first slot on, the scarcity of the very slot of yesterday", () => {
    withFiles({ "readings.csv": rows(takes, gives) }, (folder) => {
      const run = simulate(scenarioOf(folder), "moving prices");
      // By hand: (import - export) / (import + export) of the day before, in steps of 100 ppm; from the fourteenth slot on the newest readings count too.
      for (let slot = 0; slot < 13; ++slot) {
        const [taken, given] = [takes(slot), gives(slot)];
        const expected = Math.trunc(((taken - given) * 10_000) / (taken + given)) * 100;
        expect(run.scarcityPpm[DAY + slot], `slot ${String(slot)}`).to.equal(expected);
        expect(run.importWh[DAY + slot]).to.equal(takes(DAY + slot));
      }
      const without = simulate(scenarioOf(folder, { dayBefore: false }), "moving prices");
      expect([...without.scarcityPpm.subarray(DAY, DAY + 90)].every((scarcity) => scarcity === 0)).to.equal(true);
      // The steps without moving prices are the same.
      expect([...simulate(scenarioOf(folder), "trading").costTicks]).to.deep.equal([
        ...simulate(scenarioOf(folder, { dayBefore: false }), "trading").costTicks,
      ]);
    });
  });

  it("has all agents of a group in the zone that it names", () => {
    withFiles({ "readings.csv": rows(takes, gives) }, (folder) => {
      const run = simulate(scenarioOf(folder), "nothing");
      expect([...run.fleet.zoneStart]).to.deep.equal([0, 0, 2]);
      expect(run.importWh.subarray(0, DAY).every((wh) => wh === 0)).to.equal(true);
    });
  });

  it("keeps a group together in a sample that has fewer zones", () => {
    const agents = [{ ...GROUP, kind: "household", count: 4, zone: 3 }];
    const { scenario, series } = sampleDay(parseScenario({ ...BASE, zones: 3, dayBefore: false, agents }), 1, 10);
    expect(scenario.zones).to.equal(2);
    expect([...createFleet(scenario, series).zoneStart]).to.deep.equal([0, 4, 4]);
  });

  it("is refused where agents are not measured, or a zone is not there", () => {
    const home = { ...GROUP, kind: "household" };
    expect(errorOf(() => parseScenario({ ...BASE, agents: [home] })).values.field).to.equal("dayBefore");
    const agents = [{ ...home, zone: 3 }];
    expect(errorOf(() => parseScenario({ ...BASE, dayBefore: false, agents })).values.field).to.equal("agents.0.zone");
  });
});

describe("the contracts' constants in a scenario", () => {
  it("say how far a price moves in a slot", () => {
    withFiles(
      {
        "readings.csv": rows(
          () => 1_000,
          () => 0,
        ),
      },
      (folder) => {
        const agents = [{ ...GROUP, count: 2, profiles: folder }];
        const firstPrice = (stepDivisor: number): number =>
          simulate(parseScenario({ ...BASE, zones: 1, agents, constants: { stepDivisor } }), "moving prices")
            .importPrice[0] ?? 0;
        // By hand: the middle is 190,000 and wants to be half as much again; an eighth is 23,750 and a nineteenth 10,000. The spread stays.
        expect(firstPrice(8)).to.equal(190_000 + 23_750 + 110_000);
        expect(firstPrice(19)).to.equal(190_000 + 10_000 + 110_000);
      },
    );
  });

  it("are those of the contracts unless told otherwise, and a point is never worth more than a fifth", () => {
    const agents = [{ ...GROUP, kind: "household" }];
    const { constants } = parseScenario({ ...BASE, dayBefore: false, agents });
    expect(constants).to.deep.equal({ stepDivisor: 8, halfLifeDays: 8, pointShares: 5 });
    const worth = errorOf(() => parseScenario({ ...BASE, dayBefore: false, agents, constants: { pointShares: 4 } }));
    expect(worth.values.field).to.equal("constants.pointShares");
  });
});
