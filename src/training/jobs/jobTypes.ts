import type { EventOf, ResultOf } from "../../chain/abiTypes.ts";
import type { JOBS_ABI } from "../../chain/jobsAbi.ts";

type JobsAbi = typeof JOBS_ABI;

export type JobView = ResultOf<JobsAbi, "jobInfo">;
/** What a requester posts: amounts are ticks, windows seconds. */
export type JobTerms = ResultOf<JobsAbi, "termsOf">;
/** A place of a worker or evaluator. */
export type Place = ResultOf<JobsAbi, "workersOf">[number];
export type RoundView = ResultOf<JobsAbi, "roundInfo">;
/** A worker's seat in a round. */
export type Seat = RoundView["seats"][number];
/** A drawn evaluator's seat in a round. */
export type ScoreSeat = RoundView["scoreSeats"][number];
/** A challenge of a result by another one. */
export type MeasuredCase = ResultOf<JobsAbi, "measuredCase">;
export type JobTotals = ResultOf<JobsAbi, "receipt">;
export type JobEvent = EventOf<JobsAbi>;

/** As the contract's `JobState` counts. */
export const JOB_STATE = {
  none: 0,
  waiting: 1,
  commit: 2,
  reveal: 3,
  validation: 4,
  draw: 5,
  scoreCommit: 6,
  scoreReveal: 7,
  challenge: 8,
  ended: 9,
  measuring: 10,
} as const;

/** As `UpdateStatus` counts. */
export const UPDATE_STATUS = { none: 0, committed: 1, valid: 2, copy: 3, stale: 4 } as const;

/** Names in the order of `UpdateStatus`. */
export const UPDATE_STATUS_NAMES = ["none", "committed", "valid", "copy", "stale"] as const;

/** Names in the order of `RoundOutcome`. */
export const ROUND_OUTCOME_NAMES = ["open", "settled", "unscored", "unvalidated", "void"] as const;

/** Names in the order of `JobState`. */
export const JOB_STATE_NAMES = [
  "none",
  "waiting",
  "commit",
  "reveal",
  "validation",
  "draw",
  "score commit",
  "score reveal",
  "challenge",
  "ended",
  "measuring",
] as const;

/** Slots after the end of training in which its energy may be proved. */
export const PROOF_SLOTS = 192;
