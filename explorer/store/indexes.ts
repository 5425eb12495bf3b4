import { existsSync, globSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sqliteError } from "./indexErrors.ts";
import { postgresError } from "./postgresErrors.ts";
import { openPool } from "./postgresPool.ts";
import { textOf, wholeOf, type Row } from "./row.ts";
import { selectFromFile } from "./selectFromFile.ts";
import { selectFromSchema } from "./selectFromSchema.ts";
import type { Selected } from "./selected.ts";
import type { ChainKey } from "./store.ts";

/** An index that is there already, for questions in SQL; no node is needed for it. */
export interface StoredIndex {
  readonly name: string;
  readonly chain: ChainKey;
  /** When an indexer opened it last, milliseconds since 1970. */
  readonly opened: number;
  select(sql: string): Promise<Selected>;
}

const NAME = /^joulework_\d+_[0-9a-f]{16}$/;
const CHAIN = "SELECT chain_id, genesis_hash, instance, deployment, opened FROM";

/** The indexes of a folder, that which was opened last first. */
export function sqliteIndexes(folder: string): StoredIndex[] {
  const names = existsSync(folder)
    ? globSync("*.sqlite", { cwd: folder }).map((file) => basename(file, ".sqlite"))
    : [];
  const found = names.flatMap((name) => {
    if (!NAME.test(name)) return [];
    const path = join(folder, `${name}.sqlite`);
    const row = readChain(path);
    return row === undefined ? [] : [parse(name, row, (sql) => selectFromFile(path, sql))];
  });
  return found.sort((a, b) => b.opened - a.opened);
}

/** The indexes of a PostgreSQL database, that which was opened last first. */
export async function postgresIndexes(connectionString: string): Promise<StoredIndex[]> {
  const pool = openPool(connectionString, "public");
  try {
    const { rows } = await pool.query<Row>("SELECT nspname AS name FROM pg_namespace");
    const names = rows.map((row) => textOf(row, "name")).filter((name) => NAME.test(name));
    const found: StoredIndex[] = [];
    for (const name of names) {
      const [row] = (await pool.query<Row>(`${CHAIN} ${name}.chain`)).rows;
      if (row === undefined) continue;
      found.push(
        parse(name, row, async (sql) => {
          const own = openPool(connectionString, name);
          try {
            return await selectFromSchema(own, name, sql);
          } finally {
            await own.end();
          }
        }),
      );
    }
    return found.sort((a, b) => b.opened - a.opened);
  } catch (error) {
    throw postgresError(error, "pg_namespace");
  } finally {
    await pool.end();
  }
}

function readChain(path: string): Row | undefined {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return database.prepare(`${CHAIN} chain`).get();
    } finally {
      database.close();
    }
  } catch (error) {
    throw sqliteError(error, path);
  }
}

function parse(name: string, row: Row, select: StoredIndex["select"]): StoredIndex {
  const chain = {
    chainId: wholeOf(row, "chain_id"),
    genesisHash: textOf(row, "genesis_hash"),
    instance: textOf(row, "instance"),
    deployment: textOf(row, "deployment"),
  };
  return { name, chain, opened: wholeOf(row, "opened"), select };
}
