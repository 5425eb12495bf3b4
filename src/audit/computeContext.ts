import type { JobEntry } from "./computeState.ts";
import type { EnergyUse } from "./evidenceEvents.ts";
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
  readonly place: Place;
  expected: bigint;
  found: bigint;
}

/** What a transaction showed of compute and must still show. */
export interface ComputeContext {
  readonly moves: ToldMove[];
  /** By `lock|release|cut/provider`, of the jobs' contract. */
  readonly stake: Map<string, StakeMove>;
  /** Somebody refused a call of the jobs, which was told and passed over. */
  refused: boolean;
  rewardsInTicks: bigint;
  rewardsTicks: bigint;
  /** Readings that were drawn from, and what leases and jobs used of them. */
  readonly drawn: EnergyUse[];
  readonly used: EnergyUse[];
  readonly ended: JobEntry[];
}

export function createComputeContext(): ComputeContext {
  return { moves: [], stake: new Map(), refused: false, rewardsInTicks: 0n, rewardsTicks: 0n, drawn: [], used: [], ended: [] };
}

/** Credits that a contract of compute must have moved in this transaction. */
export function tellMove({ tx }: Run, move: ToldMove): void {
  if (move.ticks !== 0n) tx.compute.moves.push(move);
}

/** Stake that the jobs must have locked, released or cut in this transaction. */
export function expectStake(
  { tx }: Run,
  what: "locked" | "released" | "cut",
  place: Place,
  provider: string,
  ticks: bigint,
): void {
  stakeMove(tx.compute, what, place, provider).expected += ticks;
}

export function foundStake(
  { tx }: Run,
  what: "locked" | "released" | "cut",
  place: Place,
  provider: string,
  ticks: bigint,
): void {
  stakeMove(tx.compute, what, place, provider).found += ticks;
}

function stakeMove({ stake }: ComputeContext, what: string, place: Place, provider: string): StakeMove {
  const key = `${what}/${provider}`;
  let move = stake.get(key);
  if (move === undefined) {
    move = { place: { ...place, account: provider }, expected: 0n, found: 0n };
    stake.set(key, move);
  }
  return move;
}
