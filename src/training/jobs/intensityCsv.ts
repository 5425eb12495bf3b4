import { CsvError, parse } from "csv-parse/sync";
import { slotStart } from "../../units.ts";
import { jobError } from "./jobErrors.ts";

/** Carbon intensity of a grid over time. */
export interface IntensitySeries {
  /** Grams a kWh, which are milligrams a Wh, of the last row at or before a slot's start. */
  at(slot: number): number;
}

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;
const NUMBER = /^\d{1,6}(\.\d{1,6})?$/;
const HEADER = ["timestamp", "g_per_kwh"];

/**
 * Reads carbon intensities by time: the header `timestamp,g_per_kwh`, then rows in rising time, such as
 * `2026-06-01T00:00:00Z,312.5`. A row holds until the next one.
 *
 * @throws INTENSITY_INVALID naming the row, also where `at` is asked for a time before the first row.
 */
export function readIntensityCsv(text: string): IntensitySeries {
  const [header, ...records] = readRecords(text);
  if (header === undefined || header.join() !== HEADER.join()) {
    throw invalid("another header", 1);
  }
  const rows = records.map(([timestamp = "", value = ""], index) => {
    const time = TIMESTAMP.test(timestamp) ? Date.parse(timestamp) / 1_000 : Number.NaN;
    if (!Number.isFinite(time)) throw invalid("no ISO 8601 time with its zone", index + 2);
    if (!NUMBER.test(value)) throw invalid("no grams a kWh", index + 2);
    return { time, gramsPerKwh: Number(value) };
  });
  rows.forEach(({ time }, index) => {
    const before = rows[index - 1];
    if (before !== undefined && before.time >= time) throw invalid("not later than the row before", index + 2);
  });
  return {
    at(slot) {
      const found = rows.findLast(({ time }) => time <= slotStart(slot));
      if (found !== undefined) return found.gramsPerKwh;
      throw jobError("INTENSITY_INVALID", "The intensities begin after the energy was used", { slot });
    },
  };
}

function readRecords(text: string): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true });
  } catch (error) {
    if (error instanceof CsvError) throw jobError("INTENSITY_INVALID", error.message, {}, error);
    throw error;
  }
}

function invalid(problem: string, line: number): Error {
  return jobError("INTENSITY_INVALID", "The carbon intensities cannot be read", { problem, line });
}
