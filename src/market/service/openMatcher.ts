import { getAddress, isAddress } from "ethers";
import { JouleworkError } from "../../errors.ts";
import { SLOTS_PER_DAY, slotOf } from "../../units.ts";
import { MAX_BOOK_ORDERS, MAX_PLACED_ORDERS } from "../book.ts";
import type { MarketDomain } from "../messages.ts";
import { receiveOrder, signReceipt } from "../sign.ts";
import type { OrderReceipt, SignedOrder } from "../sign.ts";
import type { SigningKey } from "../signer.ts";
import { admitOrders, refusalOf, requireOpenGate } from "./admitOrder.ts";
import { createBookKeeper } from "./keepBooks.ts";
import type { MatcherStep } from "./keepBooks.ts";
import { openOrderStore } from "./orderStore.ts";
import type { StoredOrder } from "./orderStore.ts";
import type { BookState, BookStatus, MatcherChain, OrderInput, OrderStatus } from "./types.ts";

export interface MatcherParameters {
  readonly journalPath: string;
  readonly chain: MatcherChain;
  readonly domain: MarketDomain;
  /** Signs receipts; the chain's account must be the same key, because the contract compares both with the zone's matcher. */
  readonly matcherKey: SigningKey;
  readonly zones: readonly number[];
  /** Blocks on top of a clearing before it counts as final. */
  readonly confirmations?: number;
  /** Seconds after gate closure before the book is fixed, so that placed orders are in blocks that stay. */
  readonly freezeDelaySeconds?: number;
  /** Orders are refused when the chain's time was not heard of for this long; a receipt is a promise that needs a chain. */
  readonly staleAfterMs?: number;
  /** Orders and books are forgotten after this many slots; a fault can be proven for 128. */
  readonly keepSlots?: number;
  readonly maxPages?: number;
}

export interface MatcherHealth {
  readonly matcher: string;
  readonly chainTime: number | undefined;
  readonly orders: number;
  readonly books: Readonly<Record<BookState, number>>;
}

/** What became of one order of a list: a receipt, or why it got none. */
export type OrderOutcome =
  | { readonly receipt: OrderReceipt; readonly refusal?: undefined }
  | { readonly receipt?: undefined; readonly refusal: JouleworkError };

export interface Matcher {
  /**
   * Takes a signed order into the book of its slot. When the promise resolves, the order is on the disk and the receipt
   * binds the matcher. The same order again gives the same receipt.
   */
  submit(order: OrderInput): Promise<OrderReceipt>;
  /**
   * Many orders in one write, each with its own outcome by place: a wrong one does not hold the others up. Throws where
   * none can be taken, because the chain or the disk does not answer.
   */
  submitAll(orders: readonly OrderInput[]): Promise<OrderOutcome[]>;
  /** Does everything that is due at this chain time; the caller owns the clock. */
  step(chainTime: number): Promise<MatcherStep>;
  order(meter: string, slot: number): OrderStatus | undefined;
  book(zone: number, slot: number): BookStatus | undefined;
  health(): MatcherHealth;
  close(): void;
}

/** Room is left for every order that may still be placed on chain, so that no receipt is given for a book too large. */
export const MAX_SIGNED_ORDERS = MAX_BOOK_ORDERS - MAX_PLACED_ORDERS;

