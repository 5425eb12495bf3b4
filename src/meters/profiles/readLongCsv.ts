import { SLOT_SECONDS, SLOTS_PER_DAY } from "../../units.ts";
import { cell, csvTable, type CsvRow, wholeNumber } from "./csvTable.ts";
import { dataError } from "./dataError.ts";
import type { EnergyProfile } from "./energyProfile.ts";
import { type LongRow, readingInterval } from "./readingInterval.ts";
import { measuredCommunity, type MeasuredMeter, ratedPowerFor } from "./measuredCommunity.ts";
import type { ProfileData } from "./profileData.ts";
import { requireCount } from "./requireCount.ts";
import { parseTimestamp } from "./parseTimestamp.ts";
import { readVehicles } from "./readVehicles.ts";
import { wholeShares } from "./wholeShares.ts";
import { windowStart } from "./windowStart.ts";

export interface LongCsvOptions {
  /** First moment of the window; the beginning of the data unless told. */
  start?: Date;
  /** Length of the window; up to the end of the data unless told. */
  days?: number;
  lossPpm?: number;
}

const COLUMNS = ["timestamp", "meter", "import_wh", "export_wh"] as const;

interface Series {
  name: string;
  rows: LongRow[];
  firstSlot: number;
  profile: EnergyProfile;
}

/**
 * Meters from CSV files with a row for each reading: `timestamp,meter,import_wh,export_wh`. The timestamp is when
 * the interval begins. Meters may stand in any order, alone or mixed, in one file or several; each meter's
 * rows ascend without gaps. All files are checked completely before anything is returned.
 */
export function readLongCsv(
  files: readonly string[],
  { vehicles: vehiclesFile, ...options }: LongCsvOptions & { vehicles?: string } = {},
): ProfileData {
  const byMeter = new Map<string, LongRow[]>();
  for (const row of files.flatMap((file) => csvTable(file, COLUMNS).map(readRow))) {
    const name = cell(row.source, "meter");
    const known = byMeter.get(name);
    if (known === undefined) byMeter.set(name, [row]);
    else known.push(row);
  }
  const series = [...byMeter].map(([name, rows]) => readSeries(name, rows));
  const { firstSlot, slots } = commonWindow(series, options);
  const meters = series.map((one) => readMeter(one, firstSlot, slots));
  const vehicles = vehiclesFile === undefined ? [] : readVehicles(vehiclesFile, { meters, firstSlot, slots });
  const { lossPpm } = options;
  return measuredCommunity({ meters, vehicles, firstSlot, slots, ...(lossPpm === undefined ? {} : { lossPpm }) });
}

function readRow(source: CsvRow): LongRow {
  if (cell(source, "meter") === "") {
    const { file, line } = source;
    throw dataError({
      what: "The row names no meter",
      file,
      line,
      column: "meter",
      value: "",
      hint: "Name its meter.",
    });
  }
  return {
    source,
    unixSeconds: parseTimestamp(source, "timestamp"),
    importWh: wholeNumber(source, "import_wh"),
    exportWh: wholeNumber(source, "export_wh"),
  };
}

/** A meter's rows as slots: finer readings summed, coarser ones spread evenly. */
function readSeries(name: string, rows: LongRow[]): Series {
  const intervalSeconds = readingInterval(rows);
  const firstSlot = Math.floor((rows[0]?.unixSeconds ?? 0) / SLOT_SECONDS);
  const toSlots =
    intervalSeconds >= SLOT_SECONDS
      ? (values: number[]) => wholeShares(values, intervalSeconds / SLOT_SECONDS)
      : (values: number[]) => sumGroups(values, SLOT_SECONDS / intervalSeconds);
  const profile = {
    importWh: toSlots(rows.map(({ importWh }) => importWh)),
    exportWh: toSlots(rows.map(({ exportWh }) => exportWh)),
  };
  return { name, rows, firstSlot, profile };
}

function sumGroups(values: readonly number[], size: number): Uint32Array {
  const sums = new Uint32Array(values.length / size);
  values.forEach((value, index) => {
    const group = Math.floor(index / size);
    sums[group] = (sums[group] ?? 0) + value;
  });
  return sums;
}

/** The slots that are asked for; every meter must cover them all, because a hole would read as no energy. */
function commonWindow(series: readonly Series[], options: LongCsvOptions): { firstSlot: number; slots: number } {
  const earliest = Math.min(...series.map(({ firstSlot }) => firstSlot));
  const firstSlot = options.start === undefined ? earliest : windowStart(options.start);
  const end = Math.max(...series.map(endSlot));
  const dataDays = Math.max(0, Math.floor((end - firstSlot) / SLOTS_PER_DAY));
  if (options.days !== undefined) requireCount("days", options.days, 1, dataDays);
  // A start at or after the end of the data still asks for a slot, which then no meter covers.
  const lastSlot = options.days === undefined ? Math.max(end, firstSlot + 1) : firstSlot + options.days * SLOTS_PER_DAY;

  for (const one of series) {
    if (one.firstSlot > firstSlot) throw uncovered(one, one.rows[0], "begins after");
    if (endSlot(one) < lastSlot) throw uncovered(one, one.rows.at(-1), "ends before");
  }
  return { firstSlot, slots: lastSlot - firstSlot };
}

function endSlot({ firstSlot, profile }: Series): number {
  return firstSlot + profile.importWh.length;
}

function uncovered(series: Series, row: LongRow | undefined, how: string): Error {
  return dataError({
    what: `Meter ${series.name} ${how} the window that is read`,
    file: row?.source.file ?? "",
    line: row?.source.line ?? 1,
    column: "timestamp",
    value: row === undefined ? "" : cell(row.source, "timestamp"),
    hint: "Give every meter the same span, or choose start and days within what all of them cover.",
  });
}

function readMeter(series: Series, firstSlot: number, slots: number): MeasuredMeter {
  const { name, profile } = series;
  const largestWh = [profile.importWh, profile.exportWh].reduce(
    (most, values) => values.reduce((larger, value) => Math.max(larger, value), most),
    0,
  );
  const ratedPowerW = ratedPowerFor(largestWh) ?? tooLarge(series);
  const from = firstSlot - series.firstSlot;
  const part = {
    importWh: profile.importWh.slice(from, from + slots),
    exportWh: profile.exportWh.slice(from, from + slots),
  };
  return profile.exportWh.some((value) => value > 0)
    ? { name, meterKind: "prosumer", siteKind: "household with solar", ratedPowerW, profile: part }
    : { name, meterKind: "consumer", siteKind: "household", ratedPowerW, profile: part };
}

function tooLarge({ name, rows }: Series): never {
  const largest = rows.reduce((most, row) => (flow(row) > flow(most) ? row : most));
  throw dataError({
    what: `Meter ${name} moves more energy than a meter can be rated for`,
    file: largest.source.file,
    line: largest.source.line,
    value: flow(largest),
    hint: "Check the units: energy is in Wh for each interval, not a register's running total.",
  });
}

function flow({ importWh, exportWh }: LongRow): number {
  return Math.max(importWh, exportWh);
}
