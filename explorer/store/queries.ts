import { getChecksum } from "../../src/chain/checksum.ts";
import { JouleworkError } from "../../src/errors.ts";
import type { Value } from "./encode.ts";
import { PLACES_PER_BLOCK, placeOf } from "./place.ts";
import { optionalText, textOf, wholeOf, type Row } from "./row.ts";
import type {
  BlockRow,
  EventFilter,
  EventKey,
  PageOptions,
  Position,
  Store,
  StoredEvent,
  StoredTransaction,
} from "./store.ts";

/** Runs a query with its values at $1, $2 and so on. */
export type Ask = (sql: string, values?: readonly Value[]) => Promise<readonly Row[]>;

type Queries = Omit<Store, "kind" | "append" | "rewind" | "select" | "close">;

const MOST_ROWS = 1_000;

const BLOCK = "SELECT number, hash, parent_hash, time, gas_used, gas_limit, transactions FROM block";

const TRANSACTION = `
  SELECT x.place, x.hash, x.nonce, x.contract, x.method, x.succeeded, x.gas_used, b.time,
    sender.value AS sender, recipient.value AS recipient, created.value AS created
  FROM tx x
  JOIN block b ON b.number = x.place / ${PLACES_PER_BLOCK}
  JOIN subject sender ON sender.id = x.sender
  LEFT JOIN subject recipient ON recipient.id = x.recipient
  LEFT JOIN subject created ON created.id = x.created`;

const EVENT = `
  SELECT e.place, e.tx, e.args, t.contract, t.address, t.name, x.hash, b.time
  FROM event e
  JOIN event_type t ON t.id = e.type
  JOIN tx x ON x.place = e.tx
  JOIN block b ON b.number = e.place / ${PLACES_PER_BLOCK}`;

