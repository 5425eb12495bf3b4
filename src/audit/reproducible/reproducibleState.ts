import type { Phase } from "../../training/reproducible/players/disputeView.ts";
import { PHASES } from "../../training/reproducible/players/disputeView.ts";
import {
  REPRODUCIBLE_STATE,
  type DisputeInfo,
  type ReproducibleJobView,
  type ReproducibleTerms,
  type RoundClaimView,
} from "../../training/reproducible/jobs/reproducibleTypes.ts";

type Mutable<Record> = { -readonly [Field in keyof Record]: Record[Field] };

/** Each with the fields of the contract's own view of it. */
export type DisputeEntry = Mutable<DisputeInfo>;
export type ClaimEntry = Mutable<RoundClaimView>;

export interface ReproducibleEntry {
  readonly id: number;
  readonly terms: ReproducibleTerms;
  readonly job: Mutable<ReproducibleJobView>;
  /** Of round 0 first. */
  readonly claims: ClaimEntry[];
}

/** Reproducible jobs and their disputes, played again from the calls. */
export interface ReproducibleBook {
  address: string | undefined;
  /** Numbers given so far. */
  jobCount: number;
  disputeCount: number;
  readonly jobs: Map<number, ReproducibleEntry>;
  readonly disputes: Map<number, DisputeEntry>;
  /** What accounts may collect, ticks. */
  readonly held: Map<string, bigint>;
}

export function createReproducible(): ReproducibleBook {
  return { address: undefined, jobCount: 0, disputeCount: 0, jobs: new Map(), disputes: new Map(), held: new Map() };
}

export function phaseOf({ phase }: Pick<DisputeEntry, "phase">): Phase {
  return PHASES[phase] ?? "none";
}

/** Neither won nor withdrawn, so that its challenger's bond is there. */
export function isOpen(dispute: DisputeEntry): boolean {
  return !["none", "providerWon", "challengerWon", "withdrawn"].includes(phaseOf(dispute));
}

/** What the jobs owe: pay in escrow, bonds of providers that train and of open disputes, what is held for accounts; ticks. */
export function owedByReproducible({ jobs, disputes, held }: ReproducibleBook): bigint {
  let total = 0n;
  for (const { job, terms } of jobs.values()) {
    total += job.heldTicks;
    if (job.state === REPRODUCIBLE_STATE.training) total += terms.bondTicks;
  }
  for (const dispute of disputes.values()) {
    if (isOpen(dispute)) total += jobs.get(Number(dispute.job))?.terms.challengeBondTicks ?? 0n;
  }
  for (const ticks of held.values()) total += ticks;
  return total;
}
