import type { Journal } from "../../journal/openJournal.ts";
import type { JobsChain } from "./jobsChain.ts";
import { openRoleJournal, type OpenJournal } from "./roleJournal.ts";

const SCHEMA = `CREATE TABLE posts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  spec_hash TEXT NOT NULL,
  validation_root TEXT NOT NULL,
  job INTEGER UNIQUE
) STRICT;
CREATE TABLE slices (
  post INTEGER NOT NULL REFERENCES posts (id),
  round INTEGER NOT NULL,
  hash TEXT NOT NULL,
  proof TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (post, round)
) STRICT;`;

/** The journal of a requester: its posts and their validation slices. */
export function openRequesterJournal({
  path,
  chain,
  open,
}: {
  readonly path: string;
  readonly chain: JobsChain;
  readonly open?: OpenJournal | undefined;
}): Journal {
  return openRoleJournal({ path, role: "requester", chain, schemas: [SCHEMA], open });
}
