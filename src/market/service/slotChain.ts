import type { ConnectedExchange } from "../../chain/exchange.ts";
import type { SlotState } from "./types.ts";

// Bits of a record's status, as in SlotRecords.sol.
const CLEARED = 2;
const COMMITTED = 4;
const FEEDER_READ = 8;
const BOOK_CLEARED = 128;

/** What the record of a slot says; undefined where the slot was never touched. */
export async function readSlotState(
  exchange: ConnectedExchange,
  zone: number,
  slot: number,
): Promise<SlotState | undefined> {
  const record = await exchange.slot(zone, slot);
  if (record === undefined) return undefined;
  const { status, bookHash, placedCount, openPositions, readCount } = record;
  return {
    committed: (status & COMMITTED) !== 0,
    cleared: (status & CLEARED) !== 0,
    bookCleared: (status & BOOK_CLEARED) !== 0,
    feederRead: (status & FEEDER_READ) !== 0,
    bookHash,
    placedCount,
    openPositions,
    readCount,
  };
}
