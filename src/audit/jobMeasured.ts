import { JouleworkError } from "../errors.ts";
import { scoreFromTable, type TableSeat } from "../training/federated/scoreFromTable.ts";
import { scoreTableToJson, type ScoreTable } from "../training/federated/scoreTable.ts";
import { updateBytes } from "../training/federated/updateLayout.ts";
import { caseTerms, programsRule } from "../training/jobs/measured/caseTerms.ts";
import { DIFFERENCE, firstDifference } from "../training/jobs/measured/tableDifference.ts";
import { tableOf, type TableStruct } from "../training/jobs/measured/tableStruct.ts";
import { REPRODUCIBLE_STATE } from "../training/reproducible/jobs/reproducibleTypes.ts";
import { measurementHash, type MeasurementPrograms } from "../training/reproducible/scoring/measurementPrograms.ts";
import { expectStake } from "./computeContext.ts";
import { UPDATE, type JobEntry, type JobRound } from "./computeState.ts";
import { currentRound, expectIn, jobCallsOf, jobOf, placeOf, resultHash } from "./jobLookup.ts";
import { NO_AGGREGATE } from "./jobSettlement.ts";
import { mismatch } from "./mismatch.ts";
import type { Run } from "./run.ts";
import type { JobsEventOf, Place } from "./types.ts";

const CLOCK_PART = 8;
const UNPROVED: ReadonlySet<number> = new Set([
  REPRODUCIBLE_STATE.stopped,
  REPRODUCIBLE_STATE.abandoned,
  REPRODUCIBLE_STATE.refuted,
]);

/** Another result than the standing one, and a table from which its scores follow. */
export function measuredChallenge(run: Run, { args }: JobsEventOf<"MeasuredChallenge">): void {
  const { challenger, result, scores, aggregateRoot } = args;
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: challenger });
  const round = currentRound(job);
  expectIn(run, job, place, "challenge");
  findings.expect("jobs", place, "round of the challenge", job.round, Number(args.round));
  findings.expect("jobs", place, "hash of scores and aggregate", resultHash(job, scores, aggregateRoot), result);
  findings.expect("jobs", place, "another result than stands", true, result !== round.standing);
  const standing = round.results.get(round.standing ?? "");
  findings.expect("jobs", place, "result with scores that stands", true, standing?.aggregateRoot !== NO_AGGREGATE);
  const table = tableOf(args.table);
  const due = scoresOf(run, job, place, "challengeMeasured", table);
  if (due !== undefined) findings.expect("jobs", place, "scores of the table", due.join(), scores.join());
  expectStake(run, "jobs", "locked", place, challenger, job.terms.evaluatorBondTicks);
  if (!round.results.has(result)) round.results.set(result, { scores, aggregateRoot });
  round.measured = { challenger, result, table, part: DIFFERENCE.none, answerer: undefined, measured: 0 };
  findings.add("jobs", "measuredChallenges", 1);
}

/** The table of the standing result, and the reproducible job that decides about the first difference. */
export function measuredAnswer(run: Run, { args }: JobsEventOf<"MeasuredAnswer">): void {
  const { answerer, part, position, measured, challengerProves } = args;
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: answerer });
  const round = currentRound(job);
  expectIn(run, job, place, "measuring");
  const held = caseOf(round, place);
  findings.expect("jobs", place, "answered once", "nobody", held.answerer ?? "nobody");
  findings.expect("jobs", place, "who may answer", true, mayAnswer(round, answerer));
  const table = tableOf(args.table);
  const scores = scoresOf(run, job, place, "answerMeasured", table);
  const root = round.results.get(round.standing ?? "")?.aggregateRoot ?? NO_AGGREGATE;
  if (scores !== undefined) {
    const given = resultHash(job, scores, root);
    findings.expect("jobs", place, "result of the table", round.standing ?? "none", given);
  }
  const [call] = jobCallsOf(run, "answerMeasured");
  if (call !== undefined) expectTable(run, place, call.args.rival, held.table);
  const due = firstDifference(held.table, table);
  findings.expect("jobs", place, "what differs first", due.part, part);
  findings.expect("jobs", place, "where it differs", due.position, Number(position));
  round.measured = {
    ...held,
    answerer,
    part,
    measured: Number(measured),
    challengerProves: part === DIFFERENCE.readable ? table.readable[Number(position)] === true : challengerProves,
  };
  findings.expect("jobs", place, "who has to prove", round.measured.challengerProves ?? false, challengerProves);
  checkPosted(run, job, place, table);
}