/** Everything that is read from an index, in SQL that both databases speak. Each list is read along an index of the database. */
export function queries(ask: Ask): Queries {
  async function one<T>(parse: (row: Row) => T, sql: string, values: readonly Value[]): Promise<T | undefined> {
    const [row] = await ask(sql, values);
    return row === undefined ? undefined : parse(row);
  }

  async function subjectId(kind: EventKey["kind"], value: string): Promise<number | undefined> {
    const wanted = kind === "party" ? getChecksum(value) : value;
    return one((row) => wholeOf(row, "id"), "SELECT id FROM subject WHERE kind = $1 AND value = $2", [kind, wanted]);
  }

  async function typeIds({ contract, names }: EventFilter): Promise<number[] | undefined> {
    if (contract === undefined && names === undefined) return undefined;
    const rows = await ask("SELECT id, contract, name FROM event_type");
    return rows
      .filter(
        (row) =>
          (contract === undefined || row.contract === contract) && (names?.includes(textOf(row, "name")) ?? true),
      )
      .map((row) => wholeOf(row, "id"));
  }

  /** The ranges of an index whose places are the filter's events; undefined where there are none. */
  async function ranges(filter: EventFilter): Promise<{ readonly from: string; readonly where: string[] } | undefined> {
    const types = await typeIds(filter);
    if (types?.length === 0) return undefined;
    const [key, ...others] = [...(filter.key === undefined ? [] : [filter.key]), ...(filter.also ?? [])];
    if (key === undefined) {
      return { from: "event", where: types === undefined ? ["1 = 1"] : types.map((type) => `type = ${String(type)}`) };
    }
    const subject = await subjectId(key.kind, key.value);
    if (subject === undefined) return undefined;
    const also = await Promise.all(others.map(({ kind, value }) => subjectId(kind, value)));
    const known = also.filter((id) => id !== undefined);
    if (known.length < also.length) return undefined;
    const together = known.map(
      (id) =>
        `AND EXISTS (SELECT 1 FROM event_subject other WHERE other.subject = ${String(id)} AND other.place = event_subject.place)`,
    );
    const about = [`subject = ${String(subject)}`, ...together].join(" ");
    return {
      from: "event_subject",
      where: types === undefined ? [about] : types.map((type) => `${about} AND type = ${String(type)}`),
    };
  }

  return {
    head: () => one(parseBlock, `${BLOCK} ORDER BY number DESC LIMIT 1`, []),
    block: (id) => one(parseBlock, `${BLOCK} WHERE ${typeof id === "number" ? "number" : "hash"} = $1`, [id]),
    async blocks(page) {
      const { limit, direction, beyond } = checked(page);
      const start = page.after === undefined ? "" : `WHERE number ${beyond} ${String(page.after.blockNumber)}`;
      return (await ask(`${BLOCK} ${start} ORDER BY number ${direction} LIMIT ${limit}`)).map(parseBlock);
    },
    transaction: (hash) => one(parseTransaction, `${TRANSACTION} WHERE x.hash = $1`, [hash]),
    async transactionsOfBlock(blockNumber, page) {
      const { limit, direction, after } = checked(page);
      const rows = await ask(
        `${TRANSACTION} WHERE x.place >= $1 AND x.place < $2 ${after("x.place")} ORDER BY x.place ${direction} LIMIT ${limit}`,
        [placeOf({ blockNumber, index: 0 }), placeOf({ blockNumber: blockNumber + 1, index: 0 })],
      );
      return rows.map(parseTransaction);
    },
    async transactionsOf(address, page) {
      const { limit, direction, after } = checked(page);
      const subject = await subjectId("party", address);
      if (subject === undefined) return [];
      const rows = await ask(
        `${TRANSACTION} JOIN (
          SELECT place FROM party_tx WHERE subject = $1 ${after("place")} ORDER BY place ${direction} LIMIT ${limit}
        ) p ON p.place = x.place ORDER BY x.place ${direction}`,
        [subject],
      );
      return rows.map(parseTransaction);
    },
    async transactionBySenderAndNonce(sender, nonce) {
      const subject = await subjectId("party", sender);
      if (subject === undefined) return undefined;
      return one(parseTransaction, `${TRANSACTION} WHERE x.sender = $1 AND x.nonce = $2`, [subject, nonce]);
    },
    async creationOf(address) {
      const subject = await subjectId("party", address);
      if (subject === undefined) return undefined;
      return one(parseTransaction, `${TRANSACTION} WHERE x.created = $1 ORDER BY x.place DESC LIMIT 1`, [subject]);
    },
    async events(filter, page) {
      const { limit, direction, after } = checked(page);
      const found = await ranges(filter);
      if (found === undefined) return [];
      const parts = found.where.map(
        (where) =>
          `SELECT * FROM (SELECT place FROM ${found.from} WHERE ${where} ${within(filter)} ${after("place")}
            ORDER BY place ${direction} LIMIT ${limit}) part`,
      );
      const rows = await ask(
        `${EVENT} JOIN (
          SELECT place FROM (${parts.join(" UNION ALL ")}) parts ORDER BY place ${direction} LIMIT ${limit}
        ) p ON p.place = e.place ORDER BY e.place ${direction}`,
      );
      return rows.map(parseEvent);
    },
    async eventsOfTransaction(hash) {
      const place = await one((row) => wholeOf(row, "place"), "SELECT place FROM tx WHERE hash = $1", [hash]);
      if (place === undefined) return [];
      const blockNumber = Math.floor(place / PLACES_PER_BLOCK);
      const rows = await ask(`${EVENT} WHERE e.place >= $1 AND e.place < $2 AND e.tx = $3 ORDER BY e.place`, [
        placeOf({ blockNumber, index: 0 }),
        placeOf({ blockNumber: blockNumber + 1, index: 0 }),
        place,
      ]);
      return rows.map(parseEvent);
    },
    async countEvents(filter) {
      const found = await ranges(filter);
      if (found === undefined) return 0;
      const parts = found.where.map(
        (where) => `SELECT count(*) AS n FROM ${found.from} WHERE ${where} ${within(filter)}`,
      );
      const rows = await ask(parts.join(" UNION ALL "));
      return rows.reduce((sum, row) => sum + wholeOf(row, "n"), 0);
    },
    async subjects({ after, limit }) {
      const rows = await ask(
        `SELECT id, kind, value FROM subject WHERE id > $1 ORDER BY id LIMIT ${checked({ limit }).limit}`,
        [after],
      );
      return rows.map((row) => ({
        id: wholeOf(row, "id"),
        key: { kind: textOf(row, "kind"), value: textOf(row, "value") } as EventKey,
      }));
    },
  };
}

