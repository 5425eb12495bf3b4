import { ZeroHash } from "ethers";
import { JouleworkError } from "../../errors.ts";
import { slotOf, slotStart, SLOT_SECONDS } from "../../units.ts";
import { bookHash, buildBook, compareOrders, encodeEntries } from "../book.ts";
import type { BookOrder, PlacedOrder } from "../book.ts";
import type { MarketDomain } from "../messages.ts";
import { clearingWindows, COMMIT_END_SECONDS, commitWindow, GATE_CLOSURE_SECONDS, isWithin } from "../timeline.ts";
import { ContractRefusal } from "./exchangeLink.ts";
import type { OrderStore, StoredBook } from "./orderStore.ts";
import type { MatcherChain, SlotState } from "./types.ts";

export interface SlotName {
  readonly zone: number;
  readonly slot: number;
}

/** What one step did. */
export interface MatcherStep {
  /** Books fixed. */
  readonly frozen: readonly SlotName[];
  readonly committed: readonly SlotName[];
  readonly cleared: readonly SlotName[];
  readonly final: readonly SlotName[];
  /** Slots that started although their book was not cleared, or for which another book stands on the chain. */
  readonly failed: readonly SlotName[];
  /** A transaction of this account waits for a block: nothing was sent before its outcome is known. */
  readonly blocked: boolean;
}

export interface BookKeeperParameters {
  readonly store: OrderStore;
  readonly chain: MatcherChain;
  readonly domain: MarketDomain;
  readonly zones: readonly number[];
  readonly confirmations: number;
  readonly freezeDelaySeconds: number;
}

interface Tally {
  readonly frozen: SlotName[];
  readonly committed: SlotName[];
  readonly cleared: SlotName[];
  readonly final: SlotName[];
  readonly failed: SlotName[];
  blocked: boolean;
}

/**
 * Carries books from gate closure to their final clearing. The journal says which book, the chain says how far it got:
 * each step reads both, so that a crash between any two lines is followed by what would have come next.
 */
