import type { Journal } from "../../journal/openJournal.ts";
import { textOf } from "../../journal/row.ts";
import { encodeState } from "../federated/encodeState.ts";
import type { UpdateStore } from "../store/types.ts";
import type { Trainer } from "../types.ts";
import { evaluateRound } from "./evaluateRound.ts";
import { resultHash, roundCommitment } from "./hashes.ts";
import { openSpecTrainer, readJobInputs, requireJob, type JobInputs, type OpenTrainer } from "./jobInputs.ts";
import type { JobsChain } from "./jobsChain.ts";
import { JOB_STATE, type JobView, type RoundView, type ScoreSeat } from "./jobTypes.ts";
import { journalLost } from "./openWorker.ts";
import { attempt, collectHeld, type Role, type RoleAction } from "./role.ts";
import { newSalt, openRoleJournal, optionalBytes, roundChanged, type OpenJournal } from "./roleJournal.ts";

export interface OpenEvaluatorParameters {
  readonly chain: JobsChain;
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

interface Result {
  readonly scores: readonly bigint[];
  readonly aggregateRoot: string;
  readonly salt: string;
  /** Bytes of the next state, until they are in the store. */
  readonly next: Uint8Array | undefined;
}

/**
 * An evaluator of one job: joins, scores the rounds it is drawn for, commits, reveals, puts the next state into the store,
 * challenges a standing result that differs from its own, and collects. Scores are in the journal before the commitment is
 * sent and never replaced.
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

  constructor(parameters: OpenEvaluatorParameters) {
    const { chain, job, journalPath, openJournal } = parameters;
    this.#parameters = parameters;
    this.#chain = chain;
    this.#job = job;
    this.#journal = openRoleJournal({ path: journalPath, role: "evaluator", chain, schema: SCHEMA, open: openJournal });
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

  /** Compares the standing result with its own, and asks for a panel where they differ. */
  async #check(view: JobView, chainTime: number): Promise<RoleAction[]> {
    const { round } = view;
    if (this.#parameters.audits === false) return [];
    const details = await this.#chain.round(this.#job, round);
    const own = this.#result(view) ?? (await this.#evaluate(view, details, chainTime));
    if (own === undefined || this.#hash(round, own) === details.standing) return [];
    const { evaluatorBondTicks } = await this.#chain.terms(this.#job);
    if ((await this.#chain.freeStake(this.#chain.account)) < evaluatorBondTicks) return [];
    return [
      await attempt(
        this.#chain,
        { verb: "challenge", args: [this.#job] },
        { job: this.#job, round, detail: `own scores ${own.scores.join(" ")}` },
      ),
    ];
  }

  /** Undefined where it is too early to tell a withheld update from a late one. */
  async #evaluate(view: JobView, details: RoundView, chainTime: number): Promise<Result | undefined> {
    const { store, bendScores } = this.#parameters;
    const [{ spec, terms }, trainer] = await this.#open();
    const job = this.#job;
    const patient = view.state === JOB_STATE.scoreCommit && chainTime < view.deadline - terms.scoreCommitSeconds / 2;
    const found = await evaluateRound({ chain: this.#chain, store, trainer, spec, job, view, round: details, patient });
    if (found === undefined) return undefined;
    const result = {
      scores: bendScores === undefined ? found.scores : bendScores(found.scores),
      aggregateRoot: found.aggregateRoot,
      salt: newSalt(),
      next: encodeState(found.next),
    };
    this.#journal.write(() => {
      this.#journal.run(
        "INSERT INTO results (job, round, model_root, scores, aggregate_root, salt, next) VALUES (?, ?, ?, ?, ?, ?, ?)",
        job,
        view.round,
        view.modelRoot,
        result.scores.join(" "),
        result.aggregateRoot,
        result.salt,
        result.next,
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
      const { scoreSeats, outcome } = await this.#chain.round(this.#job, round);
      const revealed = scoreSeats.some(
        ({ evaluator, result }) => evaluator === this.#chain.account && BigInt(result) !== 0n,
      );
      if (revealed && next !== undefined) await this.#parameters.store.put(next);
      // A round that is over needs the state of nobody who did not reveal.
      if (!revealed && outcome === 0) continue;
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
    const scores = textOf(row, "scores");
    return {
      scores: scores === "" ? [] : scores.split(" ").map(BigInt),
      aggregateRoot: textOf(row, "aggregate_root"),
      salt: textOf(row, "salt"),
      next: optionalBytes(row, "next"),
    };
  }

  #hash(round: number, { scores, aggregateRoot }: Result): string {
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
