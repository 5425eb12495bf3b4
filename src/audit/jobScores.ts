import { expectStake } from "./computeContext.ts";
import { DRAW, type JobEntry, type JobRound, type JobScoreSeat } from "./computeState.ts";
import {
  currentRound,
  eligible,
  expectIn,
  jobOf,
  isMeasured,
  openCommitment,
  panelOf,
  placeOf,
  resultHash,
} from "./jobLookup.ts";
import { NO_AGGREGATE } from "./jobSettlement.ts";
import { mismatch } from "./mismatch.ts";
import type { Run } from "./run.ts";
import type { JobsEventOf, Place } from "./types.ts";

/** A draw takes its randomness from a block that is this far ahead when it is armed. */
const BLOCKS_AHEAD = 2;
const NO_RESULT = `0x${"00".repeat(32)}`;

export function drawArmed(run: Run, { args }: JobsEventOf<"DrawArmed">): void {
  const { findings, tx } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job);
  findings.expect("jobs", place, "round of the draw", job.round, Number(args.round));
  findings.expect("jobs", place, "state of an armed draw", "draw", job.state);
  findings.expect("jobs", place, "kind of the draw", job.nextDraw, args.kind);
  findings.expect(
    "jobs",
    place,
    "block of the draw",
    tx.transaction.blockNumber + BLOCKS_AHEAD,
    Number(args.drawBlock),
  );
  job.draw = args.kind;
  job.drawBlock = Number(args.drawBlock);
}

export function evaluatorDrawn(run: Run, { args }: JobsEventOf<"EvaluatorDrawn">): void {
  const { evaluator, kind } = args;
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: evaluator });
  const round = currentRound(job);
  findings.expect("jobs", place, "state of a draw", "draw", job.state);
  findings.expect("jobs", place, "kind that was drawn for", job.draw, kind);
  findings.expect("jobs", place, "round that was drawn for", job.round, Number(args.round));
  const may = eligible(job, round).some(({ provider }) => provider === evaluator);
  findings.expect("jobs", place, "drawn of those with a place", true, may);
  round.scoreSeats.push({ evaluator, kind, silent: false, commitment: undefined, result: undefined });
}

export function scoresCommitted(run: Run, { args }: JobsEventOf<"ScoresCommitted">): void {
  const { evaluator, commitment } = args;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: evaluator });
  expectIn(run, job, place, "scoreCommit");
  run.findings.expect("jobs", place, "round of the commitment", job.round, Number(args.round));
  const seat = scoreSeatOf(job, place, evaluator);
  run.findings.expect("jobs", place, "committed once", "none", seat.commitment ?? "none");
  seat.commitment = commitment;
}

export function scoresRevealed(run: Run, { args }: JobsEventOf<"ScoresRevealed">): void {
  const { evaluator, result, scores, aggregateRoot } = args;
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: evaluator });
  expectIn(run, job, place, "scoreReveal");
  findings.expect("jobs", place, "round of the reveal", job.round, Number(args.round));
  const round = currentRound(job);
  const seat = scoreSeatOf(job, place, evaluator);
  const expected = aggregateRoot === NO_AGGREGATE ? 0 : round.seats.length;
  findings.expect("jobs", place, "scores, one a seat", expected, scores.length);
  findings.expect("jobs", place, "revealed once", "none", seat.result ?? "none");
  const hash = resultHash(job, scores, aggregateRoot);
  findings.expect("jobs", place, "hash of scores and aggregate", hash, result);
  openCommitment(run, job, place, {
    account: evaluator,
    verb: "revealScores",
    content: hash,
    committed: seat.commitment,
    fits: ({ args: given }) => Number(given.job) === job.id && given.aggregateRoot === aggregateRoot,
  });
  seat.result = result;
  if (!round.results.has(result)) round.results.set(result, { scores, aggregateRoot });
}

/** The result that most revealed stands: of all before a panel, or of the panel. */
export function resultStands(run: Run, { args }: JobsEventOf<"ResultStands">): void {
  const job = jobOf(run, args.job);
  const place = placeOf(job);
  const round = currentRound(job);
  if (job.since.verdict === true) {
    // A measurement found for it: there is nothing to count.
    run.findings.expect("jobs", place, "votes for a measured result", 0, Number(args.votes));
    round.standing = args.result;
    return;
  }
  const panel = job.draw === DRAW.panel;
  run.findings.expect("jobs", place, "state as a result stands", "scoreReveal", job.state);
  run.findings.expect("jobs", place, "round of the result", job.round, Number(args.round));
  const counted = tally(round, panel);
  const { best, votes } = counted;
  const tie = counted.tie && !isMeasured(job);
  run.findings.expect("jobs", place, "result of the most", tie ? "a tie" : (best ?? "none"), args.result);
  run.findings.expect("jobs", place, "votes for it", votes, Number(args.votes));
  if (panel) round.first = round.standing;
  round.standing = args.result;
}

export function resultChallenged(run: Run, { args }: JobsEventOf<"ResultChallenged">): void {
  const { challenger, result } = args;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: challenger });
  const round = currentRound(job);
  expectIn(run, job, place, "challenge");
  run.findings.expect("jobs", place, "round of the challenge", job.round, Number(args.round));
  run.findings.expect("jobs", place, "result that is challenged", round.standing ?? "none", result);
  round.challenger = challenger;
  run.findings.expect("jobs", place, "a panel is left", true, panelOf(job, eligible(job, round).length) > 0);
  expectStake(run, "jobs", "locked", place, challenger, job.terms.evaluatorBondTicks);
  run.findings.add("jobs", "challenges", 1);
}

export function challengeDecided(run: Run, { args }: JobsEventOf<"ChallengeDecided">): void {
  const { challenger, result } = args;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: challenger });
  const round = currentRound(job);
  run.findings.expect("jobs", place, "round of the decision", job.round, Number(args.round));
  run.findings.expect("jobs", place, "challenger of the result", round.challenger ?? "none", challenger);
  const { best, votes, tie } = tally(round, true);
  const decided = votes > 0 && !tie;
  job.since.decided = true;
  run.findings.expect("jobs", place, "what the panel found", decided ? (best ?? "none") : NO_RESULT, result);
  if (decided) return;
  // No decision, no loser.
  expectStake(run, "jobs", "released", place, challenger, job.terms.evaluatorBondTicks);
  round.challenger = undefined;
}

/** How often each result was revealed, by the panel or by all before it. */
export function tally(
  { scoreSeats }: JobRound,
  panel: boolean,
): { readonly best: string | undefined; readonly votes: number; readonly tie: boolean } {
  const counts = new Map<string, number>();
  for (const { kind, result } of scoreSeats) {
    if (result === undefined || (kind === DRAW.panel) !== panel) continue;
    counts.set(result, (counts.get(result) ?? 0) + 1);
  }
  const votes = Math.max(0, ...counts.values());
  const leaders = [...counts].filter(([, count]) => count === votes).map(([result]) => result);
  return { best: leaders[0], votes, tie: leaders.length > 1 };
}

/** Somebody whose time has come: the seat of an evaluator drawn for the present part. */
function scoreSeatOf(job: JobEntry, place: Place, evaluator: string): JobScoreSeat {
  const seat = currentRound(job).scoreSeats.find((one) => one.evaluator === evaluator && one.kind === job.draw);
  return seat ?? mismatch("The event names an evaluator that was not drawn", { ...place });
}
