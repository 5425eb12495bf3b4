import { Interface } from "ethers";
import { ENERGY_QUEUE_ABI, PROVIDERS_ABI } from "../chain/computeAbi.ts";
import { REPUTATION_ABI } from "../chain/governanceAbi.ts";
import { jobOf, placeOf } from "./jobLookup.ts";
import type { Run } from "./run.ts";
import type { AuditState } from "./state.ts";
import type { JobsEventOf } from "./types.ts";

/** A call of the jobs that other contracts may refuse without stopping them. */
export type RefusableCall = "release" | "cut" | "note" | "queue";

const CALLS: ReadonlyMap<string, RefusableCall> = new Map([
  [selectorOf(PROVIDERS_ABI, "releaseStake"), "release"],
  [selectorOf(PROVIDERS_ABI, "slashStake"), "cut"],
  [selectorOf(REPUTATION_ABI, "noteWork"), "note"],
  [selectorOf(ENERGY_QUEUE_ABI, "setQueued"), "queue"],
]);

/** A refusal excuses that one call is missing: of its kind, in its transaction. */
export function callRefused(run: Run, { args }: JobsEventOf<"CallRefused">): void {
  const { findings, tx, state } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: args.target });
  const call = CALLS.get(args.selector);
  findings.expect("jobs", place, "call that may be refused", true, call !== undefined);
  if (call === undefined) return;
  findings.expect("jobs", place, `contract that refused a ${call}`, targetOf(state, call) ?? args.target, args.target);
  tx.compute.refusals.set(call, refusedCalls(run, call) + 1);
  if (call === "release" || call === "cut") job.since.refused = true;
  findings.add("jobs", "refusedCalls", 1);
}

/** How many calls of a kind were refused in this transaction. */
export function refusedCalls({ tx }: Run, call: RefusableCall): number {
  return tx.compute.refusals.get(call) ?? 0;
}

/** The contract that a call goes to; undefined where nothing was heard of it yet. */
function targetOf({ compute, reputation }: AuditState, call: RefusableCall): string | undefined {
  const targets: Readonly<Record<RefusableCall, string | undefined>> = {
    release: compute.stakes,
    cut: compute.stakes,
    note: reputation.address,
    queue: compute.queue.address,
  };
  return targets[call];
}

function selectorOf(abi: ConstructorParameters<typeof Interface>[0], name: string): string {
  const found = new Interface(abi).getFunction(name);
  if (found === null) throw new RangeError(`the ABI has no ${name}`);
  return found.selector;
}
