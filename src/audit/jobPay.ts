import { expectStake } from "./computeContext.ts";
import { DRAW, OUTCOME, type JobEntry, type JobPlace, type JobRound } from "./computeState.ts";
import { currentRound, jobOf, placeOf } from "./jobLookup.ts";
import { takeSilent, unrevealed } from "./jobMoves.ts";
import { tally } from "./jobScores.ts";
import { settleByResult, shareEqually, type Settlement } from "./jobSettlement.ts";
import type { Run } from "./run.ts";
import { addTo } from "./state.ts";
import type { JobsEventOf } from "./types.ts";

/** Part of its bond that a worker loses which commits and does not reveal. */
const NO_REVEAL_PART = 4n;
/** Part of the pool that valid updates share of a round without a result. */
const VOID_DIVISOR = 10n;

export function bondCut(run: Run, { args }: JobsEventOf<"BondCut">): void {
  const { provider, amountTicks } = args;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: provider });
  run.findings.expect("jobs", place, "round of the cut", job.round, Number(args.round));
  const round = currentRound(job);
  const byVerdict = round.verdict.cuts.length > job.since.cut.length && round.verdict.cuts.includes(provider);
  const held = byVerdict ? undefined : answers(job, round, provider);
  // Who has no place answers with what it put up for a challenge.
  const challenged = byVerdict || round.challenger === provider;
  const bond = held?.bondTicks ?? (challenged ? job.terms.evaluatorBondTicks : 0n);
  const cut = job.state === "reveal" ? bond / NO_REVEAL_PART : bond;
  run.findings.expect("jobs", place, "bond that is cut", cut, amountTicks);
  if (held !== undefined) held.bondTicks -= amountTicks;
  job.since.cut.push(provider);
  expectStake(run, "jobs", "cut", place, provider, amountTicks);
  run.findings.add("jobs", "cutTicks", amountTicks);
}

/** The place whose bond a cut hits: not that of a challenger, unless it was silent or wrong itself. */
function answers(job: JobEntry, { scoreSeats, standing }: JobRound, provider: string): JobPlace | undefined {
  if (job.state === "reveal") return job.workers.find((one) => one.provider === provider);
  const seat = scoreSeats.find(({ evaluator }) => evaluator === provider);
  if (seat === undefined || (seat.result !== undefined && seat.result === standing)) return undefined;
  return job.evaluators.find((one) => one.provider === provider);
}

/** Exactly these lost a bond since the job's last move. */
export function checkCuts({ findings }: Run, job: JobEntry, expected: readonly string[]): void {
  const found = job.since.cut.splice(0);
  if (job.since.refused && found.length < expected.length) return;
  findings.expect("jobs", placeOf(job), "bonds that were cut", expected.join(), found.join());
}

export function updatePaid(run: Run, { args }: JobsEventOf<"UpdatePaid">): void {
  const { worker, site, score, amountTicks } = args;
  const job = jobOf(run, args.job);
  run.findings.expect("jobs", placeOf(job), "round of the pay", job.round, Number(args.round));
  assign(run, job, worker, amountTicks);
  job.since.updates.push(`${worker}/${String(site)}/${String(score)}/${String(amountTicks)}`);
  job.receipt.updatesPaid += 1;
  job.receipt.tokens += job.terms.tokens;
  job.receipt.steps += BigInt(job.terms.steps);
  job.receipt.paidTicks += amountTicks;
  run.findings.add("jobs", "paidTicks", amountTicks);
}

export function evaluatorPaid(run: Run, { args }: JobsEventOf<"EvaluatorPaid">): void {
  const { evaluator, amountTicks } = args;
  const job = jobOf(run, args.job);
  run.findings.expect("jobs", placeOf(job), "round of the fee", job.round, Number(args.round));
  assign(run, job, evaluator, amountTicks);
  job.since.fees.push(`${evaluator}/${String(amountTicks)}`);
  job.receipt.feeTicks += amountTicks;
  run.findings.add("jobs", "feeTicks", amountTicks);
}

export function rewardPaid(run: Run, { args }: JobsEventOf<"RewardPaid">): void {
  const { account, amountTicks } = args;
  const job = jobOf(run, args.job);
  run.findings.expect("jobs", placeOf(job), "round of the reward", job.round, Number(args.round));
  addTo(run.state.compute.training.held, account, amountTicks);
  run.tx.compute.rewardsTicks += amountTicks;
  job.since.rewards.push(`${account}/${String(amountTicks)}`);
  run.findings.add("jobs", "rewardTicks", amountTicks);
}

