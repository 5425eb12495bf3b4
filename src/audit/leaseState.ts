import type { LeaseState } from "../compute/leaseStates.ts";
import type { MarketEventOf } from "./types.ts";

export type OfferTerms = MarketEventOf<"OfferMade">["args"]["terms"];
export type LeaseRequest = MarketEventOf<"LeaseRequested">["args"]["request"];

export interface OfferEntry {
  readonly id: number;
  readonly provider: string;
  readonly terms: OfferTerms;
  leasedAccelerators: number;
  open: boolean;
}

/** Use of a slot that was reported and not objected to. */
export interface LeaseUse {
  readonly slot: number;
  readonly payTicks: bigint;
  /** Of the report, unix seconds. */
  readonly time: number;
}

export interface LeaseEntry {
  readonly id: number;
  readonly offer: OfferEntry;
  readonly requester: string;
  readonly request: LeaseRequest;
  readonly zone: number;
  readonly madeSlot: number;
  readonly untilSlot: number;
  /** What it waits with. */
  readonly queuedWh: number;
  state: LeaseState;
  escrowTicks: bigint;
  stakeTicks: bigint;
  firstSlot: number;
  endSlot: number;
  lastUseSlot: number;
  activeSlot: number;
  pausedSlot: number;
  uses: LeaseUse[];
  settledUses: number;
  acceptedUses: number;
}

export interface MarketState {
  address: string | undefined;
  readonly offers: Map<number, OfferEntry>;
  readonly leases: Map<number, LeaseEntry>;
  /** What accounts may collect, ticks. */
  readonly earned: Map<string, bigint>;
}

export function createMarket(): MarketState {
  return { address: undefined, offers: new Map(), leases: new Map(), earned: new Map() };
}
