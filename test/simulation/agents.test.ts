import { expect } from "chai";
import fc from "fast-check";
import { makeGood } from "../../src/simulation/dispatch.ts";
import { keepWithin } from "../../src/simulation/limits.ts";
import { netSeries, parseScenario, priceForecaster, simulate } from "../../src/simulation/index.ts";
import { chooseMargin, createRothErev, MARGINS, reinforce } from "../../src/simulation/rothErev.ts";
import { PriceView } from "../../src/simulation/prices.ts";
import { ridgeRegression, seasonalNaive, smoothing, type Forecaster } from "../../src/forecasts/index.ts";
import { near } from "../meters/profiles/near.ts";

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const COMMUNITY = {
  ...{ name: "agents", start: "2025-06-16", days: 5, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
  market: { rule: "midpoint", importPrice: 300_000, exportPrice: 80_000, slopePpm: 1_000_000 },
};
const HOMES = { name: "homes", kind: "household", count: 30, ratedPowerW: 9_200 };
const SUN = { name: "sun", kind: "solar", count: 1, ratedPowerW: 80_000, sizeSpread: 0 };

/** Price that energy is taken at, weighted with what is added to it, ticks per Wh. */
function meanPrice(importPrice: Int32Array, addedWh: Float64Array): number {
  return sum(addedWh.map((wh, cell) => wh * (importPrice[cell] ?? 0))) / sum(addedWh);
}

describe("simulated vehicles", () => {
  const scenario = parseScenario({
    ...COMMUNITY,
    agents: [
      {
        ...HOMES,
        name: "cars",
        count: 20,
        ratedPowerW: 13_000,
        vehicle: { capacityWh: 40_000, powerW: 7_000, roundTripPpm: 900_000 },
      },
      HOMES,
      SUN,
    ],
  });
  const series = netSeries(scenario);

  it("leave with what they need, drive it, and are away while they drive", () => {
    for (const step of ["nothing", "moving prices"] as const) {
      const run = simulate(scenario, step, series);
      const { vehicles } = run.fleet;
      expect(sum(vehicles.usedWh)).to.be.greaterThan(0);
      expect(sum(vehicles.missingWh), step).to.equal(0);
    }
  });

  it("charge at a lower price when prices move than at once on their return, and drive as far", () => {
    const taken = (step: "nothing" | "moving prices"): Float64Array => {
      const added = new Float64Array(series.slots);
      let before = 0;
      simulate(scenario, step, series, {
        settled: ({ run, slot }) => {
          const now = sum(run.fleet.vehicles.takenWh);
          added[slot - series.firstSlot] = now - before;
          before = now;
        },
      });
      return added;
    };
    const { importPrice } = simulate(scenario, "moving prices", series);
    const [atOnce, planned] = [taken("nothing"), taken("moving prices")];
    // The first day has no yesterday to forecast from.
    const later = (values: Float64Array): Float64Array => values.map((wh, place) => (place < 96 ? 0 : wh));
    expect(meanPrice(importPrice, later(planned))).to.be.lessThan(meanPrice(importPrice, later(atOnce)));
    const driven = (step: "nothing" | "moving prices"): number =>
      sum(simulate(scenario, step, series).fleet.vehicles.usedWh);
    expect(driven("moving prices")).to.equal(driven("nothing"));
  });
});

describe("simulated training", () => {
  it("by price costs less, and by green share is matched by more certificates, than training at once", () => {
    const runs = (["price", "green"] as const).map((placement) => {
      const scenario = parseScenario({
        ...COMMUNITY,
        certificatePrice: 1,
        agents: [
          HOMES,
          SUN,
          {
            ...{ name: "centre", kind: "data centre", count: 1, ratedPowerW: 30_000, sizeSpread: 0 },
            training: { dailyWh: 60_000, powerW: 12_000, placement },
          },
        ],
      });
      const series = netSeries(scenario);
      return { atOnce: simulate(scenario, "trading", series), waited: simulate(scenario, "moving prices", series) };
    });
    const [price, green] = runs;
    const prices = price?.waited.importPrice ?? new Int32Array(0);
    const at = (wh: Float64Array | undefined): number => meanPrice(prices, wh ?? new Float64Array(0));
    expect(at(price?.waited.trainingWh)).to.be.lessThan(at(price?.atOnce.trainingWh));
    expect(sum(green?.waited.matchedTrainingWh ?? [])).to.be.greaterThan(sum(green?.atOnce.matchedTrainingWh ?? []));
  });
});

describe("a learner after Roth and Erev", () => {
  const learner = (experimentation: number) =>
    createRothErev(1, [{ strategy: { kind: "roth-erev", recency: 0.1, experimentation } }], new Uint16Array(1));

  it("forgets, rewards its choice and spills to the others as the rule says, by hand", () => {
    const one = learner(0.2);
    one.choice[0] = 2;
    reinforce(one, 0, 0.1, 0.5);
    // 0.9 x 0.3 + 0.5 x 0.8 for the choice; 0.9 x 0.3 + 0.3 x 0.2 / 7 for the others.
    one.propensity.forEach((value, margin) => {
      expect(value).to.satisfy(near(margin === 2 ? 0.67 : 0.27 + 0.06 / 7, 1e-12));
    });
  });

  it("chooses margins as often as their propensities say", () => {
    const one = learner(0);
    one.propensity.set([1, 0, 0, 3, 0, 0, 0, 0]);
    const chosen = Array.from({ length: 4_000 }, (_, slot) => chooseMargin(one, 0, 7, slot));
    expect(new Set(chosen)).to.deep.equal(new Set([0, 0.15000000000000002]));
    expect(chosen.filter((margin) => margin === 0).length / 4_000).to.satisfy(near(0.25, 0.03));
  });

  it("comes to the margin that pays best", () => {
    const one = learner(0.1);
    // The larger its margin the more a trade gains, but beyond 0.2 nobody trades.
    const gain = (margin: number): number => (margin > 0.21 ? 0 : 0.2 + margin);
    for (let slot = 0; slot < 3_000; ++slot) reinforce(one, 0, 0.05, gain(chooseMargin(one, 0, 3, slot)));
    const best = one.propensity.indexOf(Math.max(...one.propensity));
    expect(one.propensity.length).to.equal(MARGINS);
    expect(best).to.be.within(3, 4);
  });
});

describe("a zone's line", () => {
  it("turns down all who give by one share, to the Wh", () => {
    const netWh = Int32Array.of(-600, 100, -301, 0);
    expect(keepWithin({ importWh: 0, exportWh: 500 }, 0, 4, netWh)).to.deep.equal({ curtailedWh: 301, unservedWh: 0 });
    // Of 901 Wh given 301 go: floor(600 x 301 / 901) = 200, and the rest.
    expect([...netWh]).to.deep.equal([-400, 100, -200, 0]);
  });

  it("keeps any flow within its limits, takes from one side alone and changes no direction", () => {
    const flow = fc.array(fc.integer({ min: -50_000, max: 50_000 }), { minLength: 1, maxLength: 30 });
    const limit = fc.nat({ max: 60_000 });
    fc.assert(
      fc.property(flow, limit, limit, (flows, importWh, exportWh) => {
        const netWh = Int32Array.from(flows);
        const { curtailedWh, unservedWh } = keepWithin({ importWh, exportWh }, 0, flows.length, netWh);
        const before = sum(flows);
        expect(sum(netWh)).to.equal(Math.min(importWh, Math.max(-exportWh, before)));
        expect(sum(netWh) - before).to.equal(curtailedWh - unservedWh);
        expect(Math.min(curtailedWh, unservedWh)).to.equal(0);
        netWh.forEach((wh, agent) => {
          expect(wh * (flows[agent] ?? 0)).to.be.at.least(0);
          expect(Math.abs(wh)).to.be.at.most(Math.abs(flows[agent] ?? 0));
        });
      }),
    );
  });
});

describe("a battery that makes a trade good", () => {
  const made = (positionWh: number, netWh: number, unstoredWh: number): [number, number] => {
    const stored = {
      ...{ agent: Int32Array.of(0), capacityWh: Int32Array.of(2_000), limitWh: Int32Array.of(500) },
      ...{ roundTripPpm: Int32Array.of(1_000_000), storedWh: Int32Array.of(1_000), remainder: new Float64Array(1) },
      ...{ takenWh: new Float64Array(1), givenWh: new Float64Array(1) },
    };
    const net = Int32Array.of(netWh);
    makeGood(stored, 0, 1, net, Int32Array.of(positionWh), Int32Array.of(unstoredWh));
    return [net[0] ?? 0, stored.storedWh[0] ?? 0];
  };

  it("gives what a seller lacks and takes what a buyer has too much, with the power that the slot has left", () => {
    expect(made(-900, -600, -600)).to.deep.equal([-900, 700]);
    expect(made(-900, -200, -200)).to.deep.equal([-700, 500]);
    // 400 Wh of the slot's 500 are given already.
    expect(made(-900, -700, -300)).to.deep.equal([-800, 900]);
    expect(made(800, 500, 500)).to.deep.equal([800, 1_300]);
    // It takes already what the meter would give, and a slot knows one direction.
    expect(made(-900, -600, -700)).to.deep.equal([-600, 1_000]);
    // Who delivers more than it traded lacks nothing.
    expect(made(-500, -600, -600)).to.deep.equal([-600, 1_000]);
  });
});

describe("a scenario's forecasts of prices", () => {
  const history = (days: number) => ({
    firstSlot: 0,
    // Dearer from day to day, and by the hour.
    values: Int32Array.from({ length: days * 96 }, (_, slot) => 1_000 + Math.floor(slot / 96) * 50 + (slot % 96) * 10),
  });
  const ahead = (forecaster: Forecaster, days: number): number[] =>
    forecaster.fit(history(days)).forecast(history(days), 96);

  it("are those of the way that it names, and of a simpler one until history suffices for it", () => {
    for (const [name, whole] of [
      ["yesterday", seasonalNaive()],
      ["smoothing", smoothing()],
      ["learned", ridgeRegression()],
    ] as const) {
      const forecaster = priceForecaster(name);
      expect(forecaster.leastHistory).to.equal(96);
      expect(ahead(forecaster, 1)).to.deep.equal(ahead(seasonalNaive(), 1));
      const days = Math.ceil(whole.leastHistory / 96);
      expect(ahead(forecaster, days)).to.deep.equal(ahead(whole, days));
    }
    expect(ahead(priceForecaster("learned"), 3)).to.deep.equal(ahead(smoothing(), 3));
    expect(ahead(priceForecaster("smoothing"), 3)).to.not.deep.equal(ahead(seasonalNaive(), 3));
  });
});

describe("a view of prices", () => {
  it("measures a price by its mean of a day, and counts the cheaper slots ahead by yesterday's", () => {
    const view = new PriceView(100, 0, 200, seasonalNaive());
    for (let place = 0; place < 100; ++place) view.see(place, 100 + (place % 96));
    // It is slot 3 of the second day: yesterday's slots 4 to 95 were dearer, and 0 to 2 come round again after them.
    expect(view.now).to.equal(103);
    expect(view.cheaperWithin(92)).to.equal(0);
    expect(view.cheaperWithin(96)).to.equal(3);
    expect(view.sorted[0]).to.equal(100);
    const fresh = new PriceView(200, 0, 10, undefined);
    fresh.see(0, 100);
    expect(fresh.ratio).to.equal(0.5);
    fresh.see(1, 100);
    // The mean has gone a 96th of the way from 200 to 100.
    expect(fresh.ratio).to.satisfy(near(100 / (200 - 100 / 96), 1e-12));
    expect(fresh.cheaperWithin(5)).to.equal(undefined);
  });
});
