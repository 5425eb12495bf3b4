import type { JobEntry } from "./computeState.ts";
import type { EnergyUse } from "./evidenceEvents.ts";
import type { RefusableCall } from "./jobRefusals.ts";
import type { Run } from "./run.ts";
import type { CheckName, Place } from "./types.ts";

/** A move of credits that an event of compute tells of. */
interface ToldMove {
  readonly check: CheckName;
  readonly place: Place;
  readonly subject: string;
  readonly contract: string;
  readonly incoming: boolean;
  /** The other side; undefined where the event does not name it. */
  readonly account: string | undefined;
  readonly ticks: bigint;
}

/** Stake of a provider that a contract must move, and the stake that was moved for it. */
interface StakeMove {
  readonly locker: Locker;
  readonly act: StakeAct;
  readonly place: Place;
  expected: bigint;
  found: bigint;
}

/** What a transaction showed of compute and must still show. */
export interface ComputeContext {
  readonly moves: ToldMove[];
  /** By locker, act and provider. */
  readonly stake: Map<string, StakeMove>;
  /** Calls of the jobs that were refused, told and passed over, by kind. */
  readonly refusals: Map<RefusableCall, number>;
  /** How often jobs must have told the queue what they wait with, and how often the queue heard of it. */
  queueCalls: number;
  queueTold: number;
  rewardsInTicks: bigint;
  rewardsTicks: bigint;
  /** Readings that were drawn from, and what leases and jobs used of them. */
  readonly drawn: EnergyUse[];
  readonly used: EnergyUse[];
  /** Jobs that ended, and how many receipts were told. */
  readonly ended: JobEntry[];
  receipts: number;
  /** Work that reputation must have been told of: `site/contribution/efficiency`. */
  readonly notes: string[];
}

export function createComputeContext(): ComputeContext {
  return {
    moves: [],
    stake: new Map(),
    refusals: new Map(),
    queueCalls: 0,
    queueTold: 0,
    rewardsInTicks: 0n,
    rewardsTicks: 0n,
    drawn: [],
    used: [],
    ended: [],
    receipts: 0,
    notes: [],
  };
}

/** Credits that a contract of compute must have moved in this transaction. */
export function tellMove({ tx }: Run, move: ToldMove): void {
  if (move.ticks !== 0n) tx.compute.moves.push(move);
}

/** Contracts that lock stake, by the check that reports on them. */
export type Locker = "jobs" | "leases";
type StakeAct = "locked" | "released" | "cut";

/** Stake that jobs or leases must have locked, released or cut in this transaction. */
export function expectStake(
  { tx }: Run,
  locker: Locker,
  act: StakeAct,
  place: Place,
  provider: string,
  ticks: bigint,
): void {
  stakeMove(tx.compute, locker, act, place, provider).expected += ticks;
}

/** Stake that a contract moved; of others than jobs and leases nothing is known. */
export function foundStake(
  { tx, state }: Run,
  contract: string,
  act: StakeAct,
  place: Place,
  provider: string,
  ticks: bigint,
): void {
  const { training, market } = state.compute;
  if (contract === training.address) stakeMove(tx.compute, "jobs", act, place, provider).found += ticks;
  if (contract === market.address) stakeMove(tx.compute, "leases", act, place, provider).found += ticks;
}

function stakeMove(
  { stake }: ComputeContext,
  locker: Locker,
  act: StakeAct,
  place: Place,
  provider: string,
): StakeMove {
  const key = `${locker}/${act}/${provider}`;
  let move = stake.get(key);
  if (move === undefined) {
    move = { locker, act, place: { ...place, account: provider }, expected: 0n, found: 0n };
    stake.set(key, move);
  }
  return move;
}