/** The reproducible job of an answer asks for what follows from both tables. */
function checkPosted(run: Run, job: JobEntry, place: Place, table: ScoreTable): void {
  const { findings, tx } = run;
  const held = caseOf(currentRound(job), place);
  const posted = tx.transaction.events.flatMap(({ source, event }) =>
    source === "reproducible" && event.name === "ReproducibleJobPosted" ? [event] : [],
  );
  const [found] = posted;
  const expected = held.part === DIFFERENCE.readable ? 0 : 1;
  findings.expect("jobs", place, "reproducible jobs that were posted", expected, posted.length);
  const programs = programsOf(run, job, "answerMeasured");
  if (found?.name !== "ReproducibleJobPosted" || programs === undefined) return;
  const due = caseTerms(programs, tableSeats(job, programs), held.table, table, firstDifference(held.table, table));
  const { terms } = found.args;
  const { scoreCommitSeconds, challengeSeconds, evaluatorBondTicks, specHash } = job.terms;
  findings.expect("jobs", place, "number of the reproducible job", held.measured, Number(found.args.job));
  findings.expect("jobs", place, "program that decides", due?.program.root ?? "none", terms.program.root);
  findings.expect("jobs", place, "data set that decides", due?.dataset ?? "none", terms.dataset);
  findings.expect("jobs", place, "state before it", due?.initialState ?? "none", terms.initialState);
  findings.expect(
    "jobs",
    place,
    "who has to prove by what differs",
    due?.challengerProves ?? false,
    held.challengerProves ?? false,
  );
  findings.expect("jobs", place, "specification that it names", specHash, terms.specification);
  findings.expect("jobs", place, "pay of the reproducible job", 0n, terms.payTicks);
  findings.expect("jobs", place, "bond of who proves", evaluatorBondTicks, terms.bondTicks);
  findings.expect("jobs", place, "bond of who doubts", evaluatorBondTicks, terms.challengeBondTicks);
  findings.expect("jobs", place, "time to claim", scoreCommitSeconds, terms.roundSeconds);
  findings.expect("jobs", place, "clock of a dispute", scoreCommitSeconds, terms.clockSeconds);
  const extension = Math.floor(scoreCommitSeconds / CLOCK_PART);
  findings.expect("jobs", place, "time that a move gives back", extension, terms.extensionSeconds);
  findings.expect("jobs", place, "window of the claim", challengeSeconds, terms.windowSeconds);
}

/** Somebody was right; the other one's bond is cut, half of it for the winner. */
export function measuredVerdict(run: Run, { args }: JobsEventOf<"MeasuredVerdict">): void {
  const { winner, result } = args;
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: winner });
  const round = currentRound(job);
  findings.expect("jobs", place, "state of a verdict", "measuring", job.state);
  findings.expect("jobs", place, "round of the verdict", job.round, Number(args.round));
  const held = caseOf(round, place);
  const challengerRight = result === held.result;
  const right = challengerRight ? held.challenger : (held.answerer ?? "nobody");
  findings.expect("jobs", place, "winner of the challenge", right, winner);
  const stands = challengerRight ? held.result : (round.standing ?? "none");
  findings.expect("jobs", place, "result that stands after it", stands, result);
  const proved = provedBy(run, held);
  if (proved !== undefined) {
    findings.expect("jobs", place, "who was right", proved === (held.challengerProves === true), challengerRight);
  }
  const loser = challengerRight ? round.rival : held.challenger;
  if (challengerRight) round.rival = held.challenger;
  const bond = job.terms.evaluatorBondTicks;
  round.verdict =
    loser === undefined
      ? { cuts: [], rewards: [] }
      : { cuts: [loser], rewards: bond / 2n === 0n ? [] : [`${winner}/${String(bond / 2n)}`] };
  round.measured = undefined;
  job.since.verdict = challengerRight;
  findings.add("jobs", "measuredVerdicts", 1);
}

