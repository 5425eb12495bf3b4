import { JouleworkError } from "../../src/errors.ts";
import { indexDamaged, indexFull } from "./indexErrors.ts";
import { selectRefused, selectTimedOut } from "./selected.ts";

const DISK_FULL = "53100";
const QUERY_CANCELED = "57014";
const UNDEFINED_TABLE = "42P01";
const UNKNOWN_DATABASE = "3D000";
const NO_RIGHT = "42501";

/** What a failure of PostgreSQL means for whoever runs the explorer; anything else comes back as it is. */
export function postgresError(error: unknown, place: string): unknown {
  if (error instanceof JouleworkError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === DISK_FULL) return indexFull(place, error);
  if (code === UNDEFINED_TABLE) return indexDamaged(place, error.message, error);
  const hint = refusalHint(code, error.message);
  if (hint !== undefined) {
    return new JouleworkError({
      code: "INDEX_REFUSED",
      what: "PostgreSQL does not let this user keep an index there",
      values: { place, problem: error.message },
      hint,
      cause: error,
    });
  }
  // Classes 08 and 57P: the connection, or the server going down or coming up.
  if (/^(08|57P)|^E[A-Z]+$/.test(code) || /connection terminated|timeout exceeded/i.test(error.message)) {
    return new JouleworkError({
      code: "INDEX_UNREACHABLE",
      what: "The database of the index does not answer",
      values: { place, problem: error.message === "" ? code : error.message },
      hint: "Check that PostgreSQL runs and that the address and port are right.",
      cause: error,
    });
  }
  return error;
}

/** What helps somebody whom the server turned away; undefined where it did not. */
function refusalHint(code: string, message: string): string | undefined {
  // The driver itself fails where the server asks for a password and it has none.
  if (code.startsWith("28") || (code === "" && message.startsWith("SASL"))) {
    return "Give user and password in the address, postgres://user:password@host/database, or the password in PGPASSWORD.";
  }
  if (code === UNKNOWN_DATABASE) return "Create the database (`createdb NAME`), or name one that is there.";
  if (code === NO_RIGHT) return "Take a user that may create schemas in the database, or the one that made the index.";
  return undefined;
}

/** The same for a question in SQL, where most failures are the question's. */
export function selectError(error: unknown, place: string, timeLimitMs: number): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === QUERY_CANCELED) return selectTimedOut(timeLimitMs);
  const named = postgresError(error, place);
  const isOfQuestion = code === UNDEFINED_TABLE || code === NO_RIGHT;
  return named instanceof JouleworkError && !isOfQuestion ? named : selectRefused(error.message);
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}
