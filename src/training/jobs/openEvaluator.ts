import { ZeroHash } from "ethers";
import type { Journal } from "../../journal/openJournal.ts";
import { optionalText, textOf, type Row } from "../../journal/row.ts";
import { encodeState } from "../federated/encodeState.ts";
import { scoreTableFromJson, scoreTableToJson, type ScoreTable } from "../federated/scoreTable.ts";
import type { RoundScores } from "../federated/types.ts";
import type { ReproducibleChain } from "../reproducible/jobs/reproducibleChain.ts";
import type { UpdateStore } from "../store/types.ts";
import type { Trainer } from "../types.ts";
import { evaluateRound, readRound, tableSeats } from "./evaluateRound.ts";
import { resultHash, roundCommitment } from "./hashes.ts";
import { openSpecTrainer, readJobInputs, requireJob, type JobInputs, type OpenTrainer } from "./jobInputs.ts";
import type { JobsChain } from "./jobsChain.ts";
import { scoringRule } from "./jobSpec.ts";
import { JOB_STATE, type JobView, type RoundView, type ScoreSeat } from "./jobTypes.ts";
import type { RoundKnowledge } from "./measured/caseJob.ts";
import { jobPrograms } from "./measured/jobMeasurement.ts";
import { openMeasured, type BendMeasurement, type MeasuredPlayer } from "./measured/openMeasured.ts";
import { tableStruct } from "./measured/tableStruct.ts";
import { journalLost } from "./openWorker.ts";
import { attempt, collectHeld, type Role, type RoleAction } from "./role.ts";
import { newSalt, openRoleJournal, optionalBytes, roundChanged, type OpenJournal } from "./roleJournal.ts";

export interface OpenEvaluatorParameters {
  readonly chain: JobsChain;
  /** Where measured challenges are decided; without it the evaluator makes none, and answers none. */
  readonly reproducible?: ReproducibleChain;
  readonly job: number;
  /** Where updates, states and validation slices are. */
  readonly store: UpdateStore;
  readonly openTrainer: OpenTrainer;
  /** Holds the scores that the evaluator committed to. Whoever loses it loses the bond. */
  readonly journalPath: string;
  /** Whether a standing result is checked, also one of others, and challenged where it differs; it is if left out. */
  readonly audits?: boolean;
  /** Changes what is committed to; for demonstrations and tests of dishonest evaluators. */
  readonly bendScores?: (scores: readonly bigint[]) => readonly bigint[];
  /** The same for the whole result, as of those whose results are measured. */
  readonly bendResult?: (found: RoundScores) => RoundScores;
  readonly bendMeasurement?: BendMeasurement;
  readonly openJournal?: OpenJournal;
}

const SCHEMA = `CREATE TABLE results (
  job INTEGER NOT NULL,
  round INTEGER NOT NULL,
  model_root TEXT NOT NULL,
  scores TEXT NOT NULL,
  aggregate_root TEXT NOT NULL,
  salt TEXT NOT NULL,
  next BLOB,
  PRIMARY KEY (job, round)
) STRICT;`;
/** What a result follows from; by it the evaluator challenges and answers. */
const TABLE = "ALTER TABLE results ADD COLUMN score_table TEXT;";

interface Result {
  readonly scores: readonly bigint[];
  readonly aggregateRoot: string;
  readonly salt: string;
  /** Bytes of the next state, until they are in the store. */
  readonly next: Uint8Array | undefined;
  /** Undefined where there was no slice to measure on. */
  readonly table: ScoreTable | undefined;
}

/**
 * An evaluator of one job: joins, scores the rounds it is drawn for, commits, reveals, puts the next state into the store,
 * challenges a standing result that differs from its own, and collects. Scores and the table that they follow from are in the journal
 * before the commitment is sent and never replaced. Where the job's results are measured, it plays its own challenges, and those of
 * its own result, to their end.
 */
