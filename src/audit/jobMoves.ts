import { SLOT_SECONDS, slotOf as slotAt } from "../units.ts";
import {
  DRAW,
  JOB_STATES,
  nothingSince,
  OUTCOME,
  UPDATE,
  type JobEntry,
  type JobRound,
  type JobStateName,
} from "./computeState.ts";
import { checkDrawn, drawable } from "./jobDraws.ts";
import { REPRODUCIBLE_STATE } from "../training/reproducible/jobs/reproducibleTypes.ts";
import { currentRound, eligible, hasValid, isMeasured, jobCallsOf, jobOf, panelOf, placeOf } from "./jobLookup.ts";
import { checkCuts } from "./jobPay.ts";
import { expectLeft } from "./jobPlaces.ts";
import { tally } from "./jobScores.ts";
import { NO_AGGREGATE } from "./jobSettlement.ts";
import type { Run } from "./run.ts";
import type { JobsEventOf } from "./types.ts";

/** A job is in another state: along an edge that the rules have, at a time that they allow, for as long as they say. */
export function jobMoved(run: Run, { args }: JobsEventOf<"JobMoved">): void {
  const { findings, tx } = run;
  const job = jobOf(run, args.job);
  const to = JOB_STATES[args.state] ?? "none";
  const place = placeOf(job);
  const { timestamp } = tx.transaction;
  findings.expect("jobs", place, "round of the move", job.round, Number(args.round));
  const due = nextStates(run, job);
  findings.expect("jobs", place, `moved from ${job.state} to ${to}`, true, due.includes(to));
  findings.expect("jobs", place, `time to leave ${job.state} for ${to}`, true, mayLeave(run, job, to));
  findings.expect("jobs", place, `end of ${to}`, endOf(job, to, timestamp, opensClaim(job)), Number(args.deadline));
  if (job.state === "waiting" || to === "waiting") tx.compute.queueCalls += 1;
  leaveState(run, job, to);
  job.state = to;
  if (to === "ended") tx.compute.ended.push(job);
  job.deadline = Number(args.deadline);
  job.since = nothingSince();
  findings.add("jobs", "moves", 1);
}

/** What must have happened in the state that is left. */
function leaveState(run: Run, job: JobEntry, to: JobStateName): void {
  const { findings, tx } = run;
  const { timestamp } = tx.transaction;
  if (job.state === "none" || job.state === "waiting") return;
  const round = currentRound(job);
  if (to === "waiting" || to === "ended") {
    findings.expect("jobs", placeOf(job), "the round ended", true, job.since.ended);
    if (to === "waiting") expectLeft(run, job);
    return;
  }
  if (job.state === "commit") {
    round.trainedSlot = slotAt(timestamp < job.deadline ? timestamp : job.deadline - 1);
  } else if (job.state === "reveal") {
    checkCuts(run, job, unrevealed(round));
  } else if (job.state === "draw" && to === "scoreCommit") {
    checkDrawn(run, job, round);
  } else if (job.state === "scoreReveal") {
    job.nextDraw = afterScores(job, round) === "redraw" ? DRAW.redraw : DRAW.panel;
    checkCuts(run, job, takeSilent(round));
  } else if (job.state === "validation") {
    job.nextDraw = DRAW.first;
  } else if (job.state === "challenge") {
    job.nextDraw = DRAW.panel;
    checkVerdict(run, job, round);
  }
  if (job.state === "draw" && to === "draw") job.nextDraw = job.draw;
}

/** States that may follow the present one, given what happened in it. */
function nextStates(run: Run, job: JobEntry): readonly JobStateName[] {
  // A round whose slice was not to be had ends its job.
  const ends = job.round === job.terms.rounds || job.rounds.at(-1)?.outcome === OUTCOME.unvalidated;
  const last: JobStateName = ends ? "ended" : "waiting";
  switch (job.state) {
    case "none":
      return ["waiting"];
    case "waiting":
      return ["commit", "ended"];
    case "commit":
      return ["reveal"];
    case "reveal":
      return hasValid(currentRound(job)) ? ["validation"] : [last];
    case "validation":
      return currentRound(job).validation === undefined ? ["ended"] : ["draw"];
    case "draw":
      return drawable(job, run.tx.transaction.blockNumber) ? ["scoreCommit"] : ["draw"];
    case "scoreCommit":
      return ["scoreReveal"];
    case "scoreReveal": {
      const next = afterScores(job, currentRound(job));
      if (next === "end") return mayGoOn(job) ? ["challenge"] : [last];
      return next === "challenge" ? ["challenge"] : ["draw"];
    }
    case "challenge":
      if (currentRound(job).measured !== undefined) return ["measuring"];
      return currentRound(job).challenger === undefined ? [last] : ["draw"];
    case "measuring":
      return job.since.verdict === undefined ? ["measuring"] : ["challenge"];
    case "ended":
      return [];
  }
}

