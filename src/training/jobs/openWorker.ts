import type { Journal } from "../../journal/openJournal.ts";
import { integerOf, textOf } from "../../journal/row.ts";
import { localUpdate } from "../federated/localUpdate.ts";
import { contentAddress } from "../store/contentAddress.ts";
import type { UpdateStore } from "../store/types.ts";
import { roundCommitment } from "./hashes.ts";
import { jobError } from "./jobErrors.ts";
import { readGlobalState, readJobInputs, requireJob } from "./jobInputs.ts";
import type { JobInputs, JobTrainer, OpenJobTrainer } from "./jobInputs.ts";
import type { JobsChain } from "./jobsChain.ts";
import { JOB_STATE, UPDATE_STATUS, type JobView, type Seat } from "./jobTypes.ts";
import { attempt, collectHeld, type Role, type RoleAction } from "./role.ts";
import { newSalt, openRoleJournal, optionalBytes, roundChanged, type OpenJournal } from "./roleJournal.ts";
import { updateBytes } from "../federated/updateLayout.ts";
import { honestWorker, type WorkerBehaviour } from "./workerBehaviour.ts";
import { createEnergyProver } from "./workerEnergy.ts";

export interface OpenWorkerParameters {
  readonly chain: JobsChain;
  readonly job: number;
  /** Where states are and updates go. */
  readonly store: UpdateStore;
  /** The worker's own text; it stays here. */
  readonly shard: Uint8Array;
  readonly openTrainer: OpenJobTrainer;
  /** Holds what the worker committed to. Whoever loses it loses a part of the bond. */
  readonly journalPath: string;
  readonly behaviour?: WorkerBehaviour;
  readonly openJournal?: OpenJournal;
}

const SCHEMA = `CREATE TABLE updates (
  job INTEGER NOT NULL,
  round INTEGER NOT NULL,
  model_root TEXT NOT NULL,
  update_root TEXT NOT NULL,
  salt TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  bytes BLOB,
  PRIMARY KEY (job, round)
) STRICT;`;

/** Numbers of batches are the specification's seed and the seat; a round that trains the same state again adds this. */
const SEED_STEP = 256;

interface Prepared {
  readonly updateRoot: string;
  readonly salt: string;
  readonly sizeBytes: number;
  readonly bytes: Uint8Array | undefined;
}

/**
 * A worker of one job: joins, trains, commits, reveals, proves its energy and collects. What it commits to is in the
 * journal before it is sent, once a round and never replaced, so that a crash costs no bond. The bytes go to the store with
 * the reveal: before, others could copy them.
 */
export function openWorker(parameters: OpenWorkerParameters): Role {
  return new Worker(parameters);
}

class Worker implements Role {
  readonly #parameters: OpenWorkerParameters;
  readonly #chain: JobsChain;
  readonly #job: number;
  readonly #journal: Journal;
  readonly #proveEnergy: (view: JobView, chainTime: number) => Promise<RoleAction[]>;
  #inputs: JobInputs | undefined;
  #trainer: JobTrainer | undefined;

  constructor(parameters: OpenWorkerParameters) {
    const { chain, job, journalPath, openJournal } = parameters;
    this.#parameters = parameters;
    this.#chain = chain;
    this.#job = job;
    this.#journal = openRoleJournal({ path: journalPath, role: "worker", chain, schemas: [SCHEMA], open: openJournal });
    this.#proveEnergy = createEnergyProver(chain, job);
  }

