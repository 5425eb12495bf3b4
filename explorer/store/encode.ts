import { getChecksum } from "../../src/chain/checksum.ts";
import { placeOf } from "./place.ts";
import type { Batch, EventKey, EventRow } from "./store.ts";

/** Tables that a batch writes, in the order of their columns. */
export const WRITTEN = {
  subject: ["id", "kind", "value"],
  event_type: ["id", "contract", "address", "name"],
  block: ["number", "hash", "parent_hash", "time", "gas_used", "gas_limit", "transactions"],
  tx: ["place", "hash", "sender", "recipient", "nonce", "contract", "method", "succeeded", "gas_used", "created"],
  event: ["place", "tx", "type", "args", "subjects"],
  event_subject: ["subject", "place", "type"],
  party_tx: ["subject", "place"],
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
