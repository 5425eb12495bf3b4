import type { Source } from "../../../api/primitives.ts";
import type { EventFilter, Position, Store, StoredEvent } from "../../../store/store.ts";
import { badRequest } from "../../problems.ts";

/** The log that a figure comes from. */
export function sourceOf({
  transactionHash,
  blockNumber,
  logIndex,
}: Pick<StoredEvent, "transactionHash" | "blockNumber" | "logIndex">): Source {
  return { transactionHash, blockNumber, logIndex };
}

/** An event as lists show it. */
export function eventAnswer(event: StoredEvent) {
  const { time, contract, address, name } = event;
  const args = JSON.parse(event.args) as Record<string, unknown>;
  return { source: sourceOf(event), time, contract, address, name, args };
}

/** Where a list goes on after a place. */
function cursorOf({ blockNumber, index }: Position): string {
  return `${String(blockNumber)}-${String(index)}`;
}

/** The place that a cursor stands for. */
export function placeOf(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const match = /^(\d{1,15})-(\d{1,9})$/.exec(cursor);
  if (match === null) {
    throw badRequest("CURSOR_INVALID", "The list has no such place", { cursor }, "Take the `next` of an answer.");
  }
  return { blockNumber: Number(match[1]), index: Number(match[2]) };
}

/** Rows of a page: one more is asked for, which says whether there is another page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  place: (row: Row) => Position,
): { readonly rows: readonly Row[]; readonly next?: string } {
  if (rows.length <= limit) return { rows };
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return last === undefined ? { rows: kept } : { rows: kept, next: cursorOf(place(last)) };
}

/** Newest events that fit a filter, with the cursor of the next page. */
export async function eventPage(store: Store, filter: EventFilter, limit: number, cursor?: string) {
  const after = placeOf(cursor);
  const found = await store.events(filter, { limit: limit + 1, ...(after === undefined ? {} : { after }) });
  const { rows, next } = pageOf(found, limit, ({ blockNumber, logIndex }) => ({ blockNumber, index: logIndex }));
  return { events: rows.map(eventAnswer), ...(next === undefined ? {} : { next }) };
}
