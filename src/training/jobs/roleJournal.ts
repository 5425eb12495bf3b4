import { randomBytes } from "node:crypto";
import { openJournal, type Journal, type JournalParameters } from "../../journal/openJournal.ts";
import { textOf, type Row } from "../../journal/row.ts";
import { JouleworkError } from "../../errors.ts";
import { jobError } from "./jobErrors.ts";
import type { JobsChain } from "./jobsChain.ts";

/** How a role's journal is opened; tests pass one that fails where they choose. */
export type OpenJournal = (parameters: JournalParameters) => Journal;

export interface RoleJournalParameters {
  readonly path: string;
  readonly role: "worker" | "evaluator" | "requester" | "provider" | "verifier";
  readonly chain: Pick<JobsChain, "account" | "chainId" | "contract">;
  /** The role's own tables, and what was changed about them since, in the order of versions. */
  readonly schemas: readonly string[];
  readonly open?: OpenJournal | undefined;
}

const OWNER = "CREATE TABLE owner (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL) STRICT;";

/**
 * Opens the journal of a role. It belongs to one account of one contract on one chain: what was committed there has no
 * meaning elsewhere.
 *
 * @throws JOB_JOURNAL_FOREIGN, and those of `openJournal`.
 */
export function openRoleJournal({ path, role, chain, schemas, open = openJournal }: RoleJournalParameters): Journal {
  const [first = "", ...changes] = schemas;
  const journal = open({ path, service: `training-${role}`, migrations: [`${OWNER}\n${first}`, ...changes] });
  try {
    const name = `${chain.chainId}/${chain.contract.toLowerCase()}/${chain.account.toLowerCase()}`;
    const known = journal.get("SELECT name FROM owner WHERE id = 1");
    if (known === undefined) {
      journal.write(() => journal.run("INSERT INTO owner (id, name) VALUES (1, ?)", name));
    } else if (textOf(known, "name") !== name) {
      throw jobError("JOB_JOURNAL_FOREIGN", "The journal belongs to another account, contract or chain", {
        path,
        belongsTo: textOf(known, "name"),
        asked: name,
      });
    }
    return journal;
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** What hides a commitment until it is opened: 32 random bytes. */
export function newSalt(): string {
  return `0x${randomBytes(32).toString("hex")}`;
}

/** A column that holds bytes; undefined where they were let go. */
export function optionalBytes(row: Row, column: string): Uint8Array | undefined {
  const value = row[column];
  if (value === null) return undefined;
  if (value instanceof Uint8Array) return value;
  throw new JouleworkError({
    code: "JOURNAL_DAMAGED",
    what: "The journal holds something else than its schema says",
    values: { column, found: typeof value },
    hint: "Keep the file for inspection and start with a new journal: what is on the chain is found there again.",
  });
}

/** The journal's round started from another model than the chain's. */
export function roundChanged(job: number, round: number, journaled: string, onChain: string): Error {
  return jobError("JOB_ROUND_CHANGED", "The journal's round is another than the chain's", {
    job,
    round,
    journaled,
    onChain,
  });
}
