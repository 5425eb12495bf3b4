import type pg from "pg";
import { chainName } from "./chainName.ts";
import { encodeBatch, WRITTEN, type Ids, type Value, type WrittenTable } from "./encode.ts";
import { KnownIds, type IdSource, type NumberedTable } from "./ids.ts";
import { indexDamaged, indexOutOfOrder } from "./indexErrors.ts";
import { PLACES_PER_BLOCK } from "./place.ts";
import { postgresError } from "./postgresErrors.ts";
import { openPool, transaction } from "./postgresPool.ts";
import { queries } from "./queries.ts";
import { textOf, wholeOf, type Row } from "./row.ts";
import { INDEX_VERSION, POSTGRES, schema } from "./schema.ts";
import { selectFromSchema } from "./selectFromSchema.ts";
import type { Batch, ChainKey, OpenStore, Store } from "./store.ts";

export interface PostgresStoreParameters {
  /** `postgres://user:password@host:port/database` */
  readonly connectionString: string;
}

/** Indexes in PostgreSQL, each in a schema of its own. Its readers and writer never wait for each other. */
export function postgresStores({ connectionString }: PostgresStoreParameters): OpenStore {
  return async (chain) => {
    const name = chainName(chain);
    const pool = openPool(connectionString, name);
    try {
      await transaction(pool, (client) => createSchema(client, name, chain));
    } catch (error) {
      await pool.end();
      throw postgresError(error, name);
    }
    return openPostgresStore(pool, name);
  };
}

function openPostgresStore(pool: pg.Pool, name: string): Store {
  const known = new KnownIds();

  async function guarded<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw postgresError(error, name);
    }
  }

  async function append(client: pg.PoolClient, batch: Batch): Promise<void> {
    const [first] = batch.blocks;
    if (first === undefined) return;
    // Other writers wait here, readers do not.
    await client.query("LOCK TABLE block IN EXCLUSIVE MODE");
    const [head] = (await client.query<Row>("SELECT number, hash FROM block ORDER BY number DESC LIMIT 1")).rows;
    if (head !== undefined && (first.number !== wholeOf(head, "number") + 1 || first.parentHash !== head.hash)) {
      throw indexOutOfOrder(wholeOf(head, "number"), first.number);
    }
    const ids = known.within(await findIds(client, known, batch));
    const rows = encodeBatch(batch, ids);
    for (const table of ["subject", "event_type"] as const) await insert(client, table, ids.added[table]);
    for (const table of ["block", "tx", "event", "event_subject", "party_tx"] as const) {
      await insert(client, table, rows[table]);
    }
  }

  return {
    kind: "postgres",
    ...queries(async (sql, values = []) => (await guarded(pool.query<Row>(sql, [...values]))).rows),
    async append(batch) {
      try {
        await guarded(transaction(pool, (client) => append(client, batch)));
      } catch (error) {
        known.forget();
        throw error;
      }
      known.trim();
    },
    rewind: (blockNumber) =>
      guarded(
        transaction(pool, async (client) => {
          await client.query("LOCK TABLE block IN EXCLUSIVE MODE");
          for (const sql of REWIND) await client.query(sql, [(blockNumber + 1) * PLACES_PER_BLOCK]);
          await client.query("DELETE FROM block WHERE number > $1", [blockNumber]);
        }),
      ),
    select: (sql) => selectFromSchema(pool, name, sql),
    close: () => pool.end(),
  };
}

