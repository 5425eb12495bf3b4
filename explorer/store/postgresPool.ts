import pg from "pg";

const CONNECTIONS = 8;
const CONNECT_MS = 5_000;

/** Connections to a database, whose tables are looked for in `schema`. */
export function openPool(connectionString: string, schema: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    options: `-c search_path=${schema}`,
    types: types(),
  });
  // A connection that breaks while nobody uses it is replaced; whoever uses one gets the error.
  pool.on("error", () => undefined);
  return pool;
}

/** All of `work` or nothing of it. */
export async function transaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((failure: unknown) => {
      broken = failure as Error;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Whole numbers as numbers where they are exact, else as text. */
function types(): pg.CustomTypesConfig {
  const overrides = new pg.TypeOverrides();
  for (const type of [pg.types.builtins.INT8, pg.types.builtins.NUMERIC]) {
    overrides.setTypeParser(type, (text) => {
      const value = Number(text);
      return Number.isSafeInteger(value) && !text.includes(".") ? value : text;
    });
  }
  return overrides;
}
