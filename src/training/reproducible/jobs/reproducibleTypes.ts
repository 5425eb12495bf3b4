import type { ResultOf } from "../../../chain/abiTypes.ts";
import type { REPRODUCIBLE_JOBS_ABI } from "../../../chain/reproducibleAbi.ts";

type ReproducibleAbi = typeof REPRODUCIBLE_JOBS_ABI;

/** What a requester posts: amounts are ticks, times seconds. */
export type ReproducibleTerms = ResultOf<ReproducibleAbi, "termsOf">;
export type ReproducibleJobView = ResultOf<ReproducibleAbi, "jobInfo">;
export type RoundClaimView = ResultOf<ReproducibleAbi, "claimInfo">;
export type DisputeInfo = ResultOf<ReproducibleAbi, "disputeInfo">;

/** As the contract's `ReproducibleState` counts. */
export const REPRODUCIBLE_STATE = {
  none: 0,
  posted: 1,
  training: 2,
  done: 3,
  cancelled: 4,
  stopped: 5,
  abandoned: 6,
  refuted: 7,
} as const;

/** Names in the order of `ReproducibleState`. */
export const REPRODUCIBLE_STATE_NAMES = [
  "none",
  "posted",
  "training",
  "done",
  "cancelled",
  "stopped",
  "abandoned",
  "refuted",
] as const;
