import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chainName } from "../../../explorer/store/chainName.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import type { Batch, Store } from "../../../explorer/store/store.ts";
import { newChain } from "./stores.ts";
import { mixedBatches } from "./mixedBatches.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("npm run sql", () => {
  let folder: string;
  let store: Store;
  const [older, newer] = [newChain(), newChain()];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "joulework-sql-"));
    await (await sqliteStores({ folder })(older)).close();
    store = await sqliteStores({ folder })(newer);
    for (const batch of mixedBatches().map(hostile)) await store.append(batch);
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function sql(...words: string[]): Run {
    const script = ["--import", "./scripts/quiet.mjs", "scripts/sql.ts", "--data", folder, ...words];
    return spawnSync(process.execPath, script, { cwd: ROOT, encoding: "utf8" });
  }

  it("prints a table of the index that was opened last, while it is still being written", () => {
    const { status, stdout } = sql("select name, log_index from events order by log_index");
    expect(status).to.equal(0);
    expect(stdout).to.match(/name.*log_index[^]*Called.*0[^]*Made.*1/);
  });

  it("prints comma-separated values and JSON that are read back as they were", () => {
    const question = "select log_index, args ->> 'what' as what from events order by log_index";
    const { stdout } = sql("--json", question);
    const rows = JSON.parse(stdout) as readonly { readonly log_index: number; readonly what: string | null }[];
    expect(rows).to.deep.equal([
      { log_index: 0, what: null },
      { log_index: 1, what: HOSTILE },
    ]);
    expect(sql("--csv", question).stdout).to.equal(`log_index,what\n0,\n1,"${HOSTILE.replaceAll('"', '""')}"\n`);
  });

  it("lets no text from the chain steer the terminal", () => {
    const { stdout } = sql("select args ->> 'what' as what from events");
    expect(stdout).to.include("red");
    expect(stdout).to.not.match(/[^\P{Cc}\n]/u);
  });

  it("reads the question from a file, and asks another index by its name", () => {
    const file = join(folder, "question.sql");
    writeFileSync(file, "select count(*) as n from events");
    expect(sql("--csv", "--file", file).stdout).to.equal("n\n2\n");
    expect(sql("--csv", "--index", chainName(older), "--file", file).stdout).to.equal("n\n0\n");
    const listed = sql("--csv", "--list").stdout.split("\n");
    expect(listed.slice(1, 3).map((line) => line.split(",")[0])).to.deep.equal([chainName(newer), chainName(older)]);
  });

  it("explains what is wrong, without a stack", () => {
    for (const [words, code] of [
      [["delete from event"], "SELECT_REFUSED"],
      [["--index", "another", "select 1"], "INDEX_MISSING"],
      [[], "OPTION_INVALID"],
      [["--store", "postgres://nobody@127.0.0.1:1/none", "select 1"], "INDEX_UNREACHABLE"],
    ] as const) {
      const { status, stderr } = sql(...words);
      expect(status, stderr).to.equal(1);
      expect(stderr)
        .to.match(new RegExp(`^Error ${code}: `))
        .and.not.match(/^\s+at /m);
    }
  });
});

const HOSTILE = 'a "quoted" \u001b[31mred';

function hostile(batch: Batch): Batch {
  const events = batch.events.map((event) =>
    event.name === "Made" ? { ...event, args: JSON.stringify({ what: HOSTILE }) } : event,
  );
  return { ...batch, events };
}
