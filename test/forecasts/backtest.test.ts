import { existsSync } from "node:fs";
import { expect } from "chai";
import {
  backtest,
  readHomeSeries,
  ridgeRegression,
  seasonalNaive,
  smoothing,
  weatherRelation,
  type Forecaster,
} from "../../src/forecasts/index.ts";
import { randomStream } from "../../src/meters/profiles/randomStream.ts";
import { near } from "../meters/profiles/near.ts";

const HOMES = "../shared/data/citylearn-2022";

/** Always the same value. */
function constant(name: string, value: number): Forecaster {
  return {
    name,
    leastHistory: 1,
    fit: () => ({ forecast: (_, horizon) => new Array<number>(horizon).fill(value) }),
  };
}

describe("backtests", () => {
  it("have the errors and the skill that were worked by hand", () => {
    // Origins after 2, 4 and 6 values; one ahead come 3, 5, 7 and two ahead 4, 6, 8.
    const rows = backtest({
      cases: [{ kind: "load", name: "a", history: { firstSlot: 0, values: [1, 2, 3, 4, 5, 6, 7, 8] } }],
      forecasters: [constant("four", 4), constant("six", 6)],
      horizons: [1, 2],
      warmUpSlots: 2,
      strideSlots: 2,
      refitSlots: 100,
    });
    const of = (forecaster: string, horizon: number) =>
      rows.find((row) => row.forecaster === forecaster && row.horizon === horizon);
    // Four: errors 1, -1, -3 and 0, -2, -4. Six: 3, 1, -1 and 2, 0, -2.
    expect(of("four", 1)).to.include({ forecasts: 3, mae: 5 / 3, skillMae: 0, skillRmse: 0, series: 1, better: 0 });
    expect(of("four", 2)).to.include({ mae: 2 });
    expect(of("six", 1)).to.include({ mae: 5 / 3, skillMae: 0, better: 0 });
    expect(of("six", 2)).to.include({ better: 1 });
    expect(of("six", 2)?.mae).to.satisfy(near(4 / 3, 1e-12));
    expect(of("six", 2)?.rmse).to.satisfy(near(Math.sqrt(8 / 3), 1e-12));
    expect(of("six", 2)?.skillMae).to.satisfy(near(1 / 3, 1e-12));
    expect(of("six", 2)?.skillRmse).to.satisfy(near(1 - Math.sqrt(8 / 20), 1e-12));
  });

  it("show a forecaster only what lies before its origin, and let it learn again when it is time", () => {
    const fits: number[] = [];
    const seen: number[] = [];
    const spy: Forecaster = {
      name: "spy",
      leastHistory: 1,
      fit: ({ values }) => {
        fits.push(values.length);
        return {
          forecast: (history, horizon) => {
            seen.push(history.values.length);
            return new Array<number>(horizon).fill(0);
          },
        };
      },
    };
    const history = { firstSlot: 0, values: Array.from({ length: 40 }, (_, slot) => slot) };
    backtest({
      cases: [{ kind: "load", name: "a", history }],
      forecasters: [spy],
      horizons: [1],
      warmUpSlots: 10,
      strideSlots: 5,
      refitSlots: 12,
    });
    expect(seen).to.deep.equal([10, 15, 20, 25, 30, 35]);
    expect(fits).to.deep.equal([10, 25]);
  });

  it("pool the series of a kind, and know no skill against a baseline without errors", () => {
    const flat = (name: string, value: number) => ({
      kind: "price",
      name,
      history: { firstSlot: 0, values: new Array<number>(200).fill(value) },
    });
    const rows = backtest({
      cases: [flat("a", 5), flat("b", 7)],
      forecasters: [seasonalNaive(), constant("six", 6)],
      horizons: [1],
      warmUpSlots: 96,
      strideSlots: 20,
      refitSlots: 1_000,
    });
    expect(rows[0]).to.include({ mae: 0, skillMae: null, series: 2 });
    expect(rows[1]).to.include({ mae: 1, rmse: 1, skillMae: null, better: 0, forecasts: rows[0]?.forecasts });
  });

  it("refuse a series that cannot be forecast once", () => {
    const cases = [{ kind: "load", name: "a", history: { firstSlot: 0, values: new Array<number>(100).fill(1) } }];
    const parameters = { cases, forecasters: [seasonalNaive()], warmUpSlots: 96, strideSlots: 1, refitSlots: 1 };
    expect(() => backtest({ ...parameters, horizons: [5] })).to.throw("too short");
    expect(backtest({ ...parameters, horizons: [4] })).to.have.length(1);
  });

  it("tell weather of the same days from weather of the same season", () => {
    const days = 200;
    const daily = (value: (day: number) => number) =>
      Array.from({ length: days * 96 }, (_, slot) => value(Math.floor(slot / 96)));
    const season = (day: number) => 1_000 + 500 * Math.sin((2 * Math.PI * day) / 365);
    const weatherOf = (label: string) => {
      const random = randomStream(1, label);
      return Array.from({ length: days }, () => random.uniform());
    };
    const [here, elsewhere] = [weatherOf("here"), weatherOf("elsewhere")];
    const cases = [
      {
        kind: "solar",
        name: "a",
        history: { firstSlot: 0, values: daily((day) => season(day) + 300 * (here[day] ?? 0)) },
      },
    ];
    const column = (name: string, clouds: readonly number[]) => ({
      name,
      firstSlot: 0,
      values: daily((day) => 2 * season(day) + 600 * (clouds[day] ?? 0)),
    });
    const [same, other] = weatherRelation(cases, [column("same", here), column("other", elsewhere)]);
    expect(same?.correlation).to.be.greaterThan(0.99);
    expect(Math.abs(other?.correlation ?? 1)).to.be.below(0.3);
  });

  it("beat yesterday on measured homes, for load and solar power a day ahead", function () {
    if (!existsSync(HOMES)) {
      console.log(`      skipped: no measured homes at ${HOMES}`);
      this.skip();
    }
    const { cases } = readHomeSeries(HOMES, { weather: false });
    const first = cases.filter(({ name }) => name === "Building_1");
    expect(first.map(({ kind }) => kind)).to.deep.equal(["load", "solar"]);
    // Row 1 of the file: 0.85116667 kWh in the hour, spread over four slots.
    expect(
      Array.from(first[0]?.history.values ?? [])
        .slice(4, 8)
        .reduce((sum, value) => sum + value, 0),
    ).to.be.within(850, 852);
    const rows = backtest({
      cases: first,
      forecasters: [seasonalNaive(), smoothing(), ridgeRegression()],
      horizons: [96],
      warmUpSlots: 60 * 96,
      strideSlots: 116,
      refitSlots: 84 * 96,
    });
    const skill = (kind: string, forecaster: string) =>
      rows.find((row) => row.kind === kind && row.forecaster === forecaster);
    expect(skill("load", "ridge")?.skillMae).to.be.greaterThan(0.05);
    expect(skill("load", "ridge")?.skillRmse).to.be.greaterThan(0.1);
    // Of a home alone, and learned from only every 84 days, the mean absolute error of solar power is no better.
    expect(skill("solar", "ridge")?.skillRmse).to.be.greaterThan(0.05);
  });
});
