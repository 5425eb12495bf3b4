import { existsSync, globSync } from "node:fs";
import { expect } from "chai";
import { evenNoise, normalNoise } from "../../src/simulation/noise.ts";
import { gini, measuresOf } from "../../src/simulation/measures.ts";
import {
  compareSteps,
  netSeries,
  parseScenario,
  readScenario,
  simulate,
  STEPS,
  type Simulation,
} from "../../src/simulation/index.ts";
import { errorOf, withFiles } from "../meters/profiles/dataFiles.ts";
import { near } from "../meters/profiles/near.ts";

const MARKET = { rule: "sbba", importPrice: 300_000, exportPrice: 80_000, feePpm: 10_000 };
const SCENARIO = {
  name: "test",
  start: "2025-06-16",
  days: 3,
  latitudeDeg: 47,
  longitudeDeg: 8,
  zones: 2,
  market: MARKET,
  agents: [
    { name: "homes", kind: "household", count: 21, ratedPowerW: 9_200, flexibleShare: 0.3 },
    { name: "solar", kind: "prosumer", count: 14, ratedPowerW: 11_000, solarPowerW: 6_000, strategy: { kind: "zip" } },
    {
      ...{ name: "battery", kind: "prosumer", count: 9, ratedPowerW: 11_000, solarPowerW: 6_000 },
      storage: { capacityWh: 9_000, powerW: 4_000, roundTripPpm: 900_000 },
    },
    {
      name: "centre",
      kind: "data centre",
      count: 2,
      ratedPowerW: 40_000,
      training: { dailyWh: 90_000, powerW: 12_000 },
    },
  ],
};
const VEHICLE = { capacityWh: 40_000, powerW: 7_000, roundTripPpm: 900_000 };
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Money of a run counted from the zones' sums: what the grid sells and buys, trade by trade, and every charge. */
function moneyOf({ scenario, ...run }: Simulation): number {
  const { networkGridPrice, networkLocalPrice, levyPrice } = scenario.market;
  expect(networkGridPrice).to.equal(networkLocalPrice);
  return sum(
    run.importWh.map((importWh, cell) => {
      const exportWh = run.exportWh[cell] ?? 0;
      return (
        importWh * ((run.importPrice[cell] ?? 0) + networkGridPrice + levyPrice) -
        exportWh * (run.exportPrice[cell] ?? 0)
      );
    }),
  );
}