export function openEvaluator(parameters: OpenEvaluatorParameters): Role {
  return new Evaluator(parameters);
}

class Evaluator implements Role {
  readonly #parameters: OpenEvaluatorParameters;
  readonly #chain: JobsChain;
  readonly #job: number;
  readonly #journal: Journal;
  #inputs: JobInputs | undefined;
  #trainer: Trainer | undefined;
  #measured: MeasuredPlayer | undefined;

  constructor(parameters: OpenEvaluatorParameters) {
    const { chain, job, journalPath, openJournal } = parameters;
    this.#parameters = parameters;
    this.#chain = chain;
    this.#job = job;
    const schemas = [SCHEMA, TABLE];
    this.#journal = openRoleJournal({ path: journalPath, role: "evaluator", chain, schemas, open: openJournal });
  }

  async step(chainTime: number): Promise<readonly RoleAction[]> {
    if (await this.#chain.hasWaiting()) return [];
    const view = await this.#chain.job(this.#job);
    requireJob(this.#job, view);
    await this.#publishRevealed();
    const played = await this.#play(view, chainTime);
    return [...played, ...(await collectHeld(this.#chain, this.#job))];
  }

  close(): void {
    this.#journal.close();
    void this.#trainer?.close();
  }

  async #play(view: JobView, chainTime: number): Promise<RoleAction[]> {
    // A reproducible job that decides has clocks of its own.
    if (view.state === JOB_STATE.measuring) return this.#measure(view, chainTime);
    if (chainTime >= view.deadline) return [];
    if (view.state === JOB_STATE.waiting) return this.#join();
    if (view.state === JOB_STATE.scoreCommit) return this.#commit(view, chainTime);
    if (view.state === JOB_STATE.scoreReveal) return this.#reveal(view);
    if (view.state === JOB_STATE.challenge) return this.#check(view, chainTime);
    return [];
  }

  async #join(): Promise<RoleAction[]> {
    const places = await this.#chain.evaluators(this.#job);
    if (places.some(({ provider }) => provider === this.#chain.account)) return [];
    await this.#open();
    return [await attempt(this.#chain, { verb: "joinEvaluators", args: [this.#job] }, { job: this.#job })];
  }

  async #commit(view: JobView, chainTime: number): Promise<RoleAction[]> {
    const { round } = view;
    const details = await this.#chain.round(this.#job, round);
    const seat = this.#seat(view, details);
    if (seat === undefined) return [];
    const known = this.#result(view);
    if (BigInt(seat.commitment) !== 0n) {
      this.#requireOwn(round, seat, known);
      return [];
    }
    const result = known ?? (await this.#evaluate(view, details, chainTime));
    if (result === undefined) return [];
    return [
      await attempt(
        this.#chain,
        { verb: "commitScores", args: [this.#job, this.#commitment(round, result)] },
        { job: this.#job, round, detail: `scores ${result.scores.join(" ")}` },
      ),
    ];
  }

  async #reveal(view: JobView): Promise<RoleAction[]> {
    const { round } = view;
    const seat = this.#seat(view, await this.#chain.round(this.#job, round));
    if (seat === undefined || BigInt(seat.commitment) === 0n || BigInt(seat.result) !== 0n) return [];
    const result = this.#requireOwn(round, seat, this.#result(view));
    const { scores, aggregateRoot, salt } = result;
    const action = await attempt(
      this.#chain,
      { verb: "revealScores", args: [this.#job, scores, aggregateRoot, salt] },
      { job: this.#job, round, detail: `model ${aggregateRoot}` },
    );
    if (action.refusal === undefined) await this.#publishRevealed();
    return [action];
  }

  /** Compares the standing result with its own; where they differ, it shows its table, or asks for a panel. */
  async #check(view: JobView, chainTime: number): Promise<RoleAction[]> {
    const { round } = view;
    if (this.#parameters.audits === false) return [];
    const details = await this.#chain.round(this.#job, round);
    const own = this.#result(view) ?? (await this.#evaluate(view, details, chainTime));
    if (own === undefined || this.#hash(round, own) === details.standing) return [];
    const { evaluatorBondTicks } = await this.#chain.terms(this.#job);
    if ((await this.#chain.freeStake(this.#chain.account)) < evaluatorBondTicks) return [];
    const call = await this.#challengeCall(round, own, details);
    if (call === undefined) return [];
    return [await attempt(this.#chain, call, { job: this.#job, round, detail: `own scores ${own.scores.join(" ")}` })];
  }

  /** Undefined where the challenge could not be played. */
  async #challengeCall(round: number, own: Result, { standing }: RoundView) {
    const [{ spec, terms }] = await this.#open();
    const programs = jobPrograms(spec, terms.maxWorkers);
    const missing = this.#hash(round, { scores: [], aggregateRoot: ZeroHash });
    // Whether a slice was to be had is nothing that can be measured.
    if (programs === undefined || own.table === undefined || standing === missing) {
      return { verb: "challenge", args: [this.#job] } as const;
    }
    if (this.#parameters.reproducible === undefined) return undefined;
    // Who lost with this result would lose with it again.
    if (await this.#chain.hasLostChallenge(this.#job, round)) return undefined;
    const args = [this.#job, programs, tableStruct(own.table), own.aggregateRoot] as const;
    return { verb: "challengeMeasured", args } as const;
  }

  /** Plays a measured challenge that this account made, or that its result is the subject of. */
  async #measure(view: JobView, chainTime: number): Promise<RoleAction[]> {
    const { reproducible, bendMeasurement } = this.#parameters;
    if (reproducible === undefined) return [];
    if (this.#measured === undefined) {
      const [{ spec, terms }] = await this.#open();
      const programs = jobPrograms(spec, terms.maxWorkers);
      if (programs === undefined) return [];
      const parameters = { chain: this.#chain, reproducible, job: this.#job, programs, bendMeasurement };
      this.#measured = openMeasured(parameters);
    }
    return this.#measured.play(view, () => this.#knowledge(view), chainTime);
  }

  /** Its own view of the round: the table of the journal, and the bytes from chain and store. */
  async #knowledge(view: JobView): Promise<RoundKnowledge | undefined> {
    const own = this.#result(view);
    if (own?.table === undefined) return undefined;
    const { store } = this.#parameters;
    const [{ spec }, trainer] = await this.#open();
    const round = await this.#chain.round(this.#job, view.round);
    const place = { chain: this.#chain, store, trainer, spec, job: this.#job, view, round, patient: false };
    const inputs = await readRound(place);
    if (inputs === undefined) return undefined;
    return {
      ...{
        rule: scoringRule(spec),
        seats: tableSeats(round),
        table: own.table,
        state: inputs.state,
        slice: inputs.slice,
      },
      updates: inputs.updates.map(({ bytes }) => bytes),
      next: own.next ?? (await store.get(own.aggregateRoot)),
    };
  }

  /** Undefined where it is too early to tell a withheld update from a late one. */
  async #evaluate(view: JobView, details: RoundView, chainTime: number): Promise<Result | undefined> {
    const { store, bendScores, bendResult } = this.#parameters;
    const [{ spec, terms }, trainer] = await this.#open();
    const job = this.#job;
    const patient = view.state === JOB_STATE.scoreCommit && chainTime < view.deadline - terms.scoreCommitSeconds / 2;
    const found = await evaluateRound({ chain: this.#chain, store, trainer, spec, job, view, round: details, patient });
    if (found === undefined) return undefined;
    const salt = newSalt();
    if (found === null) {
      return this.#keep(view, { scores: [], aggregateRoot: ZeroHash, salt, next: undefined, table: undefined });
    }
    const { scores, aggregateRoot, next, table } = bendResult === undefined ? found : bendResult(found);
    const told = bendScores === undefined ? scores : bendScores(scores);
    return this.#keep(view, { scores: told, aggregateRoot, salt, next: encodeState(next), table });
  }

  #keep({ round, modelRoot }: JobView, result: Result): Result {
    this.#journal.write(() => {
      this.#journal.run(
        "INSERT INTO results (job, round, model_root, scores, aggregate_root, salt, next, score_table) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        this.#job,
        round,
        modelRoot,
        result.scores.join(" "),
        result.aggregateRoot,
        result.salt,
        result.next ?? null,
        result.table === undefined ? null : scoreTableToJson(result.table),
      );
    });
    return result;
  }

  /** States of results that the chain holds by now go to the store; after a crash too. */
  async #publishRevealed(): Promise<void> {
    const rows = this.#journal.all("SELECT * FROM results WHERE job = ? AND next IS NOT NULL", this.#job);
    for (const row of rows) {
      const round = Number(row.round);
      const next = optionalBytes(row, "next");
      const { scoreSeats, outcome, standing } = await this.#chain.round(this.#job, round);
      const { account } = this.#chain;
      const revealed = scoreSeats.some(({ evaluator, result }) => evaluator === account && BigInt(result) !== 0n);
      // Who was not drawn may have challenged, so that its result stands.
      const stands = standing === this.#hash(round, resultOf(row));
      if ((revealed || stands) && next !== undefined) await this.#parameters.store.put(next);
      // A round that is over needs no other state.
      if (!revealed && !stands && outcome === 0) continue;
      this.#journal.progress(() =>
        this.#journal.run("UPDATE results SET next = NULL WHERE job = ? AND round = ?", this.#job, round),
      );
    }
  }

  async #open(): Promise<readonly [JobInputs, Trainer]> {
    const { store, openTrainer } = this.#parameters;
    const inputs = (this.#inputs ??= await readJobInputs(this.#chain, store, this.#job));
    const trainer = (this.#trainer ??= await openSpecTrainer(openTrainer, inputs.spec));
    return [inputs, trainer];
  }

  /** The account's seat in the present part of the round. */
  #seat({ draw }: JobView, { scoreSeats }: RoundView): ScoreSeat | undefined {
    return scoreSeats.find(({ evaluator, kind }) => evaluator === this.#chain.account && kind === draw);
  }

  #result({ round, modelRoot }: JobView): Result | undefined {
    const row = this.#journal.get("SELECT * FROM results WHERE job = ? AND round = ?", this.#job, round);
    if (row === undefined) return undefined;
    if (textOf(row, "model_root") !== modelRoot)
      throw roundChanged(this.#job, round, textOf(row, "model_root"), modelRoot);
    return resultOf(row);
  }

  #hash(round: number, { scores, aggregateRoot }: Pick<Result, "scores" | "aggregateRoot">): string {
    return resultHash({ job: BigInt(this.#job), round: BigInt(round) }, scores, aggregateRoot);
  }

  #commitment(round: number, result: Result): string {
    const { chainId, contract, account } = this.#chain;
    const place = { job: BigInt(this.#job), round: BigInt(round), chainId: BigInt(chainId), contract };
    return roundCommitment(place, account, this.#hash(round, result), result.salt);
  }

  #requireOwn(round: number, { commitment }: ScoreSeat, result: Result | undefined): Result {
    if (result !== undefined && this.#commitment(round, result) === commitment) return result;
    throw journalLost(this.#job, round, commitment);
  }
}

function resultOf(row: Row): Result {
  const scores = textOf(row, "scores");
  const table = optionalText(row, "score_table");
  return {
    scores: scores === "" ? [] : scores.split(" ").map(BigInt),
    aggregateRoot: textOf(row, "aggregate_root"),
    salt: textOf(row, "salt"),
    next: optionalBytes(row, "next"),
    table: table === undefined ? undefined : scoreTableFromJson(table),
  };
}
