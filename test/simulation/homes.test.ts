import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import {
  measuresOf,
  netSeries,
  parseScenario,
  partOfHomes,
  readScenario,
  simulate,
  splitHomes,
  type Scenario,
} from "../../src/simulation/index.ts";
import { errorOf, withFiles } from "../meters/profiles/dataFiles.ts";

const REAL_DATA = join(import.meta.dirname, "../../../shared/data/citylearn-2022");
const SLOTS = 96;
const BASE = {
  ...{ name: "homes", start: "2025-06-01", days: 1, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
  market: { rule: "midpoint", importPrice: 300_000, exportPrice: 80_000, slopePpm: 0 },
};
const GROUP = {
  name: "measured",
  kind: "measured",
  count: 2,
  ratedPowerW: 4_096,
  forecastError: 0,
  reluctance: [0, 0],
};

/** A day of two meters: one takes 100 Wh in every slot, the other gives 60 Wh in every other slot. */
function twoMeters(): string {
  const rows = Array.from({ length: SLOTS }, (_, slot) => {
    const time = new Date(Date.UTC(2025, 5, 1) + slot * 900_000).toISOString();
    return [`${time},a,100,0`, `${time},b,0,${slot % 2 === 0 ? "60" : "0"}`];
  });
  return ["timestamp,meter,import_wh,export_wh", ...rows.flat()].join("\n");
}

function withTwoMeters(group: object, use: (scenario: Scenario) => void): void {
  withFiles({ "readings.csv": twoMeters() }, (profiles) => {
    use(parseScenario({ ...BASE, agents: [{ ...GROUP, profiles, ...group }] }));
  });
}

describe("measured agents", () => {
  it("take and give what was measured, whatever the seed, and trade what the other has", () => {
    withTwoMeters({ sizeSpread: 1 }, (scenario) => {
      for (const seed of [1, 2]) {
        const run = simulate({ ...scenario, seed }, "trading");
        expect([...run.takenWh, ...run.givenWh]).to.deep.equal([9_600, 0, 0, 2_880]);
        expect(measuresOf(run)).to.include({ matchedWh: 2_880, nettingWh: 2_880 });
        // Half of the way between 300,000 and 80,000, where anything is sold.
        expect([...run.clearingPrice.subarray(0, 2)]).to.deep.equal([190_000, 0]);
      }
    });
  });

  it("are dealt out over zones in turn, and then cannot trade with one another", () => {
    withTwoMeters({}, (scenario) => {
      const run = simulate({ ...scenario, zones: 2 }, "trading");
      expect([...run.fleet.zoneStart]).to.deep.equal([0, 1, 2]);
      expect([...run.takenWh, ...run.givenWh]).to.deep.equal([9_600, 0, 0, 2_880]);
      expect(measuresOf(run)).to.include({ matchedWh: 0, nettingWh: 0 });
    });
  });

  it("are refused where the folder has too few, where one is beyond its rating, and without a folder", () => {
    withTwoMeters({ count: 3 }, (scenario) => {
      expect(errorOf(() => netSeries(scenario)).values.field).to.equal("agents.0.count");
    });
    withFiles({ "readings.csv": twoMeters().replaceAll(",100,", ",300,") }, (profiles) => {
      const scenario = parseScenario({ ...BASE, agents: [{ ...GROUP, ratedPowerW: 1_024, profiles }] });
      expect(errorOf(() => netSeries(scenario)).values.field).to.equal("agents.0.ratedPowerW");
    });
    for (const agents of [[GROUP], [{ ...GROUP, kind: "household", profiles: "x" }]]) {
      expect(errorOf(() => parseScenario({ ...BASE, agents })).values.field).to.equal("agents.0.profiles");
    }
  });

  it("are found beside the scenario's file", () => {
    const agents = [{ ...GROUP, profiles: "readings.csv" }];
    withFiles({ "readings.csv": twoMeters(), "homes.yaml": JSON.stringify({ ...BASE, agents }) }, (folder) => {
      expect(measuresOf(simulate(readScenario(join(folder, "homes.yaml")), "trading")).matchedWh).to.equal(2_880);
    });
  });
});

/** Seven meters of which each takes its own number of Wh in every slot. */
function sevenMeters(): string {
  const rows = Array.from({ length: SLOTS }, (_, slot) => {
    const time = new Date(Date.UTC(2025, 5, 1) + slot * 900_000).toISOString();
    return [1, 2, 3, 4, 5, 6, 7].map((wh) => `${time},home ${String(wh)},${String(wh)},0`);
  });
  return ["timestamp,meter,import_wh,export_wh", ...rows.flat()].join("\n");
}

describe("measured homes that are held back", () => {
  const takenBy = (scenario: Scenario): number[] => [...simulate(scenario, "trading").takenWh].map((wh) => wh / SLOTS);

  it("are every third one, and both parts together are all homes", () => {
    withFiles({ "readings.csv": sevenMeters() }, (profiles) => {
      const scenario = parseScenario({ ...BASE, agents: [{ ...GROUP, count: 7, profiles }] });
      expect(takenBy(partOfHomes(scenario, "all"))).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
      expect(takenBy(partOfHomes(scenario, "kept"))).to.deep.equal([1, 2, 4, 5, 7]);
      expect(takenBy(partOfHomes(scenario, "held-out"))).to.deep.equal([3, 6]);
      // A scenario may name its part itself; of fewer homes a part has fewer.
      const held = parseScenario({ ...BASE, agents: [{ ...GROUP, homes: "held-out", profiles }] });
      expect(takenBy(held)).to.deep.equal([3, 6]);
      const five = parseScenario({ ...BASE, agents: [{ ...GROUP, count: 5, profiles }] });
      expect(takenBy(partOfHomes(five, "held-out"))).to.deep.equal([3]);
    });
  });

  it("are split where every group has three, and left together elsewhere", () => {
    withFiles({ "readings.csv": sevenMeters() }, (profiles) => {
      const five = parseScenario({ ...BASE, agents: [{ ...GROUP, count: 5, profiles }] });
      expect(splitHomes(five)).to.deep.equal({
        kept: partOfHomes(five, "kept"),
        heldOut: partOfHomes(five, "held-out"),
      });
      expect(splitHomes(partOfHomes(five, "kept"))).to.equal(undefined);
      expect(splitHomes(parseScenario({ ...BASE, agents: [{ ...GROUP, profiles }] }))).to.equal(undefined);
    });
    const homes = { name: "homes", kind: "household", count: 5, ratedPowerW: 9_200 };
    expect(splitHomes(parseScenario({ ...BASE, agents: [homes] }))).to.equal(undefined);
  });

  it("are refused where there are none, and a part is not parted again", () => {
    withFiles({ "readings.csv": sevenMeters() }, (profiles) => {
      const two = parseScenario({ ...BASE, agents: [{ ...GROUP, profiles }] });
      expect(errorOf(() => partOfHomes(two, "held-out")).values.field).to.equal("agents.0.count");
      expect(errorOf(() => partOfHomes(partOfHomes(two, "kept"), "kept")).values.field).to.equal("agents.0.homes");
      const many = parseScenario({ ...BASE, agents: [{ ...GROUP, homes: "held-out", count: 3, profiles }] });
      expect(errorOf(() => netSeries(many)).values.field).to.equal("agents.0.count");
    });
    const homes = { name: "homes", kind: "household", count: 1, ratedPowerW: 9_200 };
    const modelled = parseScenario({ ...BASE, agents: [homes] });
    expect(errorOf(() => partOfHomes(modelled, "kept")).values.field).to.equal("agents");
    const named = { ...BASE, agents: [{ ...homes, homes: "kept" }] };
    expect(errorOf(() => parseScenario(named)).values.field).to.equal("agents.0.homes");
  });
});

describe("nine measured homes", () => {
  before(function () {
    if (existsSync(REAL_DATA)) return;
    console.log(`    skipped: ${REAL_DATA} is not there`);
    this.skip();
  });

  it("trade in two months slot by slot no more than perfect netting of the files' hours allows", () => {
    const scenario = readScenario(join(import.meta.dirname, "../../scenarios/real-homes.yaml"));
    const days = 61;
    const run = simulate({ ...scenario, days }, "trading");
    const ceilings = hourlyCeilings(days * 24);
    let [tradedWh, ceilingWh] = [0, 0];
    ceilings.forEach((hourWh, hour) => {
      const traded = run.matchedWh.subarray(4 * hour, 4 * hour + 4).reduce((sum, wh) => sum + wh, 0);
      // A meter counts whole Wh: its register is off by less than one a slot.
      expect(traded, `hour ${String(hour)}`).to.be.at.most(hourWh + 9 * 4);
      tradedWh += traded;
      ceilingWh += hourWh;
    });
    expect(tradedWh).to.be.within(0.9 * ceilingWh, ceilingWh + 9);
    const { matchedWh, nettingWh } = measuresOf(run);
    expect(matchedWh).to.be.at.most(nettingWh);
    expect(nettingWh).to.be.within(0.99 * ceilingWh, 1.01 * ceilingWh);
  });
});

/** Of each hour the smaller of what all homes had too much and too little, straight from the files. */
function hourlyCeilings(hours: number): number[] {
  const nets = Array.from({ length: 9 }, (_, index) => {
    const [head = "", ...lines] = readFileSync(join(REAL_DATA, `Building_${String(index + 1)}.csv`), "utf8").split(
      "\n",
    );
    const columns = head.trim().split(",");
    const [load, solar] = [columns.indexOf("non_shiftable_load"), columns.indexOf("solar_generation")];
    const panelsKw = index + 1 === 4 ? 5 : 4;
    return lines.slice(0, hours).map((line) => {
      const cells = line.split(",").map(Number);
      return (cells[load] ?? 0) * 1_000 - (cells[solar] ?? 0) * panelsKw;
    });
  });
  return Array.from({ length: hours }, (_, hour) => {
    const now = nets.map((net) => net[hour] ?? 0);
    const sum = (sign: number): number => now.reduce((total, net) => total + Math.max(0, sign * net), 0);
    return Math.min(sum(1), sum(-1));
  });
}
