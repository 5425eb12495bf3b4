import { openJournal } from "../../journal/openJournal.ts";
import type { Journal } from "../../journal/openJournal.ts";
import { integerOf, optionalInteger, optionalText, textOf } from "../../journal/row.ts";
import type { Row } from "../../journal/row.ts";
import type { SignedOrder } from "../sign.ts";
import type { BookState, BookStatus } from "./types.ts";

export interface StoredOrder extends SignedOrder {
  /** The matcher's signature on the receipt. */
  readonly receipt: string;
}

export interface StoredBook extends BookStatus {
  /** Newest block when the slot was first seen cleared. */
  readonly seenBlock: number | undefined;
}

export interface OrderStore {
  readonly journal: Journal;
  find(meter: string, slot: number): StoredOrder | undefined;
  insert(order: StoredOrder): void;
  ordersOf(zone: number, slot: number): StoredOrder[];
  countOf(zone: number, slot: number): number;
  /** Slots with orders and no book whose gate is closed: those before `slot`. */
  unfrozenBefore(slot: number): { readonly zone: number; readonly slot: number }[];
  book(zone: number, slot: number): StoredBook | undefined;
  insertBook(book: Pick<StoredBook, "zone" | "slot" | "bookHash" | "orderHashes">): void;
  openBooks(): StoredBook[];
  setBook(book: StoredBook, state: BookState, code: string | undefined, seenBlock?: number): void;
  counts(): { readonly orders: number; readonly books: Record<BookState, number> };
  prune(slot: number): void;
}

const SCHEMA = `
CREATE TABLE orders (
  meter TEXT NOT NULL,
  slot INTEGER NOT NULL,
  zone INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('signed', 'delegated')),
  side TEXT NOT NULL CHECK (side IN ('bid', 'offer')),
  energy_wh INTEGER NOT NULL,
  limit_price INTEGER NOT NULL,
  signature TEXT NOT NULL,
  hash TEXT NOT NULL,
  receipt TEXT NOT NULL,
  PRIMARY KEY (meter, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_slot ON orders (slot, zone);
CREATE TABLE books (
  zone INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  hash TEXT NOT NULL,
  order_hashes TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'frozen' CHECK (state IN ('frozen', 'cleared', 'final', 'missed', 'foreign')),
  code TEXT,
  seen_block INTEGER,
  PRIMARY KEY (zone, slot)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER books_never_change BEFORE UPDATE OF zone, slot, hash, order_hashes ON books
BEGIN
  SELECT RAISE(ABORT, 'a book never changes once it is frozen');
END;
`;

// A nearly full disk can bear no more in one transaction.
const FORGOTTEN_AT_ONCE = 1_000;

/** Opens the matcher's journal. */
export function openOrderStore(path: string, maxPages?: number): OrderStore {
  const journal = openJournal({
    path,
    service: "matcher",
    migrations: [SCHEMA],
    ...(maxPages === undefined ? {} : { maxPages }),
  });
  return {
    journal,
    find: (meter, slot) =>
      journal.all("SELECT * FROM orders WHERE meter = ? AND slot = ?", meter, slot).map(orderOf)[0],
    insert: ({ meter, slot, zone, kind, side, energyWh, limitPrice, signature, hash, receipt }) => {
      journal.run(
        `INSERT INTO orders (meter, slot, zone, kind, side, energy_wh, limit_price, signature, hash, receipt)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        meter,
        slot,
        zone,
        kind,
        side,
        energyWh,
        limitPrice,
        signature,
        hash,
        receipt,
      );
    },
    ordersOf: (zone, slot) =>
      journal.all("SELECT * FROM orders WHERE slot = ? AND zone = ? ORDER BY hash", slot, zone).map(orderOf),
    countOf: (zone, slot) => {
      const row = journal.get("SELECT count(*) AS orders FROM orders WHERE slot = ? AND zone = ?", slot, zone);
      return row === undefined ? 0 : integerOf(row, "orders");
    },
    unfrozenBefore: (slot) =>
      journal
        .all(
          `SELECT DISTINCT zone, slot FROM orders AS o WHERE slot < ? AND NOT EXISTS (
            SELECT 1 FROM books AS b WHERE b.zone = o.zone AND b.slot = o.slot
          ) ORDER BY slot, zone`,
          slot,
        )
        .map((row) => ({ zone: integerOf(row, "zone"), slot: integerOf(row, "slot") })),
    book: (zone, slot) => journal.all("SELECT * FROM books WHERE zone = ? AND slot = ?", zone, slot).map(bookOf)[0],
    insertBook: ({ zone, slot, bookHash, orderHashes }) => {
      journal.run(
        "INSERT INTO books (zone, slot, hash, order_hashes) VALUES (?, ?, ?, ?)",
        zone,
        slot,
        bookHash,
        JSON.stringify(orderHashes),
      );
    },
    openBooks: () =>
      journal.all("SELECT * FROM books WHERE state IN ('frozen', 'cleared') ORDER BY slot, zone").map(bookOf),
    setBook: ({ zone, slot }, state, code, seenBlock) => {
      journal.progress(() =>
        journal.run(
          "UPDATE books SET state = ?, code = ?, seen_block = ? WHERE zone = ? AND slot = ?",
          state,
          code ?? null,
          seenBlock ?? null,
          zone,
          slot,
        ),
      );
    },
    counts: () => {
      const books = { frozen: 0, cleared: 0, final: 0, missed: 0, foreign: 0 };
      for (const row of journal.all("SELECT state, count(*) AS books FROM books GROUP BY state")) {
        books[textOf(row, "state") as BookState] = integerOf(row, "books");
      }
      const row = journal.get("SELECT count(*) AS orders FROM orders");
      return { orders: row === undefined ? 0 : integerOf(row, "orders"), books };
    },
    prune: (slot) =>
      journal.progress(() => {
        journal.run("DELETE FROM books WHERE slot < ? AND state NOT IN ('frozen', 'cleared')", slot);
        journal.run(
          "DELETE FROM orders WHERE (meter, slot) IN (SELECT meter, slot FROM orders WHERE slot < ? LIMIT ?)",
          slot,
          FORGOTTEN_AT_ONCE,
        );
      }),
  };
}

function orderOf(row: Row): StoredOrder {
  return {
    meter: textOf(row, "meter"),
    slot: integerOf(row, "slot"),
    zone: integerOf(row, "zone"),
    // The table's checks allow nothing else.
    kind: textOf(row, "kind") as SignedOrder["kind"],
    side: textOf(row, "side") as SignedOrder["side"],
    energyWh: integerOf(row, "energy_wh"),
    limitPrice: integerOf(row, "limit_price"),
    signature: textOf(row, "signature"),
    hash: textOf(row, "hash"),
    receipt: textOf(row, "receipt"),
  };
}

function bookOf(row: Row): StoredBook {
  return {
    zone: integerOf(row, "zone"),
    slot: integerOf(row, "slot"),
    bookHash: textOf(row, "hash"),
    orderHashes: JSON.parse(textOf(row, "order_hashes")) as string[],
    state: textOf(row, "state") as BookState,
    code: optionalText(row, "code"),
    seenBlock: optionalInteger(row, "seen_block"),
  };
}
