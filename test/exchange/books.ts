import { concat, keccak256 } from "ethers";
import type { Book } from "../../src/market/book.ts";
import { encodeEntries } from "../../src/market/book.ts";
import type { SignedOrder } from "../../src/market/sign.ts";
import type { TestMarket } from "../support/testMarket.ts";

/** Commit whatever hash, in the matcher's window. */
export async function commitHash(market: TestMarket, slot: number, hash: string, orders = 1, zone = 1) {
  await market.at(slot, -590);
  return market.exchange.connect(market.matcher).commitBook(zone, slot, hash, orders);
}

/** Clear with whatever bytes, as the matcher, 450 seconds before the slot. */
export async function clearBytes(market: TestMarket, slot: number, bids: string, offers: string, zone = 1) {
  await market.at(slot, -450);
  return market.exchange.connect(market.matcher).clear(zone, slot, bids, offers);
}

/** Commit to a book and clear what its sides encode to. */
export async function clearBook(market: TestMarket, book: Book) {
  await commitHash(market, book.slot, book.hash, book.signedHashes.length);
  return clearBytes(market, book.slot, encodeEntries(book.bids), encodeEntries(book.offers));
}

/** Hash of a book whose orders come in this sequence, sorted or not. */
export function hashOf(orders: readonly SignedOrder[]): string {
  return keccak256(concat(orders.map((order) => order.hash)));
}

/** Half the order of secp256k1. In 64 bytes only an `s` between it and 2^255 can be in the upper half. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** 64 bytes with this `s` and an `r` that is on the curve. */
export function signatureWith(s: bigint): string {
  return `0x${"00".repeat(31)}01${s.toString(16).padStart(64, "0")}`;
}

/** The least `s` that has a smaller twin. */
export const MALLEABLE = signatureWith(HALF_ORDER + 1n);
/** The largest one that is accepted. */
export const LARGEST_S = signatureWith(HALF_ORDER);
/** No point of the curve has 5 as its abscissa. */
export const UNRECOVERABLE = `0x${"00".repeat(31)}05${"00".repeat(31)}01`;