/** What follows the reveal of scores. */
function afterScores(job: JobEntry, round: JobRound): "challenge" | "redraw" | "panel" | "end" {
  if (job.draw === DRAW.panel) return "end";
  const revealed = round.scoreSeats.filter(({ result }) => result !== undefined).length;
  // The silent have lost their places by now, so they are not among those left.
  const left = eligible(job, round).length;
  if (job.draw === DRAW.first && 2 * revealed < job.terms.evaluators && left > 0) return "redraw";
  if (revealed === 0) return "end";
  // Where results are measured, who finds that the wrong one stands challenges it.
  if (isMeasured(job) || !tally(round, false).tie) return "challenge";
  return panelOf(job, left) === 0 ? "end" : "panel";
}

function mayLeave(run: Run, job: JobEntry, to: JobStateName): boolean {
  const { timestamp, blockNumber, jobCalls } = run.tx.transaction;
  const over = timestamp >= job.deadline;
  if (job.state === "none") return true;
  if (job.state === "waiting") {
    if (to === "commit") return !over;
    const cancelled = jobCallsOf(run, "cancel").some(({ caller }) => caller === job.requester);
    return over || cancelled || jobCalls === undefined;
  }
  const round = currentRound(job);
  switch (job.state) {
    case "commit":
      return over || round.commits === round.seats.length;
    case "reveal":
      return over || unrevealed(round).length === 0;
    case "validation":
      return over === (to === "ended");
    case "draw":
      return blockNumber > job.drawBlock;
    case "scoreCommit":
      return over || round.scoreSeats.every(({ kind, commitment }) => kind !== job.draw || commitment !== undefined);
    case "scoreReveal":
      return (
        over ||
        !round.scoreSeats.some(
          ({ kind, commitment, result }) => kind === job.draw && commitment !== undefined && result === undefined,
        )
      );
    case "challenge":
      return over === (to !== "draw" && to !== "measuring");
    case "measuring":
      return mayLeaveMeasuring(run, job, over);
    case "ended":
      return false;
  }
}

/** When a state ends that begins now; 0 where it has no end of its own. */
function endOf({ terms }: JobEntry, state: JobStateName, timestamp: number, opens: boolean): number {
  switch (state) {
    case "waiting":
      return (slotAt(timestamp) + terms.maxWaitSlots + 1) * SLOT_SECONDS;
    case "commit":
      return timestamp + terms.commitSeconds;
    case "reveal":
      return timestamp + terms.revealSeconds;
    case "validation":
      return timestamp + terms.validationSeconds;
    case "scoreCommit":
      return timestamp + terms.scoreCommitSeconds;
    case "scoreReveal":
      return timestamp + terms.scoreRevealSeconds;
    case "challenge":
      return timestamp + terms.challengeSeconds;
    case "measuring":
      // Where the reproducible job is done, only its claim is left to open.
      return timestamp + (opens ? terms.scoreRevealSeconds : terms.scoreCommitSeconds);
    case "none":
    case "draw":
    case "ended":
      return 0;
  }
}

/** Whether a move within Measuring only leaves time to open a claim: it is answered already. */
function opensClaim(job: JobEntry): boolean {
  return job.state === "measuring" && currentRound(job).measured?.answerer !== undefined;
}

/** An answer is in time; a verdict comes by what was shown, by how the reproducible job ended, or for want of either. */
function mayLeaveMeasuring(run: Run, job: JobEntry, over: boolean): boolean {
  // Its event comes after the move.
  if (job.since.verdict === undefined && !opensClaim(job)) return !over;
  if (over || jobCallsOf(run, "proveUnreadable").length > 0) return true;
  // The verdict has closed the case; what is known of its job is checked there.
  if (job.since.verdict !== undefined) return true;
  const measured = currentRound(job).measured?.measured ?? 0;
  return run.state.reproducible.jobs.get(measured)?.job.state === REPRODUCIBLE_STATE.done;
}

/** After a panel about the slice, a result with scores may be challenged anew. */
function mayGoOn(job: JobEntry): boolean {
  const { standing, results } = currentRound(job);
  if (!isMeasured(job) || job.draw !== DRAW.panel || standing === undefined) return false;
  return results.get(standing)?.aggregateRoot !== NO_AGGREGATE;
}

/** Exactly what the last verdict cuts and pays was cut and paid since. */
function checkVerdict(run: Run, job: JobEntry, round: JobRound): void {
  const { cuts, rewards } = round.verdict;
  round.verdict = { cuts: [], rewards: [] };
  checkCuts(run, job, cuts);
  const found = job.since.rewards.splice(0).join();
  if (!job.since.refused) run.findings.expect("jobs", placeOf(job), "rewards of a verdict", rewards.join(), found);
}

/** Workers that committed and did not reveal. */
export function unrevealed({ seats }: JobRound): string[] {
  return seats.filter(({ status }) => status === UPDATE.committed).map(({ provider }) => provider);
}

/** Evaluators whose time to reveal is over now, and who did not. */
export function takeSilent({ scoreSeats }: JobRound): string[] {
  const silent = scoreSeats.filter(({ result, silent: known }) => result === undefined && !known);
  for (const seat of silent) seat.silent = true;
  return silent.map(({ evaluator }) => evaluator);
}
