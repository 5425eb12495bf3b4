import { AbiCoder, keccak256 } from "ethers";
import {
  UPDATE,
  type JobEntry,
  type JobPlace,
  type JobRound,
  type JobSeat,
  type JobStateName,
} from "./computeState.ts";
import { mismatch } from "./mismatch.ts";
import type { Run } from "./run.ts";
import type { AuditCall, Place } from "./types.ts";

export function jobOf({ state }: Run, job: bigint | number): JobEntry {
  const { jobs } = state.compute.training;
  return jobs.get(Number(job)) ?? mismatch("The event names a job that was never posted", { job: Number(job) });
}

/** The round of an event, which must have been opened. */
export function roundOf({ id, rounds }: JobEntry, round: bigint | number): JobRound {
  const found = rounds[Number(round) - 1];
  return found ?? mismatch("The event names a round that was never opened", { job: id, round: Number(round) });
}

export function currentRound(job: JobEntry): JobRound {
  return roundOf(job, job.round);
}

export function placeOf({ id, round }: JobEntry, more: Place = {}): Place {
  return { job: id, round, ...more };
}

export function seatOf({ seats }: JobRound, place: Place, worker: string): JobSeat {
  const seat = seats.find(({ provider }) => provider === worker);
  return seat ?? mismatch("The event names a worker without a seat in the round", { ...place });
}

/** The job is in this state, and the parties may still act. */
export function expectIn(run: Run, job: JobEntry, place: Place, state: JobStateName): void {
  const { findings, tx } = run;
  findings.expect("jobs", place, "state of the job", state, job.state);
  findings.expect("jobs", place, `before the end of ${state}`, true, tx.transaction.timestamp < job.deadline);
}

/** Calls of a verb of the jobs in the transaction; none where its calldata is unknown. */
export function jobCallsOf({ tx }: Run, name: string): readonly AuditCall[] {
  return (tx.transaction.jobCalls ?? []).filter((call) => call.name === name);
}

/** What a commitment of either kind must be: content, salt, sender, job, round, chain and contract. */
export function commitmentOf(run: Run, job: JobEntry, account: string, content: string, salt: string): string {
  const { domain, state } = run;
  const { address } = state.compute.training;
  const types = ["bytes32", "bytes32", "address", "uint256", "uint256", "uint256", "address"];
  const values = [content, salt, account, job.id, job.round, domain.fields.chainId, address ?? ""];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}

export function resultHash(job: JobEntry, scores: readonly bigint[], aggregateRoot: string): string {
  const types = ["uint256", "uint256", "int64[]", "bytes32"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [job.id, job.round, scores, aggregateRoot]));
}

/** Compares a reveal's commitment with what was committed, by the salt of its call, and mixes the salt into the job's. */
export function openCommitment(
  run: Run,
  job: JobEntry,
  place: Place,
  {
    account,
    verb,
    content,
    committed,
    fits,
  }: {
    readonly account: string;
    readonly verb: string;
    readonly content: string;
    readonly committed: string | undefined;
    readonly fits: (call: AuditCall) => boolean;
  },
): void {
  if (run.tx.transaction.jobCalls === undefined) {
    run.findings.add("jobs", "commitmentsUnknown", 1);
    job.entropy = undefined;
    return;
  }
  const call = jobCallsOf(run, verb).find((one) => one.caller === account && fits(one));
  const salt = call?.args.salt;
  if (typeof salt !== "string") {
    run.findings.fail("jobs", place, `call of ${verb}`, "a call with these values", "none");
    job.entropy = undefined;
    return;
  }
  const found = commitmentOf(run, job, account, content, salt);
  run.findings.expect("jobs", place, "commitment", committed ?? "none", found);
  run.findings.add("jobs", "commitmentsOpened", 1);
  if (job.entropy === undefined) return;
  job.entropy = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [job.entropy, salt]));
}

/** Those from whom evaluators may be drawn, in the order of their places. */
export function eligible(job: JobEntry, round: JobRound): JobPlace[] {
  return job.evaluators.filter(
    ({ provider }) =>
      provider !== round.challenger &&
      provider !== round.rival &&
      !round.scoreSeats.some(({ evaluator }) => evaluator === provider),
  );
}

/** How many a panel has of so many: an odd number, at most twice the evaluators and one. */
export function panelOf(job: JobEntry, count: number): number {
  const most = 2 * job.terms.evaluators + 1;
  if (count >= most) return most;
  return count % 2 === 0 ? Math.max(0, count - 1) : count;
}

/** Whether the job's results are measured by the chain where they are challenged. */
export function isMeasured({ terms }: JobEntry): boolean {
  return BigInt(terms.measurement) !== 0n;
}

export function hasValid({ seats }: JobRound): boolean {
  return seats.some(({ status }) => status === UPDATE.valid);
}
