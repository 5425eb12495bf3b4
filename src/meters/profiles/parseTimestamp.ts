import { z } from "zod";
import { cell, type CsvRow } from "./csvTable.ts";
import { dataError } from "./dataError.ts";

// With seconds, or to the minute.
const withOffset = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })]);
const withoutOffset = z.iso.datetime({ local: true });

/** Unix time of an ISO 8601 timestamp with an offset, in whole seconds, or an error naming file, line and value. */
export function parseTimestamp(row: CsvRow, column: string): number {
  const text = cell(row, column);
  const where = { file: row.file, line: row.line, column, value: text };
  if (!withOffset.safeParse(text).success) {
    if (withoutOffset.safeParse(text).success) {
      throw dataError({
        what: "The timestamp has no offset from universal time",
        ...where,
        hint: "Append Z or an offset such as +01:00: local time alone is ambiguous when clocks change.",
      });
    }
    throw dataError({
      what: "The timestamp is not an ISO 8601 date and time",
      ...where,
      hint: "Write it as 2025-06-21T10:15:00+02:00.",
    });
  }
  const unixSeconds = Date.parse(text) / 1_000;
  if (!Number.isInteger(unixSeconds) || unixSeconds < 0) {
    throw dataError({ what: "The timestamp is not a whole second since 1970", ...where, hint: "Give whole seconds." });
  }
  return unixSeconds;
}