/** What stands from a place on; an event's subjects are in its row, so that theirs need not be searched. */
const REWIND = [
  `DELETE FROM event_subject k USING event e CROSS JOIN jsonb_array_elements_text(e.subjects::jsonb) s
    WHERE e.place >= $1 AND k.subject = s::bigint AND k.place = e.place`,
  `DELETE FROM party_tx p USING (
    SELECT s::bigint AS subject, e.tx AS place FROM event e CROSS JOIN jsonb_array_elements_text(e.subjects::jsonb) s
      WHERE e.place >= $1
    UNION SELECT sender, place FROM tx WHERE place >= $1
    UNION SELECT recipient, place FROM tx WHERE place >= $1
    UNION SELECT created, place FROM tx WHERE place >= $1
  ) gone WHERE p.subject = gone.subject AND p.place = gone.place`,
  "DELETE FROM event WHERE place >= $1",
  "DELETE FROM tx WHERE place >= $1",
];

async function createSchema(client: pg.PoolClient, name: string, chain: ChainKey): Promise<void> {
  // Two that open the same index at once make it once.
  await client.query("SELECT pg_advisory_xact_lock(hashtext($1))", [name]);
  const { rows } = await client.query<Row>("SELECT to_regclass($1) IS NOT NULL AS there", [`${name}.chain`]);
  if (rows[0]?.there !== true) {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${name}`);
    await client.query(schema(POSTGRES));
    const { chainId, genesisHash, instance, deployment } = chain;
    const values = [INDEX_VERSION, chainId, genesisHash, instance, deployment];
    await client.query("INSERT INTO chain VALUES ($1, $2, $3, $4, $5, 0)", values);
  }
  await requireChain(client, name, chain);
  await client.query("UPDATE chain SET opened = $1", [Date.now()]);
}

async function requireChain(client: pg.PoolClient, name: string, chain: ChainKey): Promise<void> {
  const [row] = (await client.query<Row>("SELECT * FROM chain")).rows;
  const same =
    row?.version === INDEX_VERSION &&
    row.chain_id === chain.chainId &&
    row.genesis_hash === chain.genesisHash &&
    row.instance === chain.instance &&
    row.deployment === chain.deployment;
  if (!same) throw indexDamaged(name, "it is of another chain than its name says");
}

/** The numbers of a batch's subjects and event types that are not known in this process yet, asked for at once. */
async function findIds(client: pg.PoolClient, known: KnownIds, batch: Batch): Promise<IdSource> {
  const found = { subject: new Map<string, number>(), event_type: new Map<string, number>() };
  const highest = { subject: 0, event_type: 0 };
  const unknown = known.unknownIn((ids: Ids) => encodeBatch(batch, ids));
  for (const table of ["subject", "event_type"] as const) {
    if (unknown[table].length === 0) continue;
    const columns = Object.keys(WRITTEN[table]).slice(1);
    const wanted = columns.map((_, place) => unknown[table].map((values) => values[place]));
    const arrays = columns.map((_, place) => `$${place + 1}::text[]`);
    const { rows } = await client.query<Row>(
      `SELECT id, ${columns.join(", ")} FROM ${table}
        WHERE (${columns.join(", ")}) IN (SELECT * FROM unnest(${arrays.join(", ")}))`,
      wanted,
    );
    for (const row of rows)
      found[table].set(columns.map((column) => textOf(row, column)).join("\0"), wholeOf(row, "id"));
    const top = await client.query<Row>(`SELECT coalesce(max(id), 0) AS id FROM ${table}`);
    highest[table] = wholeOf(top.rows[0] ?? {}, "id");
  }
  return {
    find: (table: NumberedTable, values) => found[table].get(values.join("\0")),
    highest: (table: NumberedTable) => highest[table],
  };
}

/** All rows in one statement: an array for each column. */
async function insert(client: pg.PoolClient, table: WrittenTable, rows: readonly (readonly Value[])[]): Promise<void> {
  if (rows.length === 0) return;
  const types: string[] = Object.values(WRITTEN[table]);
  const arrays = types.map((type, place) => `$${place + 1}::${type === "text" ? "text" : "bigint"}[]`);
  await client.query(
    `INSERT INTO ${table} SELECT * FROM unnest(${arrays.join(", ")})`,
    types.map((_, place) => rows.map((row) => row[place])),
  );
}
