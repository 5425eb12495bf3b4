import { JouleworkError } from "../../src/errors.ts";

/** Most rows of an answer. */
export const MOST_SELECTED = 10_000;

export interface Selected {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export function selectRefused(problem: string): JouleworkError {
  return new JouleworkError({
    code: "SELECT_REFUSED",
    what: "The index answers one select over its views, and not this",
    values: { problem },
    hint: "See docs/explorer-sql.md for views, columns and examples.",
  });
}

export function selectTimedOut(timeLimitMs: number): JouleworkError {
  return new JouleworkError({
    code: "SELECT_TIMED_OUT",
    what: "The question took too long",
    values: { seconds: timeLimitMs / 1000 },
    hint: "Ask about fewer blocks, or about columns that have an index: docs/explorer-sql.md names them.",
  });
}
