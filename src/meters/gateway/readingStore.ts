import type { BlockMark } from "../../market/service/exchangeLink.ts";
import { openJournal } from "../../journal/openJournal.ts";
import type { Journal } from "../../journal/openJournal.ts";
import { integerOf, optionalInteger, optionalText, textOf } from "../../journal/row.ts";
import type { Row } from "../../journal/row.ts";
import type { ReadingState, ReadingStatus } from "./types.ts";

/** A reading with what is needed to send it. */
export interface StoredReading extends ReadingStatus {
  readonly id: number;
  readonly signature: string;
  /** Newest block when the reading was handed to the chain, or accepted. */
  readonly fromBlock: number;
}

export interface ReadingStore {
  readonly journal: Journal;
  /** The zone of a meter that was found on the chain before. */
  zoneOf(meter: string): number | undefined;
  rememberMeter(meter: string, zone: number): void;
  find(meter: string, slot: number): StoredReading | undefined;
  insert(reading: Omit<StoredReading, "id" | "state" | "code" | "attempts" | "block">): void;
  /** Zones and slots with something to send at this chain time, oldest slot first. */
  dueGroups(chainTime: number): { readonly zone: number; readonly slot: number }[];
  due(zone: number, slot: number, chainTime: number, earlierSlotsOver: boolean, most: number): StoredReading[];
  markSending(readings: readonly StoredReading[], fromBlock: number): void;
  sending(): StoredReading[];
  mined(): StoredReading[];
  markMined(reading: StoredReading, block: BlockMark, code: string | undefined): void;
  markFinal(reading: StoredReading): void;
  /** Back to waiting; not tried again before `notBefore`. */
  postpone(reading: StoredReading, notBefore: number, code: string | undefined): void;
  counts(): Record<ReadingState, number>;
  /** Forgets what is final and older than `slot`, so many at once that a nearly full disk can bear it. */
  prune(slot: number): number;
}

const SCHEMA = `
CREATE TABLE meters (
  meter TEXT PRIMARY KEY,
  zone INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE readings (
  id INTEGER PRIMARY KEY,
  meter TEXT NOT NULL,
  slot INTEGER NOT NULL,
  zone INTEGER NOT NULL,
  import_wh INTEGER NOT NULL,
  export_wh INTEGER NOT NULL,
  signature TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'mined', 'settled', 'refused')),
  code TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  from_block INTEGER NOT NULL,
  block_number INTEGER,
  block_hash TEXT,
  UNIQUE (meter, slot)
) STRICT;
CREATE INDEX readings_open ON readings (state, slot, zone) WHERE state IN ('waiting', 'sending', 'mined');
CREATE INDEX readings_by_slot ON readings (slot);
`;

const FORGOTTEN_AT_ONCE = 1_000;

/** Opens the gateway's journal. */
export function openReadingStore(path: string, maxPages?: number): ReadingStore {
  const journal = openJournal({
    path,
    service: "gateway",
    migrations: [SCHEMA],
    ...(maxPages === undefined ? {} : { maxPages }),
  });
  const select = (where: string, ...values: (string | number)[]): StoredReading[] =>
    journal.all(`SELECT * FROM readings ${where}`, ...values).map(readingOf);

  return {
    journal,
    zoneOf: (meter) => {
      const row = journal.get("SELECT zone FROM meters WHERE meter = ?", meter);
      return row === undefined ? undefined : integerOf(row, "zone");
    },
    rememberMeter: (meter, zone) => {
      journal.run(
        "INSERT INTO meters (meter, zone) VALUES (?, ?) ON CONFLICT (meter) DO UPDATE SET zone = excluded.zone",
        meter,
        zone,
      );
    },
    find: (meter, slot) => select("WHERE meter = ? AND slot = ?", meter, slot)[0],
    insert: ({ meter, slot, zone, importWh, exportWh, signature, fromBlock }) => {
      journal.run(
        "INSERT INTO readings (meter, slot, zone, import_wh, export_wh, signature, from_block) VALUES (?, ?, ?, ?, ?, ?, ?)",
        meter,
        slot,
        zone,
        importWh,
        exportWh,
        signature,
        fromBlock,
      );
    },
    dueGroups: (chainTime) =>
      journal
        .all(
          "SELECT DISTINCT zone, slot FROM readings WHERE state = 'waiting' AND not_before <= ? ORDER BY slot, zone",
          chainTime,
        )
        .map((row) => ({ zone: integerOf(row, "zone"), slot: integerOf(row, "slot") })),
    due: (zone, slot, chainTime, earlierSlotsOver, most) =>
      select(
        `AS r WHERE state = 'waiting' AND zone = ? AND slot = ? AND not_before <= ? AND (? OR NOT EXISTS (
          SELECT 1 FROM readings AS e
          WHERE e.meter = r.meter AND e.slot < r.slot AND e.state IN ('waiting', 'sending')
        )) ORDER BY id LIMIT ?`,
        zone,
        slot,
        chainTime,
        earlierSlotsOver ? 1 : 0,
        most,
      ),
    markSending: (readings, fromBlock) =>
      journal.progress(() => {
        for (const { id } of readings) {
          journal.run("UPDATE readings SET state = 'sending', from_block = ? WHERE id = ?", fromBlock, id);
        }
      }),
    sending: () => select("WHERE state = 'sending' ORDER BY slot, id"),
    mined: () => select("WHERE state = 'mined' ORDER BY block_number, id"),
    markMined: ({ id }, { number, hash }, code) => {
      journal.run(
        "UPDATE readings SET state = 'mined', code = ?, block_number = ?, block_hash = ? WHERE id = ?",
        code ?? null,
        number,
        hash,
        id,
      );
    },
    markFinal: ({ id, code }) => {
      journal.run("UPDATE readings SET state = ? WHERE id = ?", code === undefined ? "settled" : "refused", id);
    },
    postpone: ({ id }, notBefore, code) => {
      journal.run(
        `UPDATE readings SET state = 'waiting', code = ?, attempts = attempts + 1, not_before = ?,
         block_number = NULL, block_hash = NULL WHERE id = ?`,
        code ?? null,
        notBefore,
        id,
      );
    },
    counts: () => {
      const counts = { waiting: 0, sending: 0, mined: 0, settled: 0, refused: 0 };
      for (const row of journal.all("SELECT state, count(*) AS readings FROM readings GROUP BY state")) {
        counts[textOf(row, "state") as ReadingState] = integerOf(row, "readings");
      }
      return counts;
    },
    prune: (slot) =>
      journal.progress(() =>
        journal.run(
          `DELETE FROM readings WHERE id IN (
            SELECT id FROM readings WHERE slot < ? AND state IN ('settled', 'refused') LIMIT ?
          )`,
          slot,
          FORGOTTEN_AT_ONCE,
        ),
      ),
  };
}

function readingOf(row: Row): StoredReading {
  const number = optionalInteger(row, "block_number");
  const hash = optionalText(row, "block_hash");
  return {
    id: integerOf(row, "id"),
    meter: textOf(row, "meter"),
    slot: integerOf(row, "slot"),
    zone: integerOf(row, "zone"),
    importWh: integerOf(row, "import_wh"),
    exportWh: integerOf(row, "export_wh"),
    signature: textOf(row, "signature"),
    // The table's check allows nothing else.
    state: textOf(row, "state") as ReadingState,
    code: optionalText(row, "code"),
    attempts: integerOf(row, "attempts"),
    fromBlock: integerOf(row, "from_block"),
    block: number === undefined || hash === undefined ? undefined : { number, hash },
  };
}