/** Whether who had to prove did, as far as it is known without what a claim opens to; nobody proves what nobody answered. */
function provedBy(run: Run, held: NonNullable<JobRound["measured"]>): boolean | undefined {
  if (held.answerer === undefined) return false;
  if (held.part === DIFFERENCE.readable) return jobCallsOf(run, "proveUnreadable").length > 0;
  const state = run.state.reproducible.jobs.get(held.measured)?.job.state;
  if (state === REPRODUCIBLE_STATE.cancelled) return true;
  if (state !== undefined && UNPROVED.has(state)) return false;
  const concluded = jobCallsOf(run, "concludeMeasured").length > 0;
  return state === REPRODUCIBLE_STATE.done && concluded ? undefined : false;
}

/** Nodes were shown in a challenge about a byte string. */
export function stringShown(run: Run, { args }: JobsEventOf<"StringShown">): void {
  const job = jobOf(run, args.job);
  const place = placeOf(job);
  expectIn(run, job, place, "measuring");
  run.findings.expect("jobs", place, "round that was shown for", job.round, Number(args.round));
}

function caseOf({ measured }: JobRound, place: Place): NonNullable<JobRound["measured"]> {
  return measured ?? mismatch("The event names a challenge that was never made", { ...place });
}

function mayAnswer({ rival, standing, scoreSeats }: JobRound, account: string): boolean {
  if (rival !== undefined) return account === rival;
  return scoreSeats.some(({ evaluator, result }) => evaluator === account && result === standing);
}

/** The programs that a call named, by their hash those of the terms. */
function programsOf(run: Run, job: JobEntry, verb: string): MeasurementPrograms | undefined {
  const [call] = jobCallsOf(run, verb);
  if (call === undefined) return undefined;
  // The decoder read them by the contract's own interface.
  const programs = call.args.programs as MeasurementPrograms;
  run.findings.expect("jobs", placeOf(job), "programs of the job", job.terms.measurement, measurementHash(programs));
  return programs;
}

function scoresOf(
  run: Run,
  job: JobEntry,
  place: Place,
  verb: string,
  table: ScoreTable,
): readonly bigint[] | undefined {
  const programs = programsOf(run, job, verb);
  if (programs === undefined) return undefined;
  expectTable(run, place, jobCallsOf(run, verb)[0]?.args.table, table);
  try {
    return scoreFromTable(table, programsRule(programs), tableSeats(job, programs)).scores;
  } catch (error) {
    if (!(error instanceof JouleworkError)) throw error;
    run.findings.fail("jobs", place, "table of measurements", "one that can be measured", error.message);
    return undefined;
  }
}

/** The table of a call is the one that was told. */
function expectTable(run: Run, place: Place, given: unknown, told: ScoreTable): void {
  // The decoder read it by the contract's own interface.
  const table = tableOf(given as TableStruct);
  run.findings.expect("jobs", place, "table of the call", scoreTableToJson(table), scoreTableToJson(told));
}

/** A seat whose revealed size is not that of an update has none. */
function tableSeats(job: JobEntry, { parameters }: MeasurementPrograms): TableSeat[] {
  return currentRound(job).seats.map(({ status, updateRoot, sizeBytes }): TableSeat => {
    const counts = status === UPDATE.valid && sizeBytes === updateBytes(parameters) && updateRoot !== undefined;
    return counts ? { hash: updateRoot, verdict: null } : { hash: null, verdict: "refused" };
  });
}