interface CheckedPage {
  readonly limit: string;
  readonly direction: "ASC" | "DESC";
  readonly beyond: "<" | ">";
  /** Only what comes after the page's place. */
  readonly after: (column: string) => string;
}

function checked({ limit, order = "newest", after }: PageOptions): CheckedPage {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS) {
    throw new JouleworkError({
      code: "PAGE_LIMIT_INVALID",
      what: "A page holds another number of rows",
      values: { limit, least: 1, most: MOST_ROWS },
      hint: "Ask for fewer and go on after the last.",
    });
  }
  const beyond = order === "newest" ? "<" : ">";
  return {
    limit: String(limit),
    direction: order === "newest" ? "DESC" : "ASC",
    beyond,
    after: (column) => (after === undefined ? "" : `AND ${column} ${beyond} ${String(placeOf(whole(after)))}`),
  };
}

function within({ fromBlock, toBlock }: EventFilter): string {
  const from =
    fromBlock === undefined ? "" : `AND place >= ${String(placeOf(whole({ blockNumber: fromBlock, index: 0 })))}`;
  const to =
    toBlock === undefined ? "" : `AND place < ${String(placeOf(whole({ blockNumber: toBlock + 1, index: 0 })))}`;
  return `${from} ${to}`;
}

/** These numbers become part of SQL. */
function whole(position: Position): Position {
  if (Number.isSafeInteger(position.blockNumber) && Number.isSafeInteger(position.index)) return position;
  throw new JouleworkError({
    code: "POSITION_INVALID",
    what: "A place in the chain is not made of whole numbers",
    values: { blockNumber: position.blockNumber, index: position.index },
    hint: "Give the number of a block and an index in it.",
  });
}

function parseBlock(row: Row): BlockRow {
  return {
    number: wholeOf(row, "number"),
    hash: textOf(row, "hash"),
    parentHash: textOf(row, "parent_hash"),
    time: wholeOf(row, "time"),
    gasUsed: wholeOf(row, "gas_used"),
    gasLimit: wholeOf(row, "gas_limit"),
    transactions: wholeOf(row, "transactions"),
  };
}

function parseTransaction(row: Row): StoredTransaction {
  const { blockNumber, index } = positionOf(wholeOf(row, "place"));
  return {
    hash: textOf(row, "hash"),
    blockNumber,
    index,
    time: wholeOf(row, "time"),
    from: textOf(row, "sender"),
    to: optionalText(row, "recipient"),
    nonce: wholeOf(row, "nonce"),
    contract: optionalText(row, "contract"),
    method: optionalText(row, "method"),
    succeeded: wholeOf(row, "succeeded") === 1,
    gasUsed: wholeOf(row, "gas_used"),
    createdContract: optionalText(row, "created"),
  };
}

function parseEvent(row: Row): StoredEvent {
  const { blockNumber, index } = positionOf(wholeOf(row, "place"));
  return {
    blockNumber,
    logIndex: index,
    time: wholeOf(row, "time"),
    transactionHash: textOf(row, "hash"),
    transactionIndex: positionOf(wholeOf(row, "tx")).index,
    address: textOf(row, "address"),
    contract: textOf(row, "contract"),
    name: textOf(row, "name"),
    args: textOf(row, "args"),
  };
}

function positionOf(place: number): Position {
  return { blockNumber: Math.floor(place / PLACES_PER_BLOCK), index: place % PLACES_PER_BLOCK };
}
