import type { SQLOutputValue } from "node:sqlite";
import { JouleworkError } from "../errors.ts";

export type Row = Record<string, SQLOutputValue>;

/** A column that holds a whole number. */
export function integerOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw unexpected(column, value);
}

/** A column that holds text. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw unexpected(column, value);
}

/** A column that may be empty. */
export function optionalInteger(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : integerOf(row, column);
}

/** A column that may be empty. */
export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column);
}

function unexpected(column: string, value: SQLOutputValue | undefined): JouleworkError {
  return new JouleworkError({
    code: "JOURNAL_DAMAGED",
    what: "The journal holds something else than its schema says",
    values: { column, found: typeof value },
    hint: "Keep the file for inspection and start with a new journal: what is on the chain is found there again.",
  });
}
