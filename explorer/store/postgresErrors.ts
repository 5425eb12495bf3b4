import { JouleworkError } from "../../src/errors.ts";
import { indexDamaged, indexFull } from "./indexErrors.ts";
import { selectRefused, selectTimedOut } from "./selected.ts";

const DISK_FULL = "53100";
const QUERY_CANCELED = "57014";
const UNDEFINED_TABLE = "42P01";

/** What a failure of PostgreSQL means for whoever runs the explorer; anything else comes back as it is. */
export function postgresError(error: unknown, place: string): unknown {
  if (error instanceof JouleworkError || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  if (code === DISK_FULL) return indexFull(place, error);
  if (code === UNDEFINED_TABLE) return indexDamaged(place, error.message, error);
  // Classes 08 and 57P: the connection, or the server going down or coming up; 28, 3D: refused at the door.
  if (/^(08|57P|28|3D)|^E[A-Z]+$/.test(code) || /connection terminated|timeout exceeded/i.test(error.message)) {
    return new JouleworkError({
      code: "INDEX_UNREACHABLE",
      what: "The database of the index does not answer",
      values: { place, problem: error.message === "" ? code : error.message },
      hint: "Check that PostgreSQL runs and that the address, user and password are right.",
      cause: error,
    });
  }
  return error;
}

/** The same for a question in SQL, where most failures are the question's. */
export function selectError(error: unknown, place: string, timeLimitMs: number): unknown {
  const named = postgresError(error, place);
  if (!(error instanceof Error) || (named instanceof JouleworkError && named.code !== "INDEX_DAMAGED")) return named;
  const timedOut = "code" in error && error.code === QUERY_CANCELED;
  return timedOut ? selectTimedOut(timeLimitMs) : selectRefused(error.message);
}
