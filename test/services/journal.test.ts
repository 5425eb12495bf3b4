import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import { openJournal } from "../../src/journal/openJournal.ts";
import type { Journal } from "../../src/journal/openJournal.ts";
import { integerOf } from "../../src/journal/row.ts";

const FIRST = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT";
const SECOND = "ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL DEFAULT 3";

describe("journal", () => {
  let folder: string;
  let path: string;
  const opened: Journal[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "joulework-journal-"));
    path = join(folder, "journal.sqlite");
  });

  afterEach(() => {
    for (const journal of opened.splice(0)) journal.close();
    rmSync(folder, { recursive: true });
  });

  function open(migrations: readonly string[] = [FIRST], service = "test", maxPages?: number): Journal {
    const journal = openJournal({ path, service, migrations, ...(maxPages === undefined ? {} : { maxPages }) });
    opened.push(journal);
    return journal;
  }

  function codeOf(work: () => unknown): string {
    try {
      work();
    } catch (error) {
      return error instanceof JouleworkError ? error.code : String(error);
    }
    return "nothing thrown";
  }

  it("keeps every commit on the disk: write-ahead log with full synchronisation", () => {
    const journal = open();
    expect(journal.get("PRAGMA journal_mode")).to.deep.include({ journal_mode: "wal" });
    // 2 = FULL: the log is synchronised at every commit.
    expect(journal.get("PRAGMA synchronous")).to.deep.include({ synchronous: 2 });
  });

  it("brings an older file to the newest schema and keeps its rows", () => {
    const old = open([FIRST]);
    old.run("INSERT INTO notes (text) VALUES ('kept')");
    old.close();
    const journal = open([FIRST, SECOND]);
    expect(journal.get("SELECT text, stars FROM notes")).to.deep.include({ text: "kept", stars: 3 });
  });

  it("refuses a file of a newer version", () => {
    open([FIRST, SECOND]).close();
    expect(codeOf(() => open([FIRST]))).to.equal("JOURNAL_TOO_NEW");
  });

  it("refuses the journal of another service, another program's database, and what is no database", () => {
    open([FIRST], "gateway").close();
    expect(codeOf(() => open([FIRST], "matcher"))).to.equal("JOURNAL_FOREIGN");
    path = join(folder, "other.sqlite");
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE things (id INTEGER)");
    other.close();
    expect(codeOf(() => open())).to.equal("JOURNAL_FOREIGN");
    path = join(folder, "notes.txt");
    writeFileSync(path, "these are notes and no database at all, however long they get");
    expect(codeOf(() => open())).to.equal("JOURNAL_DAMAGED");
  });

  it("refuses a second holder", () => {
    open();
    expect(codeOf(() => open())).to.equal("JOURNAL_IN_USE");
  });

  it("undoes a write that fails in its middle", () => {
    const journal = open();
    const fail = (): void =>
      journal.write(() => {
        journal.run("INSERT INTO notes (text) VALUES ('half')");
        throw new Error("in the middle");
      });
    expect(fail).to.throw("in the middle");
    expect(journal.all("SELECT * FROM notes")).to.deep.equal([]);
  });

  it("says that the disk is full, keeps what it had, and goes on when there is room again", () => {
    const journal = open([FIRST], "test", 16);
    let kept = 0;
    const fill = (): void => {
      for (;;) {
        journal.write(() => journal.run("INSERT INTO notes (text) VALUES (?)", "x".repeat(1_000)));
        kept += 1;
      }
    };
    expect(codeOf(fill)).to.equal("JOURNAL_FULL");
    const row = journal.get("SELECT count(*) AS notes FROM notes");
    expect(row === undefined ? undefined : integerOf(row, "notes")).to.equal(kept);
    expect(kept).to.be.greaterThan(5);
    journal.run("DELETE FROM notes WHERE id <= 4");
    journal.write(() => journal.run("INSERT INTO notes (text) VALUES ('room again')"));
  });

  it("lets what was accepted be finished from the reserve, and accepts nothing until that is set aside again", () => {
    const journal = open([FIRST], "test", 16);
    const add = (id: number): number =>
      journal.run("INSERT INTO notes (id, text) VALUES (?, ?)", id, "x".repeat(1_000));
    let id = 0;
    const fill = (): void => {
      for (;;) journal.write(() => add((id += 1)));
    };
    expect(codeOf(fill)).to.equal("JOURNAL_FULL");
    journal.progress(() => journal.run("UPDATE notes SET text = text || text WHERE id <= 8"));
    expect(codeOf(() => journal.write(() => add(id)))).to.equal("JOURNAL_FULL");
    journal.restoreReserve();
    expect(codeOf(() => journal.write(() => add(id)))).to.equal("JOURNAL_FULL");
    journal.progress(() => journal.run("DELETE FROM notes WHERE id <= 12"));
    journal.restoreReserve();
    journal.write(() => add(id));
  });
});
