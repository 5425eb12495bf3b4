import { compareRequests, type WaitingRequest } from "./compareRequests.ts";

/** So many requests wait for one offer. */
const MAX_WAITING = 16;

/** An offer that takes requests. */
export interface OpenOffer {
  readonly offer: number;
  readonly accelerators: number;
  /** Of leases that run or are paused. */
  readonly leasedAccelerators: number;
  /** Least that a lease may pay, ticks per accelerator-second. */
  readonly price: bigint;
  /** Reputation tier of the provider's site, 0 to 4. */
  readonly tier: number;
  /** The provider has the stake that answers for a lease free, and lets the market lock it. */
  readonly backed: boolean;
  /** Requests that compete from the next slot on, in any order. */
  readonly waiting: readonly WaitingRequest[];
}

export interface OfferStanding {
  /** Least price with which a request is served before the others, ticks per accelerator-second. */
  readonly effectivePrice: bigint;
  /** With that price it starts as soon as it may; otherwise it waits for a lease to end, or for stake. */
  readonly starts: boolean;
}

/**
 * Open offers in the order in which a requester of so many accelerators does best to ask: those that can start first, then by
 * effective price, then by tier, a high one first, then by age. Offers of fewer accelerators are left out.
 */
export function rankOffers<O extends OpenOffer>(offers: readonly O[], accelerators: number): (O & OfferStanding)[] {
  return offers
    .filter((offer) => accelerators <= offer.accelerators)
    .map((offer) => ({ ...offer, ...standingOf(offer, accelerators) }))
    .sort(
      (a, b) =>
        Number(b.starts) - Number(a.starts) ||
        compare(a.effectivePrice, b.effectivePrice) ||
        b.tier - a.tier ||
        a.offer - b.offer,
    );
}

/**
 * What a request made now, of an account without rank, has to pay. It is the youngest, so at equal prices all others are
 * served before it; that their policies may keep some of them back is not counted on.
 */
function standingOf(offer: OpenOffer, wanted: number): OfferStanding {
  const free = offer.accelerators - offer.leasedAccelerators;
  const waiting = [...offer.waiting].sort(compareRequests);
  const last = waiting.at(-1);
  // Of a full list the last makes room, and for nobody whom it is ahead of.
  const least = last !== undefined && waiting.length >= MAX_WAITING ? max(offer.price, last.price + 1n) : offer.price;
  const outbidding = waiting.map(({ price }) => price + 1n).filter((price) => price > least);
  const prices = [least, ...outbidding].sort(compare);
  const enough = prices.find((price) => wanted <= leftBy(waiting, price, free));
  return { effectivePrice: enough ?? prices.at(-1) ?? least, starts: enough !== undefined && offer.backed };
}

/** Accelerators that are left after the requests at this price or above; one that no longer fits is passed over. */
function leftBy(waiting: readonly WaitingRequest[], price: bigint, free: number): number {
  return waiting
    .filter((request) => request.price >= price)
    .reduce((left, { accelerators }) => (accelerators <= left ? left - accelerators : left), free);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
