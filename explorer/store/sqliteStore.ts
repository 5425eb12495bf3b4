import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { chainName } from "./chainName.ts";
import { encodeBatch, WRITTEN, type WrittenTable, type Value } from "./encode.ts";
import { KnownIds, type IdSource } from "./ids.ts";
import { indexDamaged, indexOutOfOrder, sqliteError } from "./indexErrors.ts";
import { PLACES_PER_BLOCK } from "./place.ts";
import { queries } from "./queries.ts";
import { wholeOf } from "./row.ts";
import { INDEX_VERSION, schema, SQLITE } from "./schema.ts";
import { selectFromFile } from "./selectFromFile.ts";
import type { Batch, ChainKey, OpenStore, Store } from "./store.ts";

/** "JWIX": SQLite's own field for the kind of file. */
const APPLICATION_ID = 0x4a574958;
const BUSY_MS = 5_000;
/** New rows go to the ends of thousands of ranges, whose pages should stay in memory while they are written. */
const WRITER_CACHE_KB = 65_536;
const READER_CACHE_KB = 16_384;

export interface SqliteStoreParameters {
  /** The folder that holds a file for each chain, or ":memory:". */
  readonly folder: string;
}

/** Indexes in files of SQLite. A reader sees the last whole batch, whatever is being written. */
export function sqliteStores({ folder }: SqliteStoreParameters): OpenStore {
  return (chain) =>
    settled(() => {
      if (folder === ":memory:") return openSqliteStore(folder, chain);
      mkdirSync(folder, { recursive: true });
      return openSqliteStore(join(folder, `${chainName(chain)}.sqlite`), chain);
    });
}

function openSqliteStore(path: string, chain: ChainKey): Store {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, path);
    }
  };
  const writer = guarded(() => openWriter(path, chain));
  // What is only in memory has one connection.
  const reader = path === ":memory:" ? writer : guarded(() => openReader(path));
  const read = statements(reader);
  const written = statements(writer);
  const known = new KnownIds();
  const source: IdSource = {
    find(table, values) {
      const where = Object.keys(WRITTEN[table])
        .slice(1)
        .map((column) => `${column} = ?`);
      const row = written(`SELECT id FROM ${table} WHERE ${where.join(" AND ")}`).get(...values);
      return row === undefined ? undefined : wholeOf(row, "id");
    },
    highest: (table) => wholeOf(written(`SELECT coalesce(max(id), 0) AS id FROM ${table}`).get() ?? {}, "id"),
  };

  function transaction(work: () => void): void {
    guarded(() => {
      writer.exec("BEGIN IMMEDIATE");
      try {
        work();
        writer.exec("COMMIT");
      } catch (error) {
        known.forget();
        // A full disk may have ended the transaction already.
        if (writer.isTransaction) writer.exec("ROLLBACK");
        throw error;
      }
    });
  }

  function insert(table: WrittenTable, rows: readonly (readonly Value[])[]): void {
    const statement = written(`INSERT INTO ${table} VALUES (${Object.keys(WRITTEN[table]).fill("?").join(", ")})`);
    for (const row of rows) statement.run(...row);
  }

  function append(batch: Batch): void {
    transaction(() => {
      const head = written("SELECT number, hash FROM block ORDER BY number DESC LIMIT 1").get();
      const [first] = batch.blocks;
      if (first === undefined) return;
      const follows =
        head === undefined || (first.number === wholeOf(head, "number") + 1 && first.parentHash === head.hash);
      if (!follows) throw indexOutOfOrder(wholeOf(head, "number"), first.number);
      const ids = known.within(source);
      const rows = encodeBatch(batch, ids);
      insert("subject", ids.added.subject);
      insert("event_type", ids.added.event_type);
      insert("block", rows.block);
      insert("tx", rows.tx);
      insert("event", rows.event);
      insert("event_subject", rows.event_subject);
      insert("party_tx", rows.party_tx);
    });
    known.trim();
  }

  function rewind(blockNumber: number): void {
    const place = (blockNumber + 1) * PLACES_PER_BLOCK;
    transaction(() => {
      for (const sql of REWIND) written(sql).run(place);
      written("DELETE FROM block WHERE number > ?").run(blockNumber);
    });
  }

  return {
    kind: "sqlite",
    ...queries((sql, values = []) =>
      settled(() => guarded(() => read(sql.replaceAll(/\$(\d+)/g, "?$1")).all(...values))),
    ),
    append: (batch) =>
      settled(() => {
        append(batch);
      }),
    rewind: (blockNumber) =>
      settled(() => {
        rewind(blockNumber);
      }),
    select: (sql) => selectFromFile(path, sql),
    close: () =>
      settled(() => {
        if (reader.isOpen) reader.close();
        if (writer.isOpen) writer.close();
      }),
  };
}

/** SQLite answers at once; what it throws is the promise's failure. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

/** What stands from a place on; an event's subjects are in its row, so that theirs need not be searched. */
const REWIND = [
  `DELETE FROM event_subject WHERE (subject, place) IN (
    SELECT s.value, e.place FROM event e, json_each(e.subjects) s WHERE e.place >= ?)`,
  `DELETE FROM party_tx WHERE (subject, place) IN (
    SELECT s.value, e.tx FROM event e, json_each(e.subjects) s WHERE e.place >= ?)`,
  // A union of these would be looked up row by row of the whole table.
  ...["sender", "recipient", "created"].map(
    (column) => `DELETE FROM party_tx WHERE (subject, place) IN (SELECT ${column}, place FROM tx WHERE place >= ?)`,
  ),
  "DELETE FROM event WHERE place >= ?",
  "DELETE FROM tx WHERE place >= ?",
];

function openWriter(path: string, chain: ChainKey): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    // The chain can be read again, so a commit need not survive a loss of power; the file stays whole in any case.
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${String(WRITER_CACHE_KB)}`,
    );
    database.exec("BEGIN IMMEDIATE");
    if (database.prepare("PRAGMA application_id").get()?.application_id === 0) {
      database.exec(`PRAGMA application_id = ${String(APPLICATION_ID)}; ${schema(SQLITE)}`);
      database
        .prepare("INSERT INTO chain VALUES (?, ?, ?, ?, ?, 0)")
        .run(INDEX_VERSION, chain.chainId, chain.genesisHash, chain.instance, chain.deployment);
    }
    requireChain(database, path, chain);
    database.prepare("UPDATE chain SET opened = ?").run(Date.now());
    database.exec("COMMIT");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function requireChain(database: DatabaseSync, path: string, chain: ChainKey): void {
  if (database.prepare("PRAGMA application_id").get()?.application_id !== APPLICATION_ID) {
    throw indexDamaged(path, "another program's database");
  }
  const row = database.prepare("SELECT * FROM chain").get();
  const same =
    row?.version === INDEX_VERSION &&
    row.chain_id === chain.chainId &&
    row.genesis_hash === chain.genesisHash &&
    row.instance === chain.instance &&
    row.deployment === chain.deployment;
  if (!same) throw indexDamaged(path, "it is of another chain than its name says");
}

function openReader(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  database.exec(`PRAGMA query_only = 1; PRAGMA cache_size = -${String(READER_CACHE_KB)}`);
  return database;
}

const MOST_STATEMENTS = 200;

function statements(database: DatabaseSync): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      if (prepared.size >= MOST_STATEMENTS) prepared.clear();
      statement = database.prepare(sql);
      prepared.set(sql, statement);
    }
    return statement;
  };
}
