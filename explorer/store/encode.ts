import { getChecksum } from "../../src/chain/checksum.ts";
import { placeOf } from "./place.ts";
import type { Batch, EventKey, EventRow } from "./store.ts";

const INTEGER = "integer";
const TEXT = "text";

/** Tables that a batch writes, with their columns in order. */
export const WRITTEN = {
  subject: { id: INTEGER, kind: TEXT, value: TEXT },
  event_type: { id: INTEGER, contract: TEXT, address: TEXT, name: TEXT },
  block: {
    number: INTEGER,
    hash: TEXT,
    parent_hash: TEXT,
    time: INTEGER,
    gas_used: INTEGER,
    gas_limit: INTEGER,
    transactions: INTEGER,
  },
  tx: {
    place: INTEGER,
    hash: TEXT,
    sender: INTEGER,
    recipient: INTEGER,
    nonce: INTEGER,
    contract: TEXT,
    method: TEXT,
    succeeded: INTEGER,
    gas_used: INTEGER,
    created: INTEGER,
  },
  event: { place: INTEGER, tx: INTEGER, type: INTEGER, args: TEXT, subjects: TEXT },
  event_subject: { subject: INTEGER, place: INTEGER, type: INTEGER },
  party_tx: { subject: INTEGER, place: INTEGER },
} as const;

export type WrittenTable = keyof typeof WRITTEN;
export type Value = number | string | null;
export type Rows = Readonly<Record<Exclude<WrittenTable, "subject" | "event_type">, readonly (readonly Value[])[]>>;

export type EventType = Pick<EventRow, "contract" | "address" | "name">;

/** Numbers of subjects and event types; what is not known yet gets the next. */
export interface Ids {
  subject(kind: EventKey["kind"], value: string): number;
  eventType(type: EventType): number;
}

/** The rows of a batch, with what they are about by number. */
export function encodeBatch({ blocks, transactions, events }: Batch, ids: Ids): Rows {
  const party = (address: string): number => ids.subject("party", getChecksum(address));
  const optionalParty = (address: string | null): number | null => (address === null ? null : party(address));
  const parties = new Map<number, Set<number>>();
  const tx = transactions.map((row) => {
    const place = placeOf(row);
    const sender = party(row.from);
    const recipient = optionalParty(row.to);
    const created = optionalParty(row.createdContract);
    parties.set(place, new Set([sender, recipient, created].filter((id) => id !== null)));
    const { hash, nonce, contract, method, succeeded, gasUsed } = row;
    return [place, hash, sender, recipient, nonce, contract, method, succeeded ? 1 : 0, gasUsed, created];
  });
  const eventSubjects: number[][] = [];
  const event = events.map((row) => {
    const place = placeOf({ blockNumber: row.blockNumber, index: row.logIndex });
    const txPlace = placeOf({ blockNumber: row.blockNumber, index: row.transactionIndex });
    const type = ids.eventType(row);
    const subjects = new Set<number>();
    for (const { kind, value } of row.keys) {
      const id = ids.subject(kind, value);
      subjects.add(id);
      if (kind === "party") parties.get(txPlace)?.add(id);
    }
    for (const id of subjects) eventSubjects.push([id, place, type]);
    return [place, txPlace, type, row.args, `[${[...subjects].join(",")}]`];
  });
  return {
    block: blocks.map(({ number, hash, parentHash, time, gasUsed, gasLimit, transactions: count }) => [
      number,
      hash,
      parentHash,
      time,
      gasUsed,
      gasLimit,
      count,
    ]),
    tx,
    event,
    event_subject: inOrder(eventSubjects),
    party_tx: inOrder([...parties].flatMap(([place, members]) => [...members].map((member) => [member, place]))),
  };
}

// A tree is filled fastest by neighbours.
function inOrder(rows: number[][]): number[][] {
  return rows.sort(([a = 0, aPlace = 0], [b = 0, bPlace = 0]) => a - b || aPlace - bPlace);
}
