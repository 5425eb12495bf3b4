import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkCityLearnCalendar } from "../meters/profiles/checkCityLearnCalendar.ts";
import { cityLearnSchema } from "../meters/profiles/cityLearnSchema.ts";
import { csvTable, nonNegative } from "../meters/profiles/csvTable.ts";
import { dataError } from "../meters/profiles/dataError.ts";
import { CITY_LEARN_START } from "../meters/profiles/readCityLearn.ts";
import { readProfiles } from "../meters/profiles/readProfiles.ts";
import { wholeShares } from "../meters/profiles/wholeShares.ts";
import { windowStart } from "../meters/profiles/windowStart.ts";
import { PRICE_OF_ONE_CREDIT_PER_KWH } from "../units.ts";
import type { BacktestCase } from "./backtest.ts";
import type { WeatherColumn } from "./types.ts";

const SLOTS_PER_HOUR = 4;
const WEATHER_COLUMNS = [
  "outdoor_dry_bulb_temperature",
  "diffuse_solar_irradiance",
  "direct_solar_irradiance",
] as const;

export interface HomeSeries {
  readonly cases: readonly BacktestCase[];
  /** What `weather.csv` measured, which stands for a perfect weather forecast. None where it was not asked for. */
  readonly weather: readonly WeatherColumn[];
}

/**
 * Series of measured homes: load and solar power of a CityLearn folder, each on its own, and its price; import and export of
 * profiles in the long format. An hour is spread evenly over its four slots, which makes an hour's last three as good as known
 * to whoever saw the first one: forecast from full hours on.
 */
export function readHomeSeries(path: string, { weather }: { readonly weather: boolean }): HomeSeries {
  if (existsSync(join(path, "schema.json"))) return readCityLearnSeries(path, weather);
  if (weather) {
    throw dataError({
      what: "There is no weather beside these profiles",
      file: path,
      hint: "Leave --weather out, or give a CityLearn folder with its weather.csv.",
    });
  }
  const { profiles, firstSlot, community } = readProfiles(path);
  const meters = community.sites.flatMap((site) => site.meters.map(({ name }) => name));
  const cases = meters.flatMap((name) => {
    const profile = profiles.get(name);
    if (profile === undefined) return [];
    return [
      { kind: "import", name, history: { firstSlot, values: profile.importWh } },
      { kind: "export", name, history: { firstSlot, values: profile.exportWh } },
    ].filter(({ history }) => history.values.some((value) => value > 0));
  });
  return { cases, weather: [] };
}

function readCityLearnSeries(dir: string, wantsWeather: boolean): HomeSeries {
  const firstSlot = windowStart(CITY_LEARN_START);
  const series = (hourly: readonly number[]) => ({ firstSlot, values: wholeShares(hourly, SLOTS_PER_HOUR) });
  const { homes, hours } = cityLearnSchema(dir);
  const cases: BacktestCase[] = [];
  for (const { name, file, nominalPowerKw } of homes) {
    const rows = csvTable(file, ["month", "hour", "day_type", "non_shiftable_load", "solar_generation"]);
    checkCityLearnCalendar(rows);
    checkRows(rows.length, hours, file);
    const load = rows.map((row) => nonNegative(row, "non_shiftable_load") * 1_000);
    cases.push({ kind: "load", name, history: series(load) });
    if (nominalPowerKw === 0) continue;
    const solar = rows.map((row) => nonNegative(row, "solar_generation") * nominalPowerKw);
    cases.push({ kind: "solar", name, history: series(solar) });
  }
  const pricing = join(dir, "pricing.csv");
  if (existsSync(pricing)) {
    const prices = csvTable(pricing, ["electricity_pricing"]).map((row) => nonNegative(row, "electricity_pricing"));
    const values = prices.flatMap((price) => {
      const ticks = Math.round(price * PRICE_OF_ONE_CREDIT_PER_KWH);
      return new Array<number>(SLOTS_PER_HOUR).fill(ticks);
    });
    cases.push({ kind: "price", name: "tariff", history: { firstSlot, values } });
  }
  return { cases, weather: wantsWeather ? readWeather(join(dir, "weather.csv"), hours, firstSlot) : [] };
}

function readWeather(file: string, hours: number, firstSlot: number): WeatherColumn[] {
  const rows = csvTable(file, WEATHER_COLUMNS);
  checkRows(rows.length, hours, file);
  return WEATHER_COLUMNS.map((name) => {
    const hourly = rows.map((row) => nonNegative(row, name));
    return { name, firstSlot, values: hourly.flatMap((value) => new Array<number>(SLOTS_PER_HOUR).fill(value)) };
  });
}

function checkRows(rows: number, hours: number, file: string): void {
  if (rows === hours) return;
  throw dataError({
    what: `The file has not as many rows as the schema's ${String(hours)} hours`,
    file,
    value: rows,
    hint: "Restore the missing rows, or correct simulation_end_time_step in schema.json.",
  });
}
