import { JouleworkError } from "../../src/errors.ts";
import { sqliteFailure } from "../../src/journal/sqliteFailure.ts";

/** Codes of failures that somebody may mend while the explorer runs: it waits, and asks again. */
export const PASSING_FAILURES: ReadonlySet<string> = new Set([
  "INDEX_FULL",
  "INDEX_IN_USE",
  "INDEX_REFUSED",
  "INDEX_UNREACHABLE",
]);

/** What a failure of SQLite means for whoever runs the explorer; anything else comes back as it is. */
export function sqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  switch (sqliteFailure(error)) {
    case "full":
      return indexFull(path, error);
    case "in use":
      return new JouleworkError({
        code: "INDEX_IN_USE",
        what: "Another process is writing the index",
        values: { path },
        hint: "Wait for it, stop it, or use another folder with --data.",
        cause: error,
      });
    case "unwritable":
      return new JouleworkError({
        code: "INDEX_UNWRITABLE",
        what: "The index cannot be opened for writing",
        values: { path, problem: error.message },
        hint: "Check that this user may write in the folder, or choose another with --data.",
        cause: error,
      });
    case "damaged":
      return indexDamaged(path, error.message, error);
    case undefined:
      return error;
  }
}

/** There is no room for more. */
export function indexFull(place: string, cause: Error): JouleworkError {
  return new JouleworkError({
    code: "INDEX_FULL",
    what: "The index cannot be written, because the disk is full",
    values: { place, problem: cause.message },
    hint: "Make room; indexing goes on by itself.",
    cause,
  });
}

export function indexDamaged(place: string, problem: string, cause?: unknown): JouleworkError {
  return new JouleworkError({
    code: "INDEX_DAMAGED",
    what: "The index holds something else than an index should",
    values: { place, problem },
    hint: "Delete it: everything in it is read from the chain again.",
    cause,
  });
}

export function indexOutOfOrder(head: number | undefined, block: number | undefined): JouleworkError {
  return new JouleworkError({
    code: "INDEX_OUT_OF_ORDER",
    what: "The blocks do not follow on what is indexed",
    values: { head: head ?? null, block: block ?? null },
    hint: "Read the head again and go on from there.",
  });
}
