import { getAddress, keccak256, ZeroHash } from "ethers";
import { JouleworkError } from "../errors.ts";
import { readUint, toBytes, toHex, writeUint } from "./bytes.ts";
import { orderDigest, orderHash, type MarketDomain, type Order } from "./messages.ts";
import type { Side } from "./side.ts";
import { receiveOrder, type SignedOrder } from "./sign.ts";

/** Orders of a slot, those placed on chain included. */
export const MAX_BOOK_ORDERS = 1000;
/** Orders and cancellations that a slot's list on chain holds. */
export const MAX_PLACED_ORDERS = 64;

/** An entry of the slot's list on chain; a cancellation has no energy. Its index is its place in the list. */
export interface PlacedOrder {
  readonly meter: string;
  readonly side: Side;
  readonly energyWh: number;
  readonly limitPrice: number;
}

export interface PlacedBookOrder extends Order {
  readonly kind: "placed";
  readonly meter: string;
  readonly hash: string;
  readonly placedIndex: number;
}

export type BookOrder = SignedOrder | PlacedBookOrder;

export interface Book {
  readonly zone: number;
  readonly slot: number;
  /** Both sides in strict order. */
  readonly bids: readonly BookOrder[];
  readonly offers: readonly BookOrder[];
  /** Order hashes of the signed orders, bids then offers: what is committed and what a fault is proven against. */
  readonly signedHashes: readonly string[];
  readonly hash: string;
  /** Signed orders that an entry of the chain's list makes void; they are not in the book. */
  readonly superseded: readonly SignedOrder[];
}

export interface BookParameters {
  readonly domain: MarketDomain;
  readonly zone: number;
  readonly slot: number;
  readonly orders: readonly SignedOrder[];
  /** The slot's list on chain, cancellations included, in its own order. */
  readonly placed?: readonly PlacedOrder[];
}

const KIND_SIGNED = 0;
const KIND_DELEGATED = 1;
const KIND_PLACED = 2;
const ENTRY_BYTES = [72, 92, 2] as const;

/** Sorts what was gathered into the book of a slot. */
export function buildBook({ domain, zone, slot, orders, placed = [] }: BookParameters): Book {
  const listed = new Set(placed.map((entry) => getAddress(entry.meter)));
  const seen = new Set<string>();
  const kept: BookOrder[] = [];
  const superseded: SignedOrder[] = [];
  for (const order of orders) {
    if (order.zone !== zone || order.slot !== slot)
      refuse("BOOK_FOREIGN_ORDER", "The order belongs to another book", order);
    if (seen.has(order.meter)) refuse("BOOK_METER_TWICE", "The book has two orders of one meter", order);
    seen.add(order.meter);
    if (listed.has(order.meter)) superseded.push(order);
    else kept.push(order);
  }
  placed.forEach((entry, placedIndex) => {
    if (entry.energyWh !== 0) kept.push(placedBookOrder(domain, zone, slot, entry, placedIndex));
  });
  if (kept.length > MAX_BOOK_ORDERS) {
    throw new JouleworkError({
      code: "BOOK_TOO_LARGE",
      what: "The book has more orders than a slot may have",
      values: { orders: kept.length, most: MAX_BOOK_ORDERS },
      hint: "Leave out orders that got no receipt.",
    });
  }
  const bids = kept.filter((order) => order.side === "bid").sort(compareOrders);
  const offers = kept.filter((order) => order.side === "offer").sort(compareOrders);
  const signedHashes = [...bids, ...offers].filter((order) => order.kind !== "placed").map((order) => order.hash);
  return { zone, slot, bids, offers, signedHashes, hash: bookHash(signedHashes), superseded };
}

/** The strict order of one side: bids by falling, offers by rising limit price, ties by rising order hash. */
export function compareOrders(
  a: { readonly side: Side; readonly limitPrice: number; readonly hash: string },
  b: { readonly side: Side; readonly limitPrice: number; readonly hash: string },
): number {
  if (a.limitPrice !== b.limitPrice) {
    return a.side === "bid" ? b.limitPrice - a.limitPrice : a.limitPrice - b.limitPrice;
  }
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}

/** Hash of the signed orders of a book; zero for none. */
export function bookHash(signedHashes: readonly string[]): string {
  if (signedHashes.length === 0) return ZeroHash;
  const bytes = new Uint8Array(32 * signedHashes.length);
  signedHashes.forEach((hash, index) => bytes.set(toBytes("orderHash", hash, 32), 32 * index));
  return keccak256(bytes);
}

