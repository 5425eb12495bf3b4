import type { Position } from "../../store/store.ts";

export const ROWS_AT_ONCE = 1_000;

/** All rows of a list of the store after a place, page by page, up to the first that is beyond what is wanted. */
export async function storedPages<Row>(
  ask: (after: Position) => Promise<readonly Row[]>,
  placeOf: (row: Row) => Position,
  start: Position,
  isBeyond: (row: Row) => boolean = () => false,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after = start; ;) {
    const part = await ask(after);
    rows.push(...part.filter((row) => !isBeyond(row)));
    const last = part.at(-1);
    if (last === undefined || part.length < ROWS_AT_ONCE || isBeyond(last)) return rows;
    after = placeOf(last);
  }
}
