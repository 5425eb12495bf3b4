import { JouleworkError } from "../errors.ts";
import { sqliteFailure } from "./sqliteFailure.ts";

/** What a failure of the database means for whoever uses the service; anything that is no failure of it comes back as it is. */
export function journalError(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const problem = error.message;
  switch (sqliteFailure(error)) {
    case "full":
      return full(path, problem, error);
    case "in use":
      return new JouleworkError({
        code: "JOURNAL_IN_USE",
        what: "Another process holds the journal",
        values: { path },
        hint: "Stop the other one: a service runs once a journal.",
        cause: error,
      });
    case "unwritable":
      return new JouleworkError({
        code: "JOURNAL_UNWRITABLE",
        what: "The journal cannot be opened for writing",
        values: { path, problem },
        hint: "Check that the folder exists and that this user may write there.",
        cause: error,
      });
    case "damaged":
      return new JouleworkError({
        code: "JOURNAL_DAMAGED",
        what: "The file is not a readable journal",
        values: { path, problem },
        hint: "Keep the file for inspection and start with a new journal: what is on the chain is found there again.",
        cause: error,
      });
    case undefined:
      return error;
  }
}

/** There is no room for more. */
export function full(path: string, problem: string, cause?: unknown): JouleworkError {
  return new JouleworkError({
    code: "JOURNAL_FULL",
    what: "The journal cannot be written, so nothing was accepted",
    values: { path, problem },
    hint: "Make room on the disk; the service goes on by itself. Send the same again then.",
    cause,
  });
}

export function isFull(error: unknown): boolean {
  return error instanceof JouleworkError && error.code === "JOURNAL_FULL";
}

/** Whether a file could not be written because the disk or the user's share of it is full. */
export function isNoSpace(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}