export function createBookKeeper({
  store,
  chain,
  domain,
  zones,
  confirmations,
  freezeDelaySeconds,
}: BookKeeperParameters): { step(chainTime: number): Promise<MatcherStep> } {
  /** Fixes the books whose gate has closed. From here on no order can enter, and the hash never changes. */
  async function freeze(tally: Tally, chainTime: number): Promise<void> {
    const firstOpen = Math.floor((chainTime - freezeDelaySeconds + GATE_CLOSURE_SECONDS) / SLOT_SECONDS) + 1;
    for (const { zone, slot } of store.unfrozenBefore(firstOpen)) {
      const placed = await chain.placedOrders(zone, slot);
      store.journal.progress(() => {
        // An order placed on chain voids the meter's signed one, and a book with both could not be in strict order.
        const { hash, signedHashes } = buildBook({ domain, zone, slot, orders: store.ordersOf(zone, slot), placed });
        store.insertBook({ zone, slot, bookHash: hash, orderHashes: signedHashes });
      });
      tally.frozen.push({ zone, slot });
    }
  }

  /** Orders placed on chain clear also where nobody sent a signed one. */
  async function adoptPlaced(tally: Tally, chainTime: number): Promise<void> {
    const slot = slotOf(chainTime) + 1;
    if (chainTime < slotStart(slot) - COMMIT_END_SECONDS) return;
    for (const zone of zones) {
      if (store.book(zone, slot) !== undefined) continue;
      const state = await chain.slot(zone, slot);
      if (state === undefined || state.placedCount === 0 || state.cleared || state.committed) continue;
      if (!(await chain.placedOrders(zone, slot)).some(({ energyWh }) => energyWh > 0)) continue;
      store.journal.progress(() => store.insertBook({ zone, slot, bookHash: ZeroHash, orderHashes: [] }));
      tally.frozen.push({ zone, slot });
    }
  }

  async function advance(stored: StoredBook, tally: Tally, chainTime: number): Promise<void> {
    const { zone, slot } = stored;
    const state = await chain.slot(zone, slot);
    if (state?.cleared === true) return follow(stored, state, tally);
    // A reorganisation took the clearing away; it is done again while there is time.
    const book: StoredBook = { ...stored, state: "frozen", seenBlock: undefined };
    if (stored.state === "cleared") store.setBook(book, "frozen", undefined);
    const signed = book.bookHash !== ZeroHash;
    const committed = state?.committed === true;
    if (signed && committed && state.bookHash !== book.bookHash) {
      store.setBook(book, "foreign", "AlreadyCommitted");
      tally.failed.push({ zone, slot });
      return;
    }
    if (chainTime >= slotStart(slot)) {
      store.setBook(book, "missed", book.code);
      tally.failed.push({ zone, slot });
      return;
    }
    if (signed && !committed && isWithin(commitWindow(slot), chainTime)) {
      if (!(await attempt(book, tally, () => chain.commitBook(zone, slot, book.bookHash, book.orderHashes.length)))) {
        return;
      }
      tally.committed.push({ zone, slot });
      return clear(book, true, tally, chainTime);
    }
    return clear(book, committed, tally, chainTime);
  }

  async function clear(book: StoredBook, committed: boolean, tally: Tally, chainTime: number): Promise<void> {
    const { zone, slot } = book;
    const window = clearingWindows(slot, committed, true).find((each) => isWithin(each, chainTime));
    if (window === undefined) return;
    const placed = await chain.placedOrders(zone, slot);
    const withSigned = window.book === "committed";
    if (!withSigned && !placed.some(({ energyWh }) => energyWh > 0)) {
      // Every signed order was superseded and every placed one cancelled: nothing is left to do.
      if (book.bookHash === ZeroHash) store.setBook(book, "final", undefined);
      return;
    }
    const { bids, offers } = entriesOf(book, withSigned, placed);
    if (!(await attempt(book, tally, () => chain.clear(zone, slot, encodeEntries(bids), encodeEntries(offers)))))
      return;
    tally.cleared.push({ zone, slot });
    const state = await chain.slot(zone, slot);
    if (state?.cleared === true) await follow(book, state, tally);
  }

  /** The fixed signed orders and what was placed, both sides in strict order. */
  function entriesOf(
    book: StoredBook,
    withSigned: boolean,
    placed: readonly PlacedOrder[],
  ): { bids: BookOrder[]; offers: BookOrder[] } {
    const { zone, slot } = book;
    const wanted = new Set(withSigned ? book.orderHashes : []);
    const signed = store.ordersOf(zone, slot).filter(({ hash }) => wanted.has(hash));
    const onChain = buildBook({ domain, zone, slot, orders: [], placed });
    const bids = [...signed.filter(({ side }) => side === "bid"), ...onChain.bids].sort(compareOrders);
    const offers = [...signed.filter(({ side }) => side === "offer"), ...onChain.offers].sort(compareOrders);
    const hashes = [...bids, ...offers].filter(({ kind }) => kind !== "placed").map(({ hash }) => hash);
    const expected = withSigned ? book.bookHash : ZeroHash;
    if (bookHash(hashes) !== expected) {
      throw new JouleworkError({
        code: "BOOK_INCOMPLETE",
        what: "The journal's orders are not those of the book that it fixed",
        values: { zone, slot, expected, found: bookHash(hashes) },
        hint: "The journal was changed by something else. Keep it for inspection.",
      });
    }
    return { bids, offers };
  }

  /** Notes a clearing, and makes it final when enough blocks are on top of where it was first seen. */
  async function follow(book: StoredBook, state: SlotState, tally: Tally): Promise<void> {
    const { zone, slot } = book;
    const { blockNumber } = await chain.head();
    const seenBlock = book.state === "cleared" ? (book.seenBlock ?? blockNumber) : blockNumber;
    const done = blockNumber >= seenBlock + confirmations;
    const lost = book.bookHash !== ZeroHash && !state.bookCleared;
    if (!done) {
      store.setBook(book, "cleared", undefined, seenBlock);
      return;
    }
    store.setBook(book, lost ? "missed" : "final", lost ? book.code : undefined, seenBlock);
    (lost ? tally.failed : tally.final).push({ zone, slot });
  }

  /** False where nothing was sent or the contract refused; the next step sees on the chain how things stand. */
  async function attempt(book: StoredBook, tally: Tally, send: () => Promise<void>): Promise<boolean> {
    if (await chain.hasWaiting()) {
      tally.blocked = true;
      return false;
    }
    try {
      await send();
      return true;
    } catch (error) {
      if (!(error instanceof ContractRefusal)) throw error;
      store.setBook(book, "frozen", error.errorName);
      return false;
    }
  }

  return {
    async step(chainTime) {
      const tally: Tally = { frozen: [], committed: [], cleared: [], final: [], failed: [], blocked: false };
      await freeze(tally, chainTime);
      await adoptPlaced(tally, chainTime);
      for (const book of store.openBooks()) await advance(book, tally, chainTime);
      return tally;
    },
  };
}
