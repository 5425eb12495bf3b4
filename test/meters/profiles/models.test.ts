import { expect } from "chai";
import fc from "fast-check";
import { ambientTemperature } from "../../../src/meters/profiles/ambientTemperature.ts";
import { autoregression } from "../../../src/meters/profiles/autoregression.ts";
import { dataCentreLoad, powerUsageEffectiveness } from "../../../src/meters/profiles/dataCentreLoad.ts";
import { geothermalPower, triangularEfficiency } from "../../../src/meters/profiles/geothermalPower.ts";
import { householdLoad } from "../../../src/meters/profiles/householdLoad.ts";
import { designFlow, hydroPower } from "../../../src/meters/profiles/hydroPower.ts";
import { industryLoad } from "../../../src/meters/profiles/industryLoad.ts";
import { riverFlow } from "../../../src/meters/profiles/riverFlow.ts";
import { CUT_IN_MS, CUT_OUT_MS, RATED_MS, rotorArea, windPower } from "../../../src/meters/profiles/windPower.ts";
import { normalDistribution, WEIBULL_SCALE_MS, windSpeed } from "../../../src/meters/profiles/windSpeed.ts";
import { slotAt, sum } from "./windows.ts";
import { near } from "./near.ts";

const MONDAY = slotAt("2025-06-16T00:00Z");
const SATURDAY = slotAt("2025-06-21T00:00Z");
const place = { latitudeDeg: 47, longitudeDeg: 0 };

describe("an autoregressive series", () => {
  it("has mean 0, variance 1 and the correlation that was asked for", () => {
    const series = autoregression({ seed: 1, label: "test", phi: 0.8, first: -500, count: 40_000 });
    const mean = sum(series) / series.length;
    const variance = sum(series.map((value) => value * value)) / series.length;
    const product = series.slice(1).map((value, index) => value * (series[index] ?? 0));
    expect(mean).to.be.satisfy(near(0, 0.05));
    expect(variance).to.be.satisfy(near(1, 0.05));
    expect(sum(product) / product.length / variance).to.be.satisfy(near(0.8, 0.02));
  });

  it("has the same value at an index whatever the window", () => {
    const whole = autoregression({ seed: 1, label: "test", phi: 0.9, first: 0, count: 500 });
    const part = autoregression({ seed: 1, label: "test", phi: 0.9, first: 137, count: 200 });
    expect([...part]).to.deep.equal([...whole.slice(137, 337)]);
  });
});

describe("wind", () => {
  it("follows a Weibull law: its median and its mean are those of the law", () => {
    const speeds = windSpeed({ seed: 5, zone: "z", firstSlot: 0, slots: 96 * 1_500 });
    const sorted = [...speeds].sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).to.be.satisfy(near(WEIBULL_SCALE_MS * Math.sqrt(Math.LN2), 0.2));
    // Mean of a Rayleigh law: scale x gamma(1.5) = scale x sqrt(pi) / 2.
    expect(sum(speeds) / speeds.length).to.be.satisfy(near((WEIBULL_SCALE_MS * Math.sqrt(Math.PI)) / 2, 0.2));
  });

  it("uses a normal distribution function that agrees with tables", () => {
    for (const [x, probability] of [
      [0, 0.5],
      [1, 0.8413447],
      [1.96, 0.9750021],
      [-2.5, 0.0062097],
    ] as const) {
      expect(normalDistribution(x)).to.be.satisfy(near(probability, 1e-6));
    }
  });

  it("drives no turbine below cut-in or from cut-out on, and full power in between from the rated speed", () => {
    const at = (speedMs: number): number => windPower({ ratedPowerW: 50_000, speedMs });
    expect([at(0), at(CUT_IN_MS - 0.01), at(CUT_OUT_MS), at(40)]).to.deep.equal([0, 0, 0, 0]);
    expect(at(CUT_IN_MS)).to.be.greaterThan(0);
    for (const speed of [RATED_MS, 18, CUT_OUT_MS - 0.01]) expect(at(speed)).to.be.satisfy(near(50_000, 1e-6));
  });

  it("gives a turbine at most 16/27 of the power that passes its rotor, as Betz proved", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 40, noNaN: true }),
        fc.integer({ min: 1_024, max: 5_000_000 }),
        (v, ratedPowerW) => {
          const passingW = 0.5 * 1.225 * rotorArea(ratedPowerW) * v ** 3;
          const powerW = windPower({ ratedPowerW, speedMs: v });
          expect(powerW)
            .to.be.at.most((16 / 27) * passingW)
            .and.at.most(ratedPowerW);
        },
      ),
    );
  });
});

