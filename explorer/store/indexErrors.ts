import { JouleworkError } from "../../src/errors.ts";
import {
  SQLITE_BUSY,
  SQLITE_LOCKED,
  SQLITE_READONLY,
  SQLITE_IOERR,
  SQLITE_CORRUPT,
  SQLITE_FULL,
  SQLITE_CANTOPEN,
  SQLITE_NOTADB,
} from "../../src/journal/sqliteCodes.ts";

/** What a failure of SQLite means for whoever runs the explorer; anything else comes back as it is. */
export function sqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
  switch (error.errcode & 0xff) {
    // On a full file system the log cannot be extended, which SQLite reports as a failed write.
    case SQLITE_IOERR:
    case SQLITE_FULL:
      return indexFull(path, error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return new JouleworkError({
        code: "INDEX_IN_USE",
        what: "Another process is writing the index",
        values: { path },
        hint: "Wait for it, stop it, or use another folder with --data.",
        cause: error,
      });
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return new JouleworkError({
        code: "INDEX_UNWRITABLE",
        what: "The index cannot be opened for writing",
        values: { path, problem: error.message },
        hint: "Check that this user may write in the folder, or choose another with --data.",
        cause: error,
      });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return indexDamaged(path, error.message, error);
    default:
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