describe("a simulation", () => {
  const scenario = parseScenario(SCENARIO);
  const series = netSeries(scenario);

  it("moves no energy by trading alone: every zone's flows are those of no market", () => {
    const nothing = simulate(scenario, "nothing", series);
    const trading = simulate(scenario, "trading", series);
    expect(sum(trading.matchedWh)).to.be.greaterThan(0);
    for (const column of ["importWh", "exportWh", "netWh", "lossWh", "trainingWh", "takenWh"] as const) {
      expect(trading[column], column).to.deep.equal(nothing[column]);
    }
  });

  it("settles money that adds up: without a market agents pay what the grid's prices and charges make of the zones' sums", () => {
    const flat = parseScenario({ ...SCENARIO, market: { ...MARKET, networkLocalPrice: 60_000 } });
    const run = simulate(flat, "nothing", series);
    expect(sum(run.costTicks)).to.equal(moneyOf(run));
  });

  it("trades never beyond the smaller of what was to be bought and sold, within the band, at a zone's own price", () => {
    const perfect = parseScenario({
      ...SCENARIO,
      agents: SCENARIO.agents.map((group) => ({ ...group, forecastError: 0 })),
    });
    const run = simulate(perfect, "moving prices", series);
    run.matchedWh.forEach((matched, cell) => {
      expect(matched).to.be.at.most(Math.min(run.importWh[cell] ?? 0, run.exportWh[cell] ?? 0));
      if (matched === 0) return;
      expect(run.clearingPrice[cell]).to.be.within(run.exportPrice[cell] ?? 0, run.importPrice[cell] ?? 0);
    });
  });

  it("loses no waiting load and no training: what was not used yet still waits", () => {
    const base = simulate(scenario, "nothing", series);
    const priced = simulate(scenario, "moving prices", series);
    const { flexible, training, batteries } = priced.fleet;
    expect(sum(flexible.movedWh)).to.be.greaterThan(0);
    expect(sum(priced.trainingWh) + sum(training.leftWh)).to.equal(2 * 90_000 * 3);
    // Net energy of all agents differs by what waits, what training waits, and what batteries took more than they gave.
    const held = ({ fleet }: Simulation): number => sum(fleet.batteries.takenWh) - sum(fleet.batteries.givenWh);
    const difference = sum(base.netWh) - held(base) - (sum(priced.netWh) - held(priced));
    expect(difference).to.equal(sum(flexible.waitingWh) + sum(training.leftWh) - sum(base.fleet.training.leftWh));
    batteries.storedWh.forEach((stored, row) => expect(stored).to.be.within(0, batteries.capacityWh[row] ?? 0));
  });

  it("is the same for the same scenario, and another for another seed", () => {
    const once = JSON.stringify(compareSteps(scenario));
    expect(JSON.stringify(compareSteps(parseScenario(SCENARIO)))).to.equal(once);
    expect(JSON.stringify(compareSteps({ ...scenario, seed: 2 }))).to.not.equal(once);
  });

  it("follows two agents by hand: one seller and one buyer who foresee everything meet in the middle of their limits", () => {
    const pair = parseScenario({
      ...SCENARIO,
      zones: 1,
      days: 1,
      market: { ...MARKET, rule: "midpoint" },
      agents: [
        { name: "load", kind: "household", count: 1, ratedPowerW: 9_200, forecastError: 0, reluctance: [0, 0] },
        { name: "plant", kind: "geothermal", count: 1, ratedPowerW: 9_200, forecastError: 0, reluctance: [0, 0] },
      ],
    });
    const run = simulate(pair, "trading");
    // The buyer bids 300,000 and the seller asks 80,000.
    expect(new Set(run.clearingPrice)).to.deep.equal(new Set([190_000]));
    run.matchedWh.forEach((matched, cell) => {
      expect(matched).to.equal(Math.min(run.importWh[cell] ?? 0, run.exportWh[cell] ?? 0));
      // Both value energy at their backstop price, so each Wh traded is worth the whole band to the two of them.
      expect(run.welfareTicks[cell]).to.equal(matched * 220_000);
    });
  });

  it("measures what its arrays say", () => {
    const run = simulate(scenario, "trading", series);
    const measures = measuresOf(run);
    const feeders = run.netWh.map((net, cell) => net + (run.lossWh[cell] ?? 0));
    expect(measures.gridImportWh - measures.gridExportWh).to.equal(sum(feeders));
    expect(measures.importWh - measures.exportWh).to.equal(sum(run.netWh));
    const { batteries } = run.fleet;
    const lostInBatteries = sum(batteries.takenWh.map((taken) => taken - Math.floor(taken * 0.9)));
    expect(measures.storageLossWh).to.equal(lostInBatteries);
    expect(measures.destroyedWh).to.equal(lostInBatteries + sum(run.lossWh));
    const supplied = measures.exportWh + measures.gridImportWh + lostInBatteries;
    expect(measures.exergyEfficiency).to.satisfy(near(1 - measures.destroyedWh / supplied, 1e-12));
    // Of two who gained 3 and 1 and one who lost, Gini's coefficient is (2 (2 x 1 + 3 x 3) / (3 x 4)) - 4 / 3.
    const three = { ...run, costTicks: Float64Array.of(1, 3, 9) };
    expect(measuresOf(three, Float64Array.of(4, 4, 4)).gainInequality).to.satisfy(near(22 / 12 - 4 / 3, 1e-12));
    expect(measures.co2Kg).to.satisfy(near((measures.gridImportWh / 1_000) * 0.3, 1e-6));
    expect(Object.keys(measures.costs)).to.deep.equal(["homes", "solar", "battery", "centre"]);
    const together = Array.from(
      { length: run.slots },
      (_, slot) => (feeders[slot] ?? 0) + (feeders[run.slots + slot] ?? 0),
    );
    expect(measures.peakW).to.equal(Math.max(...together.map(Math.abs)) * 4);
  });

  it("knows Gini's coefficient of equal, of one-sided and of evenly rising shares", () => {
    expect(gini(Float64Array.of(3, 3, 3))).to.satisfy(near(0, 1e-12));
    expect(gini(Float64Array.of(0, 0, 0, 8))).to.satisfy(near(0.75, 1e-12));
    // Of 1, 2, ..., n it is (n - 1) / (3 n): a quarter for four.
    expect(gini(Float64Array.of(1, 2, 3, 4))).to.satisfy(near(0.25, 1e-12));
  });
});