describe("hydro and geothermal power", () => {
  it("needs 0.15 m3/s over 12 m at 85 % for 15 kW, worked by hand", () => {
    // 15000 / (1000 x 9.80665 x 12 x 0.85) = 0.14996
    expect(designFlow(15_000)).to.be.satisfy(near(0.14996, 0.00001));
  });

  it("stands still in a drought, leaves the residual flow in the bed, and is full in a flood", () => {
    const at = (relativeFlow: number): number => hydroPower({ ratedPowerW: 15_000, relativeFlow });
    expect(at(0.25)).to.equal(0);
    expect(at(0.6)).to.be.satisfy(near(7_500, 1e-6));
    expect(at(1.1)).to.be.satisfy(near(15_000, 1e-6));
    expect(at(9)).to.be.satisfy(near(15_000, 1e-6));
  });

  it("loses geothermal power in warm air by the triangular cycle, and never passes the rating", () => {
    // (423.15 - 303.15) / (423.15 + 303.15)
    expect(triangularEfficiency(30)).to.be.satisfy(near(0.16522, 0.00001));
    const at = (ambientC: number): number => geothermalPower({ ratedPowerW: 12_000, ambientC });
    expect(at(30)).to.be.lessThan(at(20)).and.greaterThan(0);
    expect(at(-40)).to.be.at.most(12_000);
  });
});

describe("seasons", () => {
  const meanFrom = (values: Float64Array, day: number): number =>
    sum(values.slice(day * 96, (day + 90) * 96)) / (90 * 96);
  const year = { seed: 6, zone: "z", firstSlot: slotAt("2025-01-01T00:00Z"), slots: 96 * 365, longitudeDeg: 0 };
  const [spring, summer, autumn] = [90, 172, 270];

  it("bring high water in the spring and warmth in the summer, half a year apart on the two hemispheres", () => {
    const north = {
      flow: riverFlow({ ...year, latitudeDeg: 45 }),
      warmth: ambientTemperature({ ...year, latitudeDeg: 45 }),
    };
    const south = {
      flow: riverFlow({ ...year, latitudeDeg: -45 }),
      warmth: ambientTemperature({ ...year, latitudeDeg: -45 }),
    };
    expect(meanFrom(north.flow, spring)).to.be.greaterThan(meanFrom(north.flow, autumn));
    expect(meanFrom(south.flow, spring)).to.be.lessThan(meanFrom(south.flow, autumn));
    expect(meanFrom(north.warmth, summer)).to.be.greaterThan(meanFrom(north.warmth, 0) + 5);
    expect(meanFrom(south.warmth, summer)).to.be.lessThan(meanFrom(south.warmth, 0) - 5);
  });
});

describe("loads", () => {
  it("has households that use 1,500 to 9,000 kWh a year and never less than nothing", () => {
    for (let home = 0; home < 20; home++) {
      const load = householdLoad({ seed: 9, name: `home ${home}`, firstSlot: MONDAY, slots: 96 * 365, ...place });
      expect(load.every((watts) => watts > 0)).to.be.true;
      expect(sum(load) / 4 / 1_000).to.be.within(1_500, 9_000);
    }
  });

  it("has evenings above nights in the mean of many homes", () => {
    const homes = Array.from({ length: 60 }, (_, home) =>
      householdLoad({ seed: 2, name: `home ${home}`, firstSlot: MONDAY, slots: 96, ...place }),
    );
    const between = (from: number, to: number): number =>
      homes.reduce((total, load) => total + sum(load.slice(from * 4, to * 4)) / (to - from), 0);
    expect(between(18, 21)).to.be.greaterThan(2 * between(1, 4));
  });

  it("counts a run that goes past midnight in the window that starts at midnight too", () => {
    // Some of these homes charge a car at night; which ones their names decide.
    for (let home = 0; home < 12; home++) {
      const parameters = { seed: 4, name: `home ${home}`, ...place };
      const days = householdLoad({ ...parameters, firstSlot: MONDAY, slots: 96 * 30 });
      for (let day = 1; day < 29; day++) {
        const alone = householdLoad({ ...parameters, firstSlot: MONDAY + day * 96, slots: 96 });
        expect([...alone]).to.deep.equal([...days.slice(day * 96, (day + 1) * 96)]);
      }
    }
  });

  it("has industry that works by day on weekdays and idles at weekends", () => {
    const load = (firstSlot: number): Float64Array =>
      industryLoad({ seed: 1, name: "works", firstSlot, slots: 96, longitudeDeg: 0, ratedPowerW: 60_000 });
    const weekday = load(MONDAY);
    expect(sum(weekday.slice(28, 36))).to.be.greaterThan(3 * sum(weekday.slice(4, 12)));
    expect(Math.max(...load(SATURDAY))).to.be.lessThan(60_000 * 0.2);
  });

  it("has a data centre whose load hardly varies and rises with the heat", () => {
    const load = (celsius: number): Float64Array =>
      dataCentreLoad({
        seed: 1,
        name: "dc",
        firstSlot: MONDAY,
        longitudeDeg: 0,
        ratedPowerW: 40_000,
        ambientC: new Float64Array(96).fill(celsius),
      });
    const cool = load(5);
    expect(Math.max(...cool) / Math.min(...cool)).to.be.lessThan(2);
    expect(sum(load(30)) / sum(cool)).to.be.satisfy(near(1.24 / 1.12, 1e-9));
    expect(powerUsageEffectiveness(99)).to.equal(1.35);
  });
});