  async step(chainTime: number): Promise<readonly RoleAction[]> {
    if (await this.#chain.hasWaiting()) return [];
    const view = await this.#chain.job(this.#job);
    requireJob(this.#job, view);
    const played = await this.#play(view, chainTime);
    return [...played, ...(await this.#proveEnergy(view, chainTime)), ...(await collectHeld(this.#chain, this.#job))];
  }

  close(): void {
    this.#journal.close();
    // Threads of a trainer end on their own time.
    void this.#trainer?.close();
  }

  async #play(view: JobView, chainTime: number): Promise<RoleAction[]> {
    if (chainTime >= view.deadline) return [];
    if (view.state === JOB_STATE.waiting) return this.#join();
    if (view.state === JOB_STATE.commit) return this.#commit(view);
    if (view.state === JOB_STATE.reveal) return this.#reveal(view);
    return [];
  }

  async #join(): Promise<RoleAction[]> {
    const places = await this.#chain.workers(this.#job);
    if (places.some(({ provider }) => provider === this.#chain.account)) return [];
    // What cannot be read or trained here is found out before a bond is locked.
    await this.#open();
    return [await attempt(this.#chain, { verb: "join", args: [this.#job] }, { job: this.#job })];
  }

  async #commit({ round, modelRoot }: JobView): Promise<RoleAction[]> {
    const found = await this.#seat(round);
    if (found === undefined) return [];
    const known = this.#prepared(round, modelRoot);
    if (BigInt(found.seat.commitment) !== 0n) {
      this.#requireOwn(round, found.seat, known);
      return [];
    }
    const prepared = known ?? (await this.#prepare(round, modelRoot, found.index));
    const commitment = this.#commitment(round, prepared);
    return [
      await attempt(
        this.#chain,
        { verb: "commitUpdate", args: [this.#job, commitment] },
        { job: this.#job, round, detail: `update ${prepared.updateRoot}` },
      ),
    ];
  }

  async #prepare(round: number, modelRoot: string, seatIndex: number): Promise<Prepared> {
    const { store, shard, behaviour = honestWorker } = this.#parameters;
    const [{ spec, terms }, trainer] = await this.#open();
    const state = await readGlobalState(store, spec, trainer.parameters, modelRoot);
    // A state that no update has moved would give the same update again, which the contract takes for a stale one.
    const repeats = Math.max(0, round - 1 - state.round);
    const seed = (spec.seed + seatIndex + SEED_STEP * repeats) % 2 ** 32;
    const { steps } = spec.local;
    const honest = async () => (await localUpdate({ state, train: trainer.train, shard, seed, steps })).bytes;
    const { maxUpdateBytes } = terms;
    const bytes = await behaviour.update({
      model: spec.model,
      parameters: trainer.parameters,
      maxUpdateBytes,
      round,
      honest,
    });
    const prepared = { updateRoot: contentAddress(bytes), salt: newSalt(), sizeBytes: bytes.length, bytes };
    this.#journal.write(() => {
      this.#journal.run(
        "INSERT INTO updates (job, round, model_root, update_root, salt, size_bytes, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        this.#job,
        round,
        modelRoot,
        prepared.updateRoot,
        prepared.salt,
        prepared.sizeBytes,
        bytes,
      );
      // Rounds before are over: their updates are in the store, or too late.
      this.#journal.run("UPDATE updates SET bytes = NULL WHERE job = ? AND round < ?", this.#job, round);
    });
    return prepared;
  }

  async #reveal({ round, modelRoot }: JobView): Promise<RoleAction[]> {
    const { store, behaviour = honestWorker } = this.#parameters;
    const found = await this.#seat(round);
    if (found?.seat.status !== UPDATE_STATUS.committed || !behaviour.reveals) return [];
    const prepared = this.#requireOwn(round, found.seat, this.#prepared(round, modelRoot));
    if (prepared.bytes !== undefined) await store.put(prepared.bytes);
    return [
      await attempt(
        this.#chain,
        {
          verb: "revealUpdate",
          args: [this.#job, prepared.updateRoot, prepared.salt, BigInt(prepared.sizeBytes)],
        },
        { job: this.#job, round, detail: `update ${prepared.updateRoot}, ${prepared.sizeBytes} bytes` },
      ),
    ];
  }

  async #open(): Promise<readonly [JobInputs, JobTrainer]> {
    const { store, openTrainer } = this.#parameters;
    const inputs = (this.#inputs ??= await readJobInputs(this.#chain, store, this.#job));
    const trainer = (this.#trainer ??= await openTrainer(inputs.spec));
    const size = updateBytes(trainer.parameters);
    if (size > inputs.terms.maxUpdateBytes) {
      throw jobError("JOB_UPDATE_TOO_LARGE", "The model's update is larger than the job takes", {
        job: this.#job,
        updateBytes: size,
        maxUpdateBytes: inputs.terms.maxUpdateBytes,
      });
    }
    return [inputs, trainer];
  }

  async #seat(round: number): Promise<{ readonly seat: Seat; readonly index: number } | undefined> {
    const { seats } = await this.#chain.round(this.#job, round);
    const index = seats.findIndex(({ provider }) => provider === this.#chain.account);
    const seat = seats[index];
    return seat === undefined ? undefined : { seat, index };
  }

  #prepared(round: number, modelRoot: string): Prepared | undefined {
    const row = this.#journal.get("SELECT * FROM updates WHERE job = ? AND round = ?", this.#job, round);
    if (row === undefined) return undefined;
    if (textOf(row, "model_root") !== modelRoot)
      throw roundChanged(this.#job, round, textOf(row, "model_root"), modelRoot);
    return {
      updateRoot: textOf(row, "update_root"),
      salt: textOf(row, "salt"),
      sizeBytes: integerOf(row, "size_bytes"),
      bytes: optionalBytes(row, "bytes"),
    };
  }

  #commitment(round: number, { updateRoot, salt }: Prepared): string {
    const { chainId, contract, account } = this.#chain;
    const place = { job: BigInt(this.#job), round: BigInt(round), chainId: BigInt(chainId), contract };
    return roundCommitment(place, account, updateRoot, salt);
  }

  /** The chain's commitment is the journal's, or another journal made it. */
  #requireOwn(round: number, { commitment }: Seat, prepared: Prepared | undefined): Prepared {
    if (prepared !== undefined && this.#commitment(round, prepared) === commitment) return prepared;
    throw journalLost(this.#job, round, commitment);
  }
}

/** The account has committed on the chain to what this journal does not hold. */
export function journalLost(job: number, round: number, commitment: string): Error {
  return jobError("JOB_JOURNAL_LOST", "The journal does not hold what the account committed to", {
    job,
    round,
    commitment,
  });
}
