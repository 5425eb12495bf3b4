import { z } from "zod";
import { address, decimal, eventList, hash, source, time } from "./primitives.ts";

/** A claim of a round: roots over the states at its checkpoints, and the window in which it may be challenged. */
export const claimedRound = z.object({
  round: z.int(),
  checkpoints: hash,
  endState: hash,
  windowEnd: time,
  openDisputes: z.int(),
  claimed: source,
  paid: source.nullable(),
  paidTicks: decimal,
});

/** A move of a dispute, and how the dispute stood after it. */
export const disputeStep = z.object({
  verb: z.string(),
  /** What the move did, in words. */
  text: z.string(),
  party: address,
  time,
  gasUsed: z.int(),
  source,
  /** What the dispute was about after it: `checkpoints`, `steps`, … `providerWon`. */
  phase: z.string(),
  /** The node in question: levels above the leaves, and its place among those of its height. */
  height: z.int(),
  index: decimal,
  node: hash,
  /** Left on the clocks. */
  providerSeconds: z.int(),
  challengerSeconds: z.int(),
});
export type DisputeStep = z.output<typeof disputeStep>;

/** Where the challenger led, as far as the dispute came. */
export const disputedPlace = z.object({
  step: z.int().nullable(),
  operation: z.int().nullable(),
  element: decimal.nullable(),
  term: z.int().nullable(),
});

/** The transition that a provider proved, which the contract computed. */
export const refereed = z.object({
  kind: z.string(),
  /** The operation in words. */
  formula: z.string(),
  claimed: z.string(),
  computed: z.string(),
  gasUsed: z.int(),
  source,
});

export const dispute = z.object({
  dispute: z.int(),
  round: z.int(),
  challenger: address,
  opened: source,
  /** `open`, `provider won`, `challenger won` or `withdrawn`. */
  state: z.string(),
  winner: address.nullable(),
  byClock: z.boolean(),
  ended: source.nullable(),
  /** Who is to move and until when; null once it is over. */
  turn: z.object({ party: address, until: time }).nullable(),
  bondTicks: decimal,
  place: disputedPlace,
  refereed: refereed.nullable(),
  moves: z.array(disputeStep),
});

export const reproducibleJob = z.object({
  job: z.int(),
  requester: address,
  provider: address.nullable(),
  state: z.string(),
  posted: source,
  accepted: source.nullable(),
  ended: source.nullable(),
  /** Of the next claim; 0 before a provider came. */
  claimDeadline: time,
  terms: z.record(z.string(), z.unknown()),
  escrow: z.object({ paidInTicks: decimal, paidOutTicks: decimal, refundedTicks: decimal, heldTicks: decimal }),
  /** The provider's, while it trains or because it was lost. */
  bond: z.object({ ticks: decimal, outcome: z.enum(["none", "held", "returned", "lost"]) }),
  rounds: z.array(claimedRound),
  disputes: z.array(dispute),
  /** False where the node could not say what a transaction called, so that moves are missing. */
  movesKnown: z.boolean(),
  events: eventList,
});
export type ReproducibleAnswer = z.output<typeof reproducibleJob>;

export const reproducibleList = z.object({
  jobs: z.array(
    z.object({
      job: z.int(),
      requester: address,
      provider: address.nullable(),
      state: z.string(),
      claimedRounds: z.int(),
      disputes: z.int(),
      posted: source,
    }),
  ),
});