/** Calldata of one side for `clear`. */
export function encodeEntries(orders: readonly BookOrder[]): string {
  const bytes = new Uint8Array(orders.reduce((sum, order) => sum + ENTRY_BYTES[kindOf(order)], 0));
  let offset = 0;
  for (const order of orders) {
    const kind = kindOf(order);
    bytes[offset] = kind;
    if (order.kind === "placed") {
      writeUint(bytes, offset + 1, 1, order.placedIndex);
    } else {
      checkFields(order);
      writeUint(bytes, offset + 1, 3, order.energyWh);
      writeUint(bytes, offset + 4, 4, order.limitPrice);
      bytes.set(toBytes("signature", order.signature, 64), offset + 8);
      if (kind === KIND_DELEGATED) bytes.set(toBytes("meter", order.meter, 20), offset + 72);
    }
    offset += ENTRY_BYTES[kind];
  }
  return toHex(bytes);
}

/** Both sides of a book as the arguments of `clear`. */
export function encodeBook(book: Book): { bidEntries: string; offerEntries: string } {
  return { bidEntries: encodeEntries(book.bids), offerEntries: encodeEntries(book.offers) };
}

/** The orders behind one side's calldata, with the checks that `clear` makes on bytes alone. */
export function decodeEntries(
  { domain, zone, slot, placed = [] }: Omit<BookParameters, "orders">,
  side: Side,
  entries: string,
): BookOrder[] {
  const bytes = toBytes("entries", entries);
  const orders: BookOrder[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const kind = bytes[offset] ?? 0;
    const size = ENTRY_BYTES[kind];
    if (size === undefined || offset + size > bytes.length) {
      throw new JouleworkError({
        code: size === undefined ? "BOOK_ENTRY_KIND_UNKNOWN" : "BOOK_ENTRY_TRUNCATED",
        what: size === undefined ? "The entry has an unknown kind" : "The last entry is not complete",
        values: { entry: orders.length, kind, offset, length: bytes.length },
        hint: "Encode the side with encodeEntries.",
      });
    }
    const order =
      kind === KIND_PLACED
        ? placedEntry({ domain, zone, slot, placed }, side, bytes[offset + 1] ?? 0)
        : signedEntry(domain, { zone, slot, side }, bytes.subarray(offset, offset + size), kind);
    const last = orders.at(-1);
    if (last !== undefined && compareOrders(last, order) >= 0) {
      refuse("BOOK_UNSORTED", "The entries are not in strict order", order);
    }
    orders.push(order);
    offset += size;
  }
  return orders;
}

function signedEntry(
  domain: MarketDomain,
  { zone, slot, side }: Pick<Order, "zone" | "slot" | "side">,
  entry: Uint8Array,
  kind: number,
): SignedOrder {
  const order = { zone, slot, side, energyWh: readUint(entry, 1, 3), limitPrice: readUint(entry, 4, 4) };
  const meter = kind === KIND_DELEGATED ? toHex(entry.subarray(72, 92)) : undefined;
  const received = receiveOrder(domain, order, toHex(entry.subarray(8, 72)), meter);
  if (order.energyWh === 0) refuse("ORDER_ENERGY_INVALID", "The order asks for no energy", received);
  return received;
}

function placedEntry(
  { domain, zone, slot, placed = [] }: Omit<BookParameters, "orders">,
  side: Side,
  placedIndex: number,
): PlacedBookOrder {
  const entry = placed[placedIndex];
  if (entry === undefined || entry.energyWh === 0 || entry.side !== side) {
    throw new JouleworkError({
      code: "BOOK_NO_PLACED_ORDER",
      what: "There is no live placed order at this index",
      values: { placedIndex, side, placed: placed.length },
      hint: "Read the slot's list of placed orders again.",
    });
  }
  return placedBookOrder(domain, zone, slot, entry, placedIndex);
}

// A placed order has the hash that the device key's order with the same content would have.
function placedBookOrder(
  domain: MarketDomain,
  zone: number,
  slot: number,
  { meter, side, energyWh, limitPrice }: PlacedOrder,
  placedIndex: number,
): PlacedBookOrder {
  const order = { zone, slot, side, energyWh, limitPrice };
  return { kind: "placed", ...order, meter, hash: orderHash(orderDigest(domain, order), meter), placedIndex };
}

function kindOf(order: BookOrder): 0 | 1 | 2 {
  if (order.kind === "placed") return KIND_PLACED;
  return order.kind === "signed" ? KIND_SIGNED : KIND_DELEGATED;
}

function checkFields(order: SignedOrder): void {
  const fits = order.energyWh > 0 && order.energyWh < 2 ** 24 && order.limitPrice >= 0 && order.limitPrice < 2 ** 32;
  if (!fits) refuse("ORDER_ENERGY_INVALID", "The order's energy or limit price does not fit an entry", order);
}

function refuse(code: string, what: string, order: BookOrder): never {
  const { meter, zone, slot, side, energyWh, limitPrice } = order;
  throw new JouleworkError({
    code,
    what,
    values: { meter, zone, slot, side, energyWh, limitPrice },
    hint: "Leave the order out, or build the book again from the orders of this zone and slot.",
  });
}