export function refunded(run: Run, { args }: JobsEventOf<"Refunded">): void {
  const { requester, amountTicks } = args;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: requester });
  run.findings.expect("jobs", place, "round of the refund", job.round, Number(args.round));
  run.findings.expect("jobs", place, "refund to the requester", job.requester, requester);
  assign(run, job, requester, amountTicks);
  job.since.roundRefundTicks += amountTicks;
  job.receipt.refundedTicks += amountTicks;
  run.findings.add("jobs", "refundedTicks", amountTicks);
}

/** Everything that a round paid, cut and gave back is computed again, from seats and scores. */
export function roundEnded(run: Run, { args }: JobsEventOf<"RoundEnded">): void {
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job);
  const round = currentRound(job);
  findings.expect("jobs", place, "round that ended", job.round, Number(args.round));
  const due = settlementOf(run, job, round);
  findings.expect("jobs", place, "outcome", due.outcome, args.outcome);
  findings.expect("jobs", place, "pay of updates", due.updates.join(), job.since.updates.splice(0).join());
  findings.expect("jobs", place, "fees of evaluators", due.fees.join(), job.since.fees.splice(0).join());
  const rewards = job.since.rewards.splice(0).join();
  const { verdict } = round;
  round.verdict = { cuts: [], rewards: [] };
  if (!job.since.refused) {
    findings.expect("jobs", place, "rewards", [...verdict.rewards, ...due.rewards].join(), rewards);
  }
  checkCuts(run, job, [...verdict.cuts, ...due.cuts]);
  run.tx.compute.notes.push(...due.notes);
  findings.expect("jobs", place, "refund of the round", due.refundTicks, job.since.roundRefundTicks);
  findings.expect("jobs", place, "model after the round", due.modelRoot, args.modelRoot);
  if (due.releasedChallenger !== undefined) {
    expectStake(run, "jobs", "released", place, due.releasedChallenger, job.terms.evaluatorBondTicks);
  }
  if (due.outcome === OUTCOME.settled) {
    job.receipt.roundsSettled += 1;
    if (!job.roots.has(due.modelRoot)) job.roots.set(due.modelRoot, { model: true, round: job.round, seat: 0 });
  }
  job.modelRoot = args.modelRoot;
  round.outcome = args.outcome;
  job.since.roundRefundTicks = 0n;
  job.since.ended = true;
  findings.add("jobs", "roundsEnded", 1);
}

function settlementOf({ findings }: Run, job: JobEntry, round: JobRound): Settlement {
  const { poolTicks } = job.terms;
  if (job.state === "reveal") {
    return { ...shareEqually(job, round, poolTicks / VOID_DIVISOR, OUTCOME.void), cuts: unrevealed(round) };
  }
  if (job.state === "validation") return shareEqually(job, round, poolTicks, OUTCOME.unvalidated);
  if (job.state === "challenge") return settleByResult(job, round, { silent: [], split: false });
  findings.expect("jobs", placeOf(job), "state as a round ended", "scoreReveal", job.state);
  const silent = takeSilent(round);
  const voided = { ...shareEqually(job, round, poolTicks / VOID_DIVISOR, OUTCOME.void), cuts: silent };
  if (job.draw !== DRAW.panel) return voided;
  if (round.challenger !== undefined) {
    findings.expect("jobs", placeOf(job), "challenge that was decided", true, job.since.decided);
  }
  const { votes, tie, best } = tally(round, true);
  const split = votes === 0 || tie;
  if (split) round.first = round.standing;
  else findings.expect("jobs", placeOf(job), "result of the panel", best ?? "none", round.standing ?? "none");
  return round.standing === undefined ? voided : settleByResult(job, round, { silent, split });
}

export function jobEnded(run: Run, { args }: JobsEventOf<"JobEnded">): void {
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job);
  findings.expect("jobs", place, "state of an ended job", "ended", job.state);
  for (const field of Object.keys(job.receipt) as (keyof JobEntry["receipt"])[]) {
    findings.expect("jobs", place, `receipt's ${field}`, job.receipt[field], args.receipt[field]);
  }
  run.tx.compute.receipts += 1;
  findings.add("jobs", "jobsEnded", 1);
}

/** Escrow of the job is held for an account from now on. */
function assign({ state, findings }: Run, job: JobEntry, account: string, amountTicks: bigint): void {
  job.heldTicks -= amountTicks;
  findings.expect("jobs", placeOf(job, { account }), "paid out of the job's escrow", true, job.heldTicks >= 0n);
  addTo(state.compute.training.held, account, amountTicks);
}
