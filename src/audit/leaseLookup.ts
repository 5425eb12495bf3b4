import type { LeaseEntry, MarketState, OfferEntry } from "./leaseState.ts";
import { mismatch } from "./mismatch.ts";

export function offerOf({ offers }: MarketState, offer: bigint): OfferEntry {
  return offers.get(Number(offer)) ?? mismatch("The event names an offer that was never made", { offer });
}

export function leaseOf({ leases }: MarketState, lease: bigint): LeaseEntry {
  return leases.get(Number(lease)) ?? mismatch("The event names a lease that nobody asked for", { lease });
}

export function running({ state }: LeaseEntry): boolean {
  return state === "active" || state === "paused";
}
