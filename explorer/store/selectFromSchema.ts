import type pg from "pg";
import { selectError } from "./postgresErrors.ts";
import { transaction } from "./postgresPool.ts";
import { MOST_SELECTED, selectRefused, type Selected } from "./selected.ts";

const TIME_LIMIT_MS = 10_000;

/** Runs a question in a transaction that may change nothing, for a limited time. */
export async function selectFromSchema(
  pool: pg.Pool,
  schema: string,
  sql: string,
  timeLimitMs = TIME_LIMIT_MS,
): Promise<Selected> {
  try {
    return await transaction(pool, (client) => select(client, sql, timeLimitMs));
  } catch (error) {
    throw selectError(error, schema, timeLimitMs);
  }
}

/** A cursor takes one question and nothing else. */
async function select(client: pg.PoolClient, sql: string, timeLimitMs: number): Promise<Selected> {
  await client.query("SET TRANSACTION READ ONLY");
  await client.query(`SET LOCAL statement_timeout = ${String(timeLimitMs)}`);
  // In the extended protocol the server takes a single statement.
  const declared = {
    text: `DECLARE answer NO SCROLL CURSOR FOR ${sql.trim().replace(/;$/, "")}`,
    queryMode: "extended",
  };
  await client.query(declared);
  const { fields, rows } = await client.query<unknown[]>({
    text: `FETCH ${String(MOST_SELECTED + 1)} FROM answer`,
    rowMode: "array",
  });
  if (rows.length > MOST_SELECTED) throw selectRefused(`more than ${String(MOST_SELECTED)} rows`);
  return { columns: fields.map(({ name }) => name), rows };
}
