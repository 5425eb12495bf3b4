import { readFileSync } from "node:fs";
import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { dataError } from "./dataError.ts";

/** One row of a CSV file with the line it stands on. */
export interface CsvRow {
  file: string;
  line: number;
  cells: Readonly<Record<string, string>>;
}

const parsedRows = z.array(
  z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.number() }) }),
);

/** Reads a CSV file with a header, insisting on these columns; further columns are kept and need not be known. */
export function csvTable(file: string, columns: readonly string[]): CsvRow[] {
  const rows = parseRows(file, (header) => checkHeader(file, header, columns));
  if (rows.length === 0) {
    throw dataError({ what: "The file has no rows", file, line: 1, hint: "Give it a header and at least one row." });
  }
  return rows;
}

function parseRows(file: string, header: (names: string[]) => string[]): CsvRow[] {
  try {
    const parsed: unknown = parse(readText(file), {
      columns: header,
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n"],
    });
    return parsedRows.parse(parsed).map(({ record, info }) => ({ file, line: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw dataError({
      what: "The file is not well-formed CSV",
      file,
      ...(typeof error.lines === "number" ? { line: error.lines } : {}),
      value: error.message,
      hint: "Give every row as many fields as the header, and close every quote.",
      cause: error,
    });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw dataError({ what: "The file cannot be read", file, hint: "Check its path and permissions.", cause });
  }
}

function checkHeader(file: string, header: string[], columns: readonly string[]): string[] {
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw dataError({
      what: "The file lacks a column",
      file,
      line: 1,
      value: missing.join(", "),
      hint: `The header must name ${columns.join(", ")}; it names ${header.join(", ")}.`,
    });
  }
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) {
    throw dataError({
      what: "The header names a column twice",
      file,
      line: 1,
      value: twice,
      hint: "Remove or rename one of them.",
    });
  }
  return header;
}

/** The cell of a column that `csvTable` has insisted on. */
export function cell(row: CsvRow, column: string): string {
  return row.cells[column] ?? "";
}

/** A number that is not negative, or an error naming file, line and value. */
export function nonNegative(row: CsvRow, column: string): number {
  const text = cell(row, column);
  const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
  const where = { file: row.file, line: row.line, column, value: text };
  if (!Number.isFinite(value)) {
    throw dataError({ what: "The value is not a number", ...where, hint: "Write it with digits and a decimal point." });
  }
  if (value < 0) {
    throw dataError({
      what: "The value is negative",
      ...where,
      hint: "Energy in and energy out are columns of their own and never negative.",
    });
  }
  return value;
}

/** A whole number that is not negative, or an error naming file, line and value. */
export function wholeNumber(row: CsvRow, column: string): number {
  const value = nonNegative(row, column);
  if (!Number.isSafeInteger(value)) {
    throw dataError({
      what: "The value is not a whole number",
      file: row.file,
      line: row.line,
      column,
      value: cell(row, column),
      hint: "Write a whole number; round energy to whole Wh and carry the rest to the next row, so that none is lost.",
    });
  }
  return value;
}
