import { BASE_UNITS_PER_TICK, ticksToBaseUnits } from "../units.ts";
import type { JobsState } from "./computeState.ts";
import { finishEvidence } from "./evidenceEvents.ts";
import { refusedCalls } from "./jobRefusals.ts";
import type { MarketState } from "./leaseState.ts";
import type { Run } from "./run.ts";
import type { CheckName } from "./types.ts";

/** What the jobs owe: escrow of jobs and what is held for accounts, ticks. */
export function owedByJobs({ jobs, held }: JobsState): bigint {
  let total = 0n;
  for (const { heldTicks } of jobs.values()) total += heldTicks;
  for (const ticks of held.values()) total += ticks;
  return total;
}

/** What the market owes: escrow of leases, pay that is not the provider's yet, and what is to be collected, ticks. */
export function owedByMarket({ leases, earned }: MarketState): bigint {
  let total = 0n;
  for (const { escrowTicks, uses, settledUses } of leases.values()) {
    total += escrowTicks;
    for (const { payTicks } of uses.slice(settledUses)) total += payTicks;
  }
  for (const ticks of earned.values()) total += ticks;
  return total;
}

/** What must hold of compute and training at the end of every transaction. */
export function finishCompute(run: Run): void {
  const { state, findings, tx } = run;
  const { compute } = state;
  finishEvidence(run);
  const { stake, rewardsInTicks, rewardsTicks, queueCalls, queueTold } = tx.compute;
  for (const { locker, act, place, expected, found } of stake.values()) {
    // What was refused was told of, and left out.
    if (locker === "jobs" && act !== "locked" && found <= expected) {
      if (refusedCalls(run, act === "cut" ? "cut" : "release") > 0) continue;
    }
    findings.expect(locker, place, `stake ${act}`, expected, found);
  }
  if (rewardsInTicks !== 0n || rewardsTicks !== 0n) {
    findings.expect("jobs", {}, "rewards shared out of cut bonds", rewardsInTicks, rewardsTicks);
  }
  const { ended, receipts } = tx.compute;
  if (ended.length + receipts > 0) findings.expect("jobs", {}, "receipts of ended jobs", ended.length, receipts);
  finishNotes(run);
  const heard = queueTold + refusedCalls(run, "queue");
  if (queueCalls + heard > 0) findings.expect("jobs", {}, "energy that jobs told the queue", queueCalls, heard);
  for (const job of ended) {
    findings.expect("jobs", { job: job.id }, "escrow of an ended job", 0n, job.heldTicks);
    findings.expect("jobs", { job: job.id }, "places of an ended job", 0, job.workers.length + job.evaluators.length);
  }
  let stakes = 0n;
  for (const { stakeTicks } of compute.providers.values()) stakes += stakeTicks;
  balance(run, "providers", compute.stakes, stakes);
  balance(run, "leases", compute.market.address, owedByMarket(compute.market));
  balance(run, "jobs", compute.training.address, owedByJobs(compute.training));
}

/** Reputation was told of the work that a round's scores and proofs say, but for what it refused. */
function finishNotes(run: Run): void {
  const { findings, tx } = run;
  const { notes } = tx.compute;
  const refused = refusedCalls(run, "note");
  if (notes.length + refused === 0) return;
  const told = tx.transaction.events.flatMap(({ source, event }) => {
    if (source !== "reputation" || event.name !== "WorkNoted") return [];
    return [`${String(event.args.site)}/${String(event.args.contributionPpm)}/${String(event.args.efficiencyPpm)}`];
  });
  findings.expect("jobs", {}, "work that reputation refused", notes.length - told.length, refused);
  const due = refused === 0 ? notes : inOrder(notes, told);
  findings.expect("jobs", {}, "work that reputation was told of", due.join(), told.join());
}

/** Those of a list that another one has too, in the list's order. */
function inOrder(list: readonly string[], chosen: readonly string[]): string[] {
  const found: string[] = [];
  for (const one of list) if (one === chosen[found.length]) found.push(one);
  return found;
}

/** The credits of a contract moved as told, and are what it owes and what was given to it for nothing. */
export function balance(run: Run, check: CheckName, contract: string | undefined, owedTicks: bigint): void {
  if (contract === undefined) return;
  const { state, findings, tx } = run;
  const moved = tx.transaction.events.flatMap(({ source, event }) => {
    if (source !== "credit" || event.name !== "Transfer") return [];
    const { from, to, value } = event.args;
    return value !== 0n && from !== to && (from === contract || to === contract) ? [event.args] : [];
  });
  const told = tx.compute.moves.filter((move) => move.contract === contract);
  if (moved.length + told.length === 0) return;
  for (const { incoming, account, ticks, place, subject, check: of } of told) {
    const at = moved.findIndex(
      ({ from, to, value }) =>
        value === ticksToBaseUnits(ticks) &&
        (incoming ? to : from) === contract &&
        (account === undefined || (incoming ? from : to) === account),
    );
    findings.expect(of, place, `${subject}, credits moved`, ticks, at < 0 ? "not moved" : ticks);
    if (at >= 0) moved.splice(at, 1);
  }
  for (const { from, to, value } of moved) {
    if (to === contract) state.compute.donated.set(contract, (state.compute.donated.get(contract) ?? 0n) + value);
    else findings.fail(check, { account: to }, `paid by ${from}`, "0", String(value / BASE_UNITS_PER_TICK));
  }
  const donated = state.compute.donated.get(contract) ?? 0n;
  const held = state.balances.get(contract) ?? 0n;
  findings.expect(check, { account: contract }, "credits held", ticksToBaseUnits(owedTicks) + donated, held);
}
