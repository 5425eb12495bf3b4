import { expect } from "chai";
import pg from "pg";
import { postgresStores } from "../../../explorer/store/postgresStore.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { postgresPrograms, startPostgres, type StartedPostgres } from "./startPostgres.ts";
import { newChain } from "./stores.ts";

const PASSWORD = "correct-horse";

/** Why no index can be opened at an address. */
async function refusalOf(connectionString: string): Promise<JouleworkError> {
  try {
    await (await postgresStores({ connectionString })(newChain())).close();
  } catch (error) {
    if (error instanceof JouleworkError) return error;
    throw error;
  }
  throw new Error("the index was opened");
}

describe("a PostgreSQL server that asks who is there", function () {
  let address: string;
  let server: StartedPostgres | undefined;
  before(async function () {
    const programs = postgresPrograms();
    if (programs === undefined) {
      if (process.env.JOULEWORK_REQUIRE_POSTGRES === "1") throw new Error("PostgreSQL is required and not installed");
      this.skip();
    }
    server = await startPostgres(programs, PASSWORD);
    address = server.connectionString;
  });
  after(() => server?.stop());

  const changed = (change: (url: URL) => void): string => {
    const url = new URL(address);
    change(url);
    return url.href;
  };

  it("lets in who has the password, in the address or in PGPASSWORD", async () => {
    await (await postgresStores({ connectionString: address })(newChain())).close();
    process.env.PGPASSWORD = PASSWORD;
    try {
      const connectionString = changed((url) => (url.password = ""));
      await (await postgresStores({ connectionString })(newChain())).close();
    } finally {
      delete process.env.PGPASSWORD;
    }
  });

  it("says where the password goes to who has a wrong one, none, or an unknown name", async () => {
    for (const change of [
      (url: URL) => (url.password = "wrong"),
      (url: URL) => (url.password = ""),
      (url: URL) => (url.username = "nobody"),
    ]) {
      const { code, hint } = await refusalOf(changed(change));
      expect(code).to.equal("INDEX_REFUSED");
      expect(hint).to.include("postgres://user:password@host/database");
    }
  });

  it("names a database that is not there", async () => {
    const { code, values, hint } = await refusalOf(changed((url) => (url.pathname = "/elsewhere")));
    expect(code).to.equal("INDEX_REFUSED");
    expect(values.problem).to.include("elsewhere");
    expect(hint).to.include("createdb");
  });

  it("says so to a user that may make no schema", async () => {
    const owner = new pg.Client({ connectionString: address });
    await owner.connect();
    await owner.query("CREATE ROLE reader LOGIN PASSWORD 'reading'");
    await owner.end();
    const { code, hint } = await refusalOf(
      changed((url) => {
        url.username = "reader";
        url.password = "reading";
      }),
    );
    expect(code).to.equal("INDEX_REFUSED");
    expect(hint).to.include("may create schemas");
  });
});
