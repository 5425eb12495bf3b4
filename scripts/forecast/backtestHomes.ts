import { JouleworkError } from "../../src/errors.ts";
import {
  backtest,
  readHomeSeries,
  ridgeRegression,
  seasonalNaive,
  smoothing,
  weatherRelation,
  type BacktestCase,
  type BacktestRow,
  type Forecaster,
  type WeatherRelation,
} from "../../src/forecasts/index.ts";
import { SLOTS_PER_DAY } from "../../src/units.ts";
import type { BacktestOptions } from "./options.ts";

/** Slots between origins: 29 hours, so that origins are full hours and every hour of the day gets its turn. */
const STRIDE = 116;
const WARM_UP_DAYS = 60;
const REFIT_DAYS = 28;
const HORIZONS = [1, 4, 24, 96];

/** The backtest of every forecaster on a folder of homes; the regression with weather is one more of them. */
export function backtestHomes(
  { profiles, weather: wantsWeather, homes, skip }: BacktestOptions,
  report: (one: BacktestCase) => void,
): { readonly rows: BacktestRow[]; readonly relations: WeatherRelation[] } {
  const { cases, weather } = readHomeSeries(profiles, { weather: wantsWeather });
  const chosen = someOfEachKind(cases, skip, homes ?? cases.length);
  if (chosen.length === 0) throw noHomes(profiles, skip);
  const regression = ridgeRegression();
  const withWeather: Forecaster = {
    ...regression,
    name: "ridge and weather",
    fit: (history) => {
      const fitted = regression.fit({ ...history, weather });
      return { forecast: (later, horizon) => fitted.forecast({ ...later, weather }, horizon) };
    },
  };
  const forecasters = [seasonalNaive(), seasonalNaive(7), smoothing(), regression];
  const rows = backtest({
    cases: chosen,
    forecasters: wantsWeather ? [...forecasters, withWeather] : forecasters,
    horizons: HORIZONS,
    warmUpSlots: WARM_UP_DAYS * SLOTS_PER_DAY,
    strideSlots: STRIDE,
    refitSlots: REFIT_DAYS * SLOTS_PER_DAY,
    report,
  });
  return { rows, relations: weatherRelation(chosen, weather) };
}

function noHomes(profiles: string, skip: number): JouleworkError {
  return new JouleworkError({
    code: "OPTION_INVALID",
    what: "There is no series left to forecast",
    values: { profiles, skip },
    hint: "Leave out fewer homes.",
  });
}

function someOfEachKind(cases: readonly BacktestCase[], skip: number, count: number): BacktestCase[] {
  const seen = new Map<string, number>();
  return cases.filter(({ kind }) => {
    const before = seen.get(kind) ?? 0;
    seen.set(kind, before + 1);
    return before >= skip && before < skip + count;
  });
}
