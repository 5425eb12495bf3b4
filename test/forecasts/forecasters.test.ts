import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import {
  chooseForecaster,
  ridgeRegression,
  seasonalNaive,
  smoothing,
  type Forecaster,
  type History,
} from "../../src/forecasts/index.ts";
import { randomStream } from "../../src/meters/profiles/randomStream.ts";

const DAY = 96;
const SHAPE = Array.from({ length: DAY }, (_, slot) => Math.round(500 + 400 * Math.sin((2 * Math.PI * slot) / DAY)));

function history(days: number, value: (slot: number) => number): History {
  return { firstSlot: 1_944_960, values: Array.from({ length: days * DAY }, (_, slot) => value(slot)) };
}

const periodic = (days: number) => history(days, (slot) => SHAPE[slot % DAY] ?? 0);
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof JouleworkError) return error.code;
    throw error;
  }
  return "none";
};

const ALL: readonly [string, () => Forecaster][] = [
  ["yesterday", () => seasonalNaive()],
  ["a week ago", () => seasonalNaive(7)],
  ["smoothing", () => smoothing()],
  ["ridge", () => ridgeRegression()],
];

describe("forecasters", () => {
  for (const [name, create] of ALL) {
    describe(name, () => {
      it("repeats what repeats every day, from any slot of it on", () => {
        const forecaster = create();
        const known = periodic(21);
        const fitted = forecaster.fit(known);
        for (const cut of [0, 17]) {
          const seen = { ...known, values: Array.from(known.values).slice(0, 21 * DAY - cut) };
          const expected = Array.from({ length: DAY }, (_, ahead) => SHAPE[(DAY - cut + ahead) % DAY] ?? 0);
          expect(fitted.forecast(seen, DAY)).to.deep.equal(expected);
        }
      });

      it("sees nothing of what comes after the history", () => {
        const random = randomStream(3, "future");
        const noisy = Float64Array.from({ length: 30 * DAY }, (_, slot) =>
          Math.round((SHAPE[slot % DAY] ?? 0) * random.between(0.5, 1.5)),
        );
        const forecastOf = (all: Float64Array) => {
          const seen = { firstSlot: 0, values: all.subarray(0, 25 * DAY + 11) };
          return create().fit(seen).forecast(seen, DAY);
        };
        const before = forecastOf(noisy);
        noisy.fill(9_999, 25 * DAY + 11);
        expect(forecastOf(noisy)).to.deep.equal(before);
        expect(before.every(Number.isInteger)).to.equal(true);
      });

      it("gives the first slots of a longer forecast where a shorter one is asked for", () => {
        const known = periodic(21);
        const fitted = create().fit(known);
        expect(fitted.forecast(known, 5)).to.deep.equal(fitted.forecast(known, DAY).slice(0, 5));
      });

      it("refuses a short history and a horizon that it does not reach", () => {
        const forecaster = create();
        const short = { firstSlot: 0, values: new Array<number>(forecaster.leastHistory - 1).fill(1) };
        expect(code(() => forecaster.fit(short))).to.equal("HISTORY_TOO_SHORT");
        const fitted = forecaster.fit(periodic(21));
        expect(code(() => fitted.forecast(short, 1))).to.equal("HISTORY_TOO_SHORT");
        for (const horizon of [0, 97, 1.5, NaN]) {
          expect(code(() => fitted.forecast(periodic(21), horizon))).to.equal("HORIZON_INVALID");
        }
      });
    });
  }

  for (const create of [smoothing, ridgeRegression]) {
    it(`${create().name} is never negative where the history never was, and may be where it was`, () => {
      const random = randomStream(5, "spikes");
      const spikes = history(21, () => (random.uniform() < 0.1 ? 1_000 : 0));
      expect(
        create()
          .fit(spikes)
          .forecast(spikes, DAY)
          .every((value) => value >= 0),
      ).to.equal(true);
      const signed = history(21, (slot) => (SHAPE[slot % DAY] ?? 0) - 500);
      expect(Math.min(...create().fit(signed).forecast(signed, DAY))).to.equal(-400);
    });

    it(`${create().name} foresees a noisy day better than yesterday does`, () => {
      const random = randomStream(6, "noise");
      const noisy = history(40, (slot) => Math.round((SHAPE[slot % DAY] ?? 0) + 80 * random.normal()));
      const seen = { ...noisy, values: Array.from(noisy.values).slice(0, 39 * DAY) };
      const truth = Array.from(noisy.values).slice(39 * DAY);
      const error = (forecaster: Forecaster) =>
        forecaster
          .fit(seen)
          .forecast(seen, DAY)
          .reduce((sum, value, slot) => sum + Math.abs(value - (truth[slot] ?? 0)), 0);
      // The best forecast is the mean: its error is 1 / sqrt(2) of yesterday's.
      expect(error(create()) / error(seasonalNaive())).to.be.below(0.85);
    });
  }

  it("smoothing knows that an error persists", () => {
    // Errors halve from slot to slot: x' = x / 2 + noise. After one of 1,000 the next ones are 500, 250, 125.
    const random = randomStream(7, "persistence");
    let deviation = 0;
    const values = Array.from({ length: 60 * DAY }, (_, slot) => {
      deviation = 0.5 * deviation + 40 * random.normal();
      return Math.round(5_000 + (SHAPE[slot % DAY] ?? 0) + deviation);
    });
    const known = { firstSlot: 0, values };
    const fitted = smoothing().fit(known);
    const plain = fitted.forecast(known, 4);
    const jumped = [...values];
    jumped[jumped.length - 1] = (jumped.at(-1) ?? 0) + 1_000;
    const after = fitted.forecast({ firstSlot: 0, values: jumped }, 4);
    [500, 250, 125].forEach((expected, ahead) => {
      const change = (after[ahead] ?? 0) - (plain[ahead] ?? 0);
      expect(change).to.be.within(expected - 60, expected + 60);
    });
  });

  describe("with weather", () => {
    // Every day has clouds of its own that nothing before tells of; only the weather does.
    const random = randomStream(8, "clouds");
    const days = 40;
    const clearness = Array.from({ length: days + 1 }, () => random.between(0.2, 1));
    const sun = (slot: number) =>
      Math.max(0, Math.sin((2 * Math.PI * (slot % DAY)) / DAY)) * (clearness[Math.floor(slot / DAY)] ?? 1);
    const weather = {
      name: "irradiance",
      firstSlot: 0,
      values: Array.from({ length: (days + 1) * DAY }, (_, slot) => 900 * sun(slot)),
    };
    const values = Array.from({ length: days * DAY }, (_, slot) => Math.round(1_200 * sun(slot)));
    const error = (known: History) =>
      ridgeRegression()
        .fit(known)
        .forecast(known, DAY)
        .reduce((sum, value, ahead) => sum + Math.abs(value - 1_200 * sun(days * DAY + ahead)), 0);

    it("the regression takes what is in it and in no history", () => {
      expect(error({ firstSlot: 0, values, weather: [weather] }) / error({ firstSlot: 0, values })).to.be.below(0.5);
    });

    it("finds the weather of a slot by its number", () => {
      const later = { ...weather, firstSlot: -DAY, values: [...new Array<number>(DAY).fill(0), ...weather.values] };
      expect(error({ firstSlot: 0, values, weather: [later] })).to.equal(
        error({ firstSlot: 0, values, weather: [weather] }),
      );
    });

    it("refuses weather that ends before the horizon", () => {
      const short = { ...weather, values: weather.values.slice(0, days * DAY + 10) };
      const known = { firstSlot: 0, values, weather: [short] };
      const fitted = ridgeRegression().fit(known);
      expect(fitted.forecast(known, 10)).to.have.length(10);
      expect(code(() => fitted.forecast(known, 11))).to.equal("WEATHER_MISSING");
    });
  });

  it("is chosen by how long the history is", () => {
    const names = [95, 96, 191, 192, 1_343, 1_344].map(
      (slots) => chooseForecaster({ firstSlot: 0, values: new Array<number>(slots).fill(1) })?.name,
    );
    expect(names).to.deep.equal([undefined, "yesterday", "yesterday", "smoothing", "smoothing", "ridge"]);
  });
});
