import { indexDamaged } from "./indexErrors.ts";

/** A row as either database gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** A column that holds a whole number. */
export function wholeOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw indexDamaged(column, `a ${typeof value} instead of a whole number`);
}

/** A column that holds text. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw indexDamaged(column, `a ${typeof value} instead of text`);
}

/** A column that holds text or nothing. */
export function optionalText(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}