/** Opens the matcher on its journal: orders receipted and books fixed by an earlier process go on. */
export function openMatcher({
  journalPath,
  chain,
  domain,
  matcherKey,
  zones,
  confirmations = 0,
  freezeDelaySeconds = 0,
  staleAfterMs,
  keepSlots = 8 * SLOTS_PER_DAY,
  maxPages,
}: MatcherParameters): Matcher {
  if (matcherKey.address !== chain.account) {
    throw new JouleworkError({
      code: "MATCHER_KEY_WRONG",
      what: "Receipts and transactions are signed by different keys",
      values: { receipts: matcherKey.address, transactions: chain.account },
      hint: "Use the zone's matcher key for both.",
    });
  }
  const store = openOrderStore(journalPath, maxPages);
  const keeper = createBookKeeper({ store, chain, domain, zones, confirmations, freezeDelaySeconds });
  let heard: { readonly chainTime: number; readonly at: number } | undefined;
  let steps: Promise<unknown> = Promise.resolve();

  function chainTimeNow(): number {
    if (heard !== undefined && (staleAfterMs === undefined || Date.now() - heard.at <= staleAfterMs)) {
      return heard.chainTime;
    }
    throw new JouleworkError({
      code: "CHAIN_TIME_UNKNOWN",
      what: "The chain has not been heard of lately, so no order can be promised a place",
      values: heard === undefined ? {} : { chainTime: heard.chainTime },
      hint: "Try again in a moment, or place the order on chain.",
    });
  }

  /** What stands against a new order whatever its content, at this moment. */
  function gateProblem(order: SignedOrder): JouleworkError | undefined {
    return refusalOf(() => requireOpenGate(order, chainTimeNow()));
  }

  /** What the journal answers about an order, if its meter has one for the slot. */
  function knownOutcome(order: SignedOrder): OrderOutcome | undefined {
    const known = store.find(order.meter, order.slot);
    return known === undefined ? undefined : sameOrder(known, order.hash, matcherKey.address);
  }

  /** Puts an admitted order into the journal. The chain was asked meanwhile: another order, or gate closure, may be first. */
  function enter(order: SignedOrder): OrderOutcome {
    const known = knownOutcome(order);
    if (known !== undefined) return known;
    const late = gateProblem(order);
    if (late !== undefined) return { refusal: late };
    if (store.book(order.zone, order.slot) !== undefined) return { refusal: gateClosed(order.slot) };
    if (store.countOf(order.zone, order.slot) >= MAX_SIGNED_ORDERS) return { refusal: bookFull(order.slot) };
    const receipt = signReceipt(domain, matcherKey, order);
    store.insert({ ...order, receipt: receipt.signature });
    return { receipt };
  }

  async function submitAll(inputs: readonly OrderInput[]): Promise<OrderOutcome[]> {
    const received = inputs.map((input) => receive(input, domain, zones));
    const early = received.map((order): OrderOutcome | undefined => {
      if (order instanceof JouleworkError) return { refusal: order };
      const known = knownOutcome(order);
      if (known !== undefined) return known;
      const refusal = gateProblem(order);
      return refusal === undefined ? undefined : { refusal };
    });
    const fresh = received.flatMap((order, place) =>
      order instanceof JouleworkError || early[place] !== undefined ? [] : [order],
    );
    const problems = await admitOrders({ chain, domain, orders: fresh, matcher: matcherKey.address });
    const problemOf = new Map(fresh.map((order, place) => [order, problems[place]]));
    return store.journal.write(() =>
      received.map((order, place) => {
        if (order instanceof JouleworkError) return { refusal: order };
        const problem = problemOf.get(order);
        return early[place] ?? (problem === undefined ? enter(order) : { refusal: problem });
      }),
    );
  }

  return {
    submitAll,
    async submit(input) {
      const [outcome] = await submitAll([input]);
      if (outcome === undefined) throw new RangeError("an order has no outcome");
      if (outcome.receipt === undefined) throw outcome.refusal;
      return outcome.receipt;
    },
    step: (chainTime) => {
      heard = { chainTime, at: Date.now() };
      // Two at once would send the same book.
      const result = steps.then(() => keeper.step(chainTime));
      steps = result.catch(() => undefined);
      return result.then((done) => {
        const oldest = slotOf(chainTime) - keepSlots;
        if (oldest > 0) store.prune(oldest);
        store.journal.restoreReserve();
        return done;
      });
    },
    order: (meter, slot) => {
      const stored = isAddress(meter) ? store.find(getAddress(meter), slot) : undefined;
      if (stored === undefined) return undefined;
      const { zone, hash } = stored;
      const receipt = receiptOf(stored, matcherKey.address);
      return { meter: stored.meter, zone, slot, orderHash: hash, receipt, book: store.book(zone, slot)?.state };
    },
    book: (zone, slot) => {
      const stored = store.book(zone, slot);
      if (stored === undefined) return undefined;
      const { bookHash, orderHashes, state, code } = stored;
      return { zone, slot, bookHash, orderHashes, state, code };
    },
    health: () => ({ matcher: matcherKey.address, chainTime: heard?.chainTime, ...store.counts() }),
    close: () => store.journal.close(),
  };
}

function receiptOf({ zone, slot, hash, receipt }: StoredOrder, matcher: string): OrderReceipt {
  return { zone, slot, orderHash: hash, matcher, signature: receipt };
}

/** The order with its signer, or what is wrong with it whatever the time. */
function receive(input: OrderInput, domain: MarketDomain, zones: readonly number[]): SignedOrder | JouleworkError {
  if (!zones.includes(input.zone)) return zoneNotServed(input.zone, zones);
  try {
    return receiveOrder(domain, input, input.signature, input.meter);
  } catch (error) {
    if (error instanceof JouleworkError) return error;
    throw error;
  }
}

function sameOrder(known: StoredOrder, hash: string, matcher: string): OrderOutcome {
  if (known.hash === hash) return { receipt: receiptOf(known, matcher) };
  return {
    refusal: new JouleworkError({
      code: "ORDER_ALREADY_GIVEN",
      what: "The meter has another order in the book of this slot",
      values: { meter: known.meter, slot: known.slot, known: known.hash, given: hash },
      hint: "One order a meter and slot. Placing or cancelling on chain before gate closure supersedes it.",
    }),
  };
}

function zoneNotServed(zone: number, zones: readonly number[]): JouleworkError {
  return new JouleworkError({
    code: "ZONE_NOT_SERVED",
    what: "This matcher does not serve the zone",
    values: { zone, served: zones.join(", ") },
    hint: "Send the order to the zone's own matcher.",
  });
}

function gateClosed(slot: number): JouleworkError {
  return new JouleworkError({
    code: "GATE_CLOSED",
    what: "The book of the slot is fixed",
    values: { slot },
    hint: "Order for a later slot.",
  });
}

function bookFull(slot: number): JouleworkError {
  return new JouleworkError({
    code: "BOOK_FULL",
    what: "The book of the slot has no room left",
    values: { slot, most: MAX_SIGNED_ORDERS },
    hint: "Place the order on chain, or order for a later slot.",
  });
}
