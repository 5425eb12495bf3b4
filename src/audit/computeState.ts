import type { ScoreTable } from "../training/federated/scoreTable.ts";
import { createMarket, type MarketState } from "./leaseState.ts";
import type { JobsEventOf } from "./types.ts";

/** A provider of compute; money in ticks. */
export interface ProviderEntry {
  site: number;
  meter: string;
  accelerators: number;
  owner: string;
  /** Not ended; whether its meter and site still are what they were is the exchange's to say. */
  open: boolean;
  stakeTicks: bigint;
  lockedTicks: bigint;
  unbondingTicks: bigint;
  unbondingTime: number;
  /** Of the locked stake, by the contract that locked it. */
  readonly lockedBy: Map<string, bigint>;
}

export interface QueueItem {
  readonly zone: number;
  readonly requester: string;
  readonly countedWh: number;
}

/** Energy that waits, as the queue's own events tell it. */
export interface QueueState {
  address: string | undefined;
  readonly items: Map<string, QueueItem>;
  /** Counted energy by `zone/requester`. */
  readonly counted: Map<string, number>;
  /** Sums by zone, each from a slot's start on, in rising slots. */
  readonly sums: Map<number, { readonly slot: number; readonly sumWh: number }[]>;
}

export type JobTerms = JobsEventOf<"JobPosted">["args"]["terms"];
export type JobReceipt = {
  -readonly [
    Field in keyof JobsEventOf<"JobEnded">["args"]["receipt"]
  ]: JobsEventOf<"JobEnded">["args"]["receipt"][Field];
};

/** States of a job, in the contract's order. */
export const JOB_STATES = [
  "none",
  "waiting",
  "commit",
  "reveal",
  "validation",
  "draw",
  "scoreCommit",
  "scoreReveal",
  "challenge",
  "ended",
  "measuring",
] as const;
export type JobStateName = (typeof JOB_STATES)[number];

export const DRAW = { first: 0, redraw: 1, panel: 2 } as const;
export const UPDATE = { none: 0, committed: 1, valid: 2, copy: 3, stale: 4 } as const;
export const OUTCOME = { open: 0, settled: 1, unscored: 2, unvalidated: 3, void: 4 } as const;

export interface JobPlace {
  readonly provider: string;
  readonly site: number;
  readonly rank: number;
  readonly meter: string;
  readonly sequence: number;
  bondTicks: bigint;
}

export interface JobSeat {
  readonly provider: string;
  readonly site: number;
  readonly meter: string;
  commitment: string | undefined;
  status: number;
  commitOrder: number;
  sizeBytes: number;
  updateRoot: string | undefined;
  provedWh: number;
}

export interface JobScoreSeat {
  readonly evaluator: string;
  readonly kind: number;
  silent: boolean;
  commitment: string | undefined;
  result: string | undefined;
}

export interface JobResult {
  readonly scores: readonly bigint[];
  readonly aggregateRoot: string;
}

/** A challenge of the standing result by another one. */
export interface JobCase {
  readonly challenger: string;
  readonly result: string;
  readonly table: ScoreTable;
  /** As `DifferencePart` counts; none until it is answered. */
  readonly part: number;
  readonly answerer: string | undefined;
  /** Number of the reproducible job that decides; 0 for none. */
  readonly measured: number;
  readonly challengerProves?: boolean;
}

export interface JobRound {
  readonly openSlot: number;
  trainedSlot: number;
  outcome: number;
  validation: string | undefined;
  standing: string | undefined;
  /** What stood before a panel's result. */
  first: string | undefined;
  challenger: string | undefined;
  /** Whose result stands, where it won a measured challenge. */
  rival: string | undefined;
  measured: JobCase | undefined;
  /** What the last verdict cuts and pays, until it is found. */
  verdict: { readonly cuts: readonly string[]; readonly rewards: readonly string[] };
  commits: number;
  readonly seats: JobSeat[];
  readonly scoreSeats: JobScoreSeat[];
  readonly results: Map<string, JobResult>;
}

/** Money and places that moved since the job's last state, which the next one must account for. */
export interface JobSince {
  readonly updates: string[];
  readonly fees: string[];
  readonly rewards: string[];
  readonly cut: string[];
  readonly demoted: string[];
  roundRefundTicks: bigint;
  ended: boolean;
  decided: boolean;
  /** Whether the challenger was right, where there was a verdict. */
  verdict: boolean | undefined;
  /** The registry of providers refused a call, so that cuts and releases may be missing. */
  refused: boolean;
}

export interface JobEntry {
  readonly id: number;
  readonly requester: string;
  readonly terms: JobTerms;
  state: JobStateName;
  draw: number;
  /** Kind of the draw that the job's last move began. */
  nextDraw: number;
  round: number;
  deadline: number;
  drawBlock: number;
  heldTicks: bigint;
  sequence: number;
  modelRoot: string;
  /** All salts that were revealed; undefined once the calldata of one was unknown. */
  entropy: string | undefined;
  readonly workers: JobPlace[];
  readonly evaluators: JobPlace[];
  /** Lost its place to a higher rank; its bond is still to be released. */
  evicted: JobPlace | undefined;
  readonly receipt: JobReceipt;
  readonly roots: Map<string, { readonly model: boolean; readonly round: number; readonly seat: number }>;
  readonly rounds: JobRound[];
  /** Energy that was proved, Wh by slot. */
  readonly provedAt: Map<number, number>;
  since: JobSince;
}

export interface JobsState {
  address: string | undefined;
  readonly jobs: Map<number, JobEntry>;
  /** What is held for accounts, ticks. */
  readonly held: Map<string, bigint>;
  /** Carbon intensity by zone, in rising slots. */
  readonly carbon: Map<number, { readonly slot: number; readonly mgPerWh: number }[]>;
}

/** Everything that compute and training hold, rebuilt from their events. */
export interface ComputeState {
  /** Where providers and their stake are; undefined where the deployment has none. */
  stakes: string | undefined;
  readonly providers: Map<string, ProviderEntry>;
  readonly standsFor: Map<string, string>;
  /** `provider/locker` of contracts that may lock a provider's stake. */
  readonly lockers: Set<string>;
  readonly queue: QueueState;
  readonly training: JobsState;
  readonly market: MarketState;
  /** Credits that were sent for nothing, base units by contract. */
  readonly donated: Map<string, bigint>;
}

export function createCompute(): ComputeState {
  return {
    stakes: undefined,
    providers: new Map(),
    standsFor: new Map(),
    lockers: new Set(),
    queue: { address: undefined, items: new Map(), counted: new Map(), sums: new Map() },
    training: { address: undefined, jobs: new Map(), held: new Map(), carbon: new Map() },
    market: createMarket(),
    donated: new Map(),
  };
}

export function nothingSince(): JobSince {
  return {
    updates: [],
    fees: [],
    rewards: [],
    cut: [],
    demoted: [],
    roundRefundTicks: 0n,
    ended: false,
    decided: false,
    verdict: undefined,
    refused: false,
  };
}

/** Stake that is neither locked nor asked back. */
export function freeStake({ stakeTicks, lockedTicks, unbondingTicks }: ProviderEntry): bigint {
  return stakeTicks - lockedTicks - unbondingTicks;
}
