import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { chainName } from "../../../explorer/store/chainName.ts";
import { sqliteError } from "../../../explorer/store/indexErrors.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { codeOf } from "../support/codeOf.ts";
import { newChain } from "./stores.ts";

describe("an index that cannot be used", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "joulework-failures-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("is called damaged where the file holds something else", async () => {
    const chain = newChain();
    writeFileSync(join(folder, `${chainName(chain)}.sqlite`), "no database ".repeat(1_000));
    expect(await codeOf(sqliteStores({ folder })(chain))).to.equal("INDEX_DAMAGED");
  });

  it("is called damaged where it is another program's database, which gets no tables of ours", async () => {
    const chain = newChain();
    const path = join(folder, `${chainName(chain)}.sqlite`);
    const other = new DatabaseSync(path);
    other.exec("PRAGMA application_id = 42; CREATE TABLE theirs (a)");
    other.close();
    expect(await codeOf(sqliteStores({ folder })(chain))).to.equal("INDEX_DAMAGED");
    const after = new DatabaseSync(path);
    expect(after.prepare("SELECT name FROM sqlite_schema").all()).to.deep.equal([{ name: "theirs" }]);
    after.close();
  });

  it("is called damaged where a file was renamed to another chain's", async () => {
    const [chain, other] = [newChain(), newChain()];
    await (await sqliteStores({ folder })(chain)).close();
    const from = new DatabaseSync(join(folder, `${chainName(chain)}.sqlite`));
    from.exec(`VACUUM INTO '${join(folder, `${chainName(other)}.sqlite`)}'`);
    from.close();
    expect(await codeOf(sqliteStores({ folder })(other))).to.equal("INDEX_DAMAGED");
  });

  it("names a full disk, and a file that another process writes", () => {
    const path = join(folder, "small.sqlite");
    const small = new DatabaseSync(path);
    small.exec("CREATE TABLE t (a BLOB); PRAGMA max_page_count = 8");
    expect(codeIn(() => small.exec("INSERT INTO t VALUES (zeroblob(100000))"), path)).to.equal("INDEX_FULL");
    small.exec("BEGIN IMMEDIATE");
    const second = new DatabaseSync(path, { timeout: 0 });
    expect(codeIn(() => second.exec("BEGIN IMMEDIATE"), path)).to.equal("INDEX_IN_USE");
    second.close();
    small.close();
  });

  it("leaves every other failure as it is", () => {
    const failure = new TypeError("a defect");
    expect(sqliteError(failure, "path")).to.equal(failure);
  });
});

function codeIn(work: () => void, path: string): string {
  try {
    work();
    return "none";
  } catch (error) {
    const named = sqliteError(error, path);
    return named instanceof JouleworkError ? named.code : String(named);
  }
}
