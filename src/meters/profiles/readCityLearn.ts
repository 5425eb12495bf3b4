import { JouleworkError } from "../../errors.ts";
import { checkCityLearnCalendar } from "./checkCityLearnCalendar.ts";
import { type CityLearnHome, cityLearnSchema } from "./cityLearnSchema.ts";
import { csvTable, nonNegative, type CsvRow } from "./csvTable.ts";
import { dataError } from "./dataError.ts";
import { measuredCommunity, type MeasuredMeter, ratedPowerFor } from "./measuredCommunity.ts";
import type { ProfileData } from "./profileData.ts";
import { requireCount } from "./requireCount.ts";
import { wholeShares } from "./wholeShares.ts";
import { windowStart } from "./windowStart.ts";

export interface CityLearnOptions {
  /** When the first hour of the window begins. */
  start?: Date;
  /** Days of 24 rows to leave out at the beginning. */
  firstDay?: number;
  /** Days of 24 rows to read; all that follow unless told. */
  days?: number;
  /** How many of the schema's first homes, or which of them by name; all unless told. */
  homes?: number | readonly string[];
  lossPpm?: number;
}

const COLUMNS = ["month", "hour", "day_type", "non_shiftable_load", "solar_generation"] as const;
const HOURS_PER_DAY = 24;
const SLOTS_PER_HOUR = 4;
/**
 * The files' calendar has no year and no time zone. Row 0 is hour 24 of 31 July, a Sunday, in Californian
 * standard time; 2016 is a year in which that is so, and this is the moment in it at which row 0 begins.
 */
export const CITY_LEARN_START = new Date("2016-07-31T23:00:00-08:00");

/**
 * Homes of the CityLearn Challenge 2022, each as one net meter: kWh of load less W per kW of panels x kW.
 *
 * Row 24 x `firstDay` is the hour that begins at `start`: rows follow each other from there, whatever their own
 * calendar says. An hour is spread evenly over its four slots; import and export registers are rounded as
 * running sums, so each register ends on the rounded total of its hours. Every row of the chosen homes is
 * checked, those outside the window too.
 */
export function readCityLearn(dir: string, options: CityLearnOptions = {}): ProfileData {
  const { hours, homes: all } = cityLearnSchema(dir);
  const { start = CITY_LEARN_START, firstDay = 0, homes = all.length, lossPpm } = options;
  const wholeDays = Math.floor(hours / HOURS_PER_DAY);
  const chosen = chooseHomes(all, homes);
  requireCount("firstDay", firstDay, 0, wholeDays - 1);
  const { days = wholeDays - firstDay } = options;
  requireCount("days", days, 1, wholeDays - firstDay);

  const window = { firstRow: firstDay * HOURS_PER_DAY, rows: days * HOURS_PER_DAY };
  const firstSlot = windowStart(start);
  const meters = chosen.map((home) => readHome(home, hours, window));
  const slots = window.rows * SLOTS_PER_HOUR;
  return measuredCommunity({ meters, firstSlot, slots, ...(lossPpm === undefined ? {} : { lossPpm }) });
}

function chooseHomes(all: readonly CityLearnHome[], homes: number | readonly string[]): CityLearnHome[] {
  if (typeof homes === "number") {
    requireCount("homes", homes, 1, all.length);
    return all.slice(0, homes);
  }
  requireCount("homes", new Set(homes).size, 1, all.length);
  return [...new Set(homes)].map((name) => {
    const home = all.find((one) => one.name === name);
    if (home !== undefined) return home;
    throw new JouleworkError({
      code: "PROFILE_OPTION_INVALID",
      what: "The schema includes no home of this name",
      values: { home: name },
      hint: `Choose among ${all.map((one) => one.name).join(", ")}.`,
    });
  });
}

function readHome(home: CityLearnHome, hours: number, window: { firstRow: number; rows: number }): MeasuredMeter {
  const rows = csvTable(home.file, COLUMNS);
  checkRowCount(rows, hours, home.file);
  checkCityLearnCalendar(rows);
  const netWh = rows.map(
    (row) =>
      nonNegative(row, "non_shiftable_load") * 1_000 - nonNegative(row, "solar_generation") * home.nominalPowerKw,
  );

  const ratedPowerW = ratedPowerFor(Math.ceil(Math.max(...netWh.map(Math.abs)) / SLOTS_PER_HOUR));
  if (ratedPowerW === undefined) throw tooLarge(rows, netWh);

  const chosen = netWh.slice(window.firstRow, window.firstRow + window.rows);
  const profile = {
    importWh: wholeShares(
      chosen.map((value) => Math.max(value, 0)),
      SLOTS_PER_HOUR,
    ),
    exportWh: wholeShares(
      chosen.map((value) => Math.max(-value, 0)),
      SLOTS_PER_HOUR,
    ),
  };
  return home.nominalPowerKw > 0
    ? { name: home.name, meterKind: "prosumer", siteKind: "household with solar", ratedPowerW, profile }
    : { name: home.name, meterKind: "consumer", siteKind: "household", ratedPowerW, profile };
}

function checkRowCount(rows: readonly CsvRow[], hours: number, file: string): void {
  if (rows.length === hours) return;
  throw dataError({
    what: `The file has not as many rows as the schema's ${hours} hours`,
    file,
    line: rows.at(-1)?.line ?? 1,
    value: rows.length,
    hint: "Restore the missing rows, or correct simulation_end_time_step in schema.json.",
  });
}

function tooLarge(rows: readonly CsvRow[], netWh: readonly number[]): Error {
  const index = netWh.reduce((most, value, at) => (Math.abs(value) > Math.abs(netWh[most] ?? 0) ? at : most), 0);
  const row = rows[index];
  return dataError({
    what: "The home's net energy is beyond what a meter can be rated for",
    file: row?.file ?? "",
    line: row?.line ?? 1,
    value: netWh[index] ?? 0,
    hint: "Check the units: load is in kWh, generation in W per kW of panels.",
  });
}