describe("the simulator's noise", () => {
  it("has mean 0 and variance 1 over agents and over slots, and does not go with its neighbours", () => {
    for (const draw of [(index: number) => normalNoise(7, index, 123), (index: number) => normalNoise(7, 5, index)]) {
      const values = Array.from({ length: 40_000 }, (_, index) => draw(index));
      const mean = sum(values) / values.length;
      const variance = sum(values.map((value) => (value - mean) ** 2)) / values.length;
      const along = sum(values.slice(1).map((value, index) => value * (values[index] ?? 0))) / values.length;
      expect(mean).to.satisfy(near(0, 0.02));
      expect(variance).to.satisfy(near(1, 0.03));
      expect(along).to.satisfy(near(0, 0.02));
    }
  });

  it("fills [0, 1) evenly", () => {
    const bins = new Array<number>(10).fill(0);
    for (let index = 0; index < 40_000; ++index) {
      const bin = Math.floor(evenNoise(1, index, 9) * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    for (const count of bins) expect(count).to.be.within(3_700, 4_300);
  });
});

describe("scenarios", () => {
  it("that ship can be read and played for a day", () => {
    // Jobs to be placed are another kind of file.
    const files = globSync("scenarios/*.yaml").filter((file) => !file.endsWith("placement.yaml"));
    expect(files.length).to.be.greaterThan(3);
    for (const file of files) {
      const scenario = readScenario(file);
      const absent = scenario.agents.find(({ profiles }) => profiles !== undefined && !existsSync(profiles));
      if (absent !== undefined) {
        console.log(`        skipped ${file}: its measurements are not there`);
        continue;
      }
      const few = {
        ...scenario,
        days: 1,
        agents: scenario.agents.map((group) => ({ ...group, count: Math.min(group.count, 20) })),
      };
      const { steps } = compareSteps(few);
      expect(steps.map(({ step }) => step)).to.deep.equal([...STEPS]);
      expect(steps[1]?.measures.matchedWh, file).to.be.greaterThan(0);
    }
  });

  it("that cannot be used are refused with file, field and problem", () => {
    const [homes, solar] = SCENARIO.agents;
    const cases: [change: object, field: string][] = [
      [{ days: 0 }, "days"],
      [{ start: "June" }, "start"],
      [{ colour: "red" }, ""],
      [{ market: { ...MARKET, rule: "dutch" } }, "market.rule"],
      [{ agents: [] }, "agents"],
      [{ agents: [{ ...homes, strategy: { kind: "shading" } }] }, "agents.0.strategy.share"],
      [{ agents: [homes, { ...solar, solarPowerW: undefined }] }, "agents.1.solarPowerW"],
      [{ agents: [{ ...homes, solarPowerW: 5 }] }, "agents.0.solarPowerW"],
      [{ agents: [{ ...homes, training: { dailyWh: 1, powerW: 1 } }] }, "agents.0.training"],
      [{ agents: [{ ...homes, reluctance: [0.5, 0.1] }] }, "agents.0.reluctance"],
      [{ agents: [{ ...homes, kind: "battery" }] }, "agents.0.storage"],
      [{ agents: [{ ...homes, kind: "measured" }] }, "agents.0.profiles"],
      [{ agents: [{ ...homes, profiles: "folder" }] }, "agents.0.profiles"],
      [{ agents: [{ ...homes, kind: "wind", vehicle: VEHICLE }] }, "agents.0.vehicle"],
      [{ agents: [{ ...homes, vehicle: { ...VEHICLE, powerW: 9_201 } }] }, "agents.0.vehicle.powerW"],
      [{ agents: [{ ...homes, storage: { ...VEHICLE, control: "wise" } }] }, "agents.0.storage.control"],
      [{ agents: [{ ...homes, strategy: { kind: "roth-erev", recency: 2 } }] }, "agents.0.strategy.recency"],
      [{ agents: [{ ...homes, dishonest: { kind: "farming", share: 1 } }] }, "agents.0.dishonest.kind"],
      [{ agents: [{ ...homes, dishonest: { kind: "copying", share: 1 } }] }, "agents.0.dishonest.kind"],
      [{ agents: [{ ...homes, dishonest: { kind: "withholding" } }] }, "agents.0.dishonest.share"],
      [{ game: { seasonSlots: 95 } }, "game.seasonSlots"],
      [{ grid: { exportLimitW: -1 } }, "grid.exportLimitW"],
      [{ certificatePrice: 0.5 }, "certificatePrice"],
    ];
    for (const [change, field] of cases) {
      const error = errorOf(() => parseScenario({ ...SCENARIO, ...change }, "x.yaml"));
      expect(error.code).to.equal("SCENARIO_INVALID");
      expect(error.values, JSON.stringify(change)).to.include({ file: "x.yaml", field });
    }
    const [, , , centre] = SCENARIO.agents;
    for (const [training, field] of [
      [{ dailyWh: 25, powerW: 1 }, "agents.0.training.dailyWh"],
      [{ dailyWh: 25, powerW: 50_000 }, "agents.0.training.powerW"],
    ] as const) {
      expect(errorOf(() => parseScenario({ ...SCENARIO, agents: [{ ...centre, training }] })).values.field).to.equal(
        field,
      );
    }
    const discounts = { ...SCENARIO, game: { feeDiscountsPpm: [1] } };
    expect(errorOf(() => parseScenario(discounts)).code).to.equal("TIER_DISCOUNT_INVALID");
    const bounds = { ...SCENARIO, market: { ...MARKET, importPrice: 700_000 } };
    expect(errorOf(() => parseScenario(bounds)).code).to.equal("TERMS_OUT_OF_BOUNDS");
  });

  it("that are no YAML, or no file, are refused with the line", () => {
    withFiles({ "bad.yaml": "name: x\nagents: [\n" }, (dir) => {
      expect(errorOf(() => readScenario(`${dir}/bad.yaml`)).values.field).to.match(/^line \d/);
      expect(errorOf(() => readScenario(`${dir}/none.yaml`)).values.problem).to.equal("it cannot be read");
    });
  });
});
