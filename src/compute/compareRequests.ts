/** A request that waits for an offer's accelerators. */
export interface WaitingRequest {
  /** Its number: an older one is smaller. */
  readonly lease: number;
  readonly accelerators: number;
  /** Ticks per accelerator-second. */
  readonly price: bigint;
  /** `queueRank` of the requester's site; 0 for a request without one. */
  readonly rank: bigint;
}

/** The market's order of requests: the higher price first, then the higher rank, then the older. */
export function compareRequests(a: WaitingRequest, b: WaitingRequest): number {
  if (a.price !== b.price) return a.price > b.price ? -1 : 1;
  if (a.rank !== b.rank) return a.rank > b.rank ? -1 : 1;
  return a.lease - b.lease;
}
