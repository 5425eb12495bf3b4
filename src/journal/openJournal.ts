import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { JouleworkError } from "../errors.ts";
import { full, isFull, isNoSpace, journalError } from "./journalErrors.ts";
import type { Row } from "./row.ts";

export interface JournalParameters {
  /** The database file; it and its write-ahead log stay beside each other. */
  readonly path: string;
  /** Who writes it ("gateway", "matcher"): a file of another service is refused. */
  readonly service: string;
  /** One script a schema version, oldest first; only those that the file lacks are run. Append only. */
  readonly migrations: readonly string[];
  /** Most pages of 4,096 bytes, so that a journal cannot fill a disk that others need. */
  readonly maxPages?: number;
  /** Room on the disk, and beyond `maxPages`, that is kept in a file of its own for finishing what was accepted. */
  readonly reserveBytes?: number;
}

/** A durable store of one service. A `write` that has returned survives the loss of the process and of power. */
export interface Journal {
  /**
   * All of `work` or nothing of it; nested calls join the outer one. For what is newly accepted: throws JOURNAL_FULL where
   * the disk has no room, or only what is reserved.
   */
  write<T>(work: () => T): T;
  /**
   * The same for what has been accepted before: on a full disk it gets the reserve, so that a service can finish its work
   * and forget it. `work` may run twice.
   */
  progress<T>(work: () => T): T;
  /** Sets the reserve aside again if it was used and there is room. */
  restoreReserve(): void;
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined;
  all(sql: string, ...values: readonly SQLInputValue[]): Row[];
  close(): void;
}

// "JLWK": SQLite's own field for the kind of file.
const APPLICATION_ID = 0x4a4c574b;
const PAGE_BYTES = 4_096;
/** The log is folded into the file at this length, so that it never needs more than the reserve holds. */
const LOG_PAGES = 256;
const RESERVE_BYTES = 2 * LOG_PAGES * PAGE_BYTES;

/**
 * Opens or creates a journal. Every commit is on the disk before it returns (write-ahead log, full synchronisation). One
 * process holds it at a time: two that send the same transactions would work against each other.
 */
export function openJournal({
  path,
  service,
  migrations,
  maxPages,
  reserveBytes = RESERVE_BYTES,
}: JournalParameters): Journal {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path);
  } catch (error) {
    throw journalError(error, path);
  }
  try {
    // Taken before anything is read, so that a second process is refused at once.
    database.exec(
      `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`,
    );
    database.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
    migrate(database, path, service, migrations);
  } catch (error) {
    database.close();
    throw journalError(error, path);
  }
  const journal = wrap(database, path, reserveBytes, maxPages);
  journal.restoreReserve();
  return journal;
}

function migrate(database: DatabaseSync, path: string, service: string, migrations: readonly string[]): void {
  database.exec("BEGIN IMMEDIATE");
  const applicationId = pragma(database, "application_id");
  const version = pragma(database, "user_version");
  if (applicationId === 0 && version === 0) {
    const tables = database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get();
    if (tables?.tables !== 0) throw foreign(path, service);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID};
      CREATE TABLE service (name TEXT PRIMARY KEY) STRICT`);
    database.prepare("INSERT INTO service (name) VALUES (?)").run(service);
  } else {
    if (applicationId !== APPLICATION_ID) throw foreign(path, service);
    if (database.prepare("SELECT name FROM service").get()?.name !== service) throw foreign(path, service);
  }
  if (version > migrations.length) {
    throw new JouleworkError({
      code: "JOURNAL_TOO_NEW",
      what: "The journal was written by a newer version",
      values: { path, version, known: migrations.length },
      hint: "Run the newer version, or start with another journal.",
    });
  }
  for (const script of migrations.slice(version)) database.exec(script);
  database.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}

function wrap(database: DatabaseSync, path: string, reserveBytes: number, maxPages: number | undefined): Journal {
  const reservePath = `${path}-reserve`;
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  let depth = 0;
  let reserved = false;

  const prepared = (sql: string): ReturnType<DatabaseSync["prepare"]> => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  function guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw journalError(error, path);
    }
  }

  function transaction<T>(work: () => T): T {
    if (depth > 0) return work();
    return guarded(() => {
      database.exec("BEGIN IMMEDIATE");
      depth += 1;
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk may have ended the transaction already.
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      } finally {
        depth -= 1;
      }
    });
  }

  function useReserve(): void {
    rmSync(reservePath, { force: true });
    reserved = false;
    limitPages(reserveBytes);
    // Folded into the file, the log starts again at its beginning and needs no more room than it has.
    database.exec("PRAGMA wal_checkpoint(RESTART)");
  }

  function limitPages(extraBytes: number): void {
    if (maxPages === undefined) return;
    database.exec(`PRAGMA max_page_count = ${Math.trunc(maxPages + extraBytes / PAGE_BYTES)}`);
  }

  return {
    write<T>(work: () => T): T {
      if (!reserved && depth === 0) throw full(path, "only the reserve is left");
      return transaction(work);
    },
    progress<T>(work: () => T): T {
      if (depth > 0) return work();
      try {
        return transaction(work);
      } catch (error) {
        if (!reserved || !isFull(error)) throw error;
        guarded(useReserve);
        return transaction(work);
      }
    },
    restoreReserve() {
      if (reserved) return;
      try {
        // What was forgotten goes back to the disk, or the reserve might never find room again.
        database.exec("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
        // Random, so that a file system that compresses sets the whole length aside.
        writeFileSync(reservePath, randomBytes(reserveBytes), { flush: true });
        limitPages(0);
        reserved = true;
      } catch (error) {
        rmSync(reservePath, { force: true });
        if (!isNoSpace(error) && !isFull(journalError(error, path))) throw journalError(error, path);
      }
    },
    run: (sql, ...values) => guarded(() => Number(prepared(sql).run(...values).changes)),
    get: (sql, ...values) => guarded(() => prepared(sql).get(...values)),
    all: (sql, ...values) => guarded(() => prepared(sql).all(...values)),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

function foreign(path: string, service: string): JouleworkError {
  return new JouleworkError({
    code: "JOURNAL_FOREIGN",
    what: "The file is not a journal of this service",
    values: { path, service },
    hint: "Give the path of the service's own journal, or of a file that does not exist yet.",
  });
}
