/** What a failure of SQLite means for whoever keeps a file with it. */
export type SqliteFailure = "full" | "in use" | "unwritable" | "damaged";

/** Result codes (https://www.sqlite.org/rescode.html), the low byte of what Node.js gives as `errcode`. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

const FAILURES: ReadonlyMap<number, SqliteFailure> = new Map([
  // On a full file system the log cannot be extended, which SQLite reports as a failed write.
  [IOERR, "full"],
  [FULL, "full"],
  [BUSY, "in use"],
  [LOCKED, "in use"],
  [CANTOPEN, "unwritable"],
  [READONLY, "unwritable"],
  [CORRUPT, "damaged"],
  [NOTADB, "damaged"],
]);

/** The failure that an error of SQLite is; undefined for any other error. */
export function sqliteFailure(error: Error): SqliteFailure | undefined {
  if (!("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return FAILURES.get(error.errcode & 0xff);
}
