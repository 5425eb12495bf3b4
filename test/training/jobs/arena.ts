import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getAddress, id } from "ethers";
import { openJournal } from "../../../src/journal/openJournal.ts";
import { trainJobsHere } from "../../../src/training/jobs/jobInputs.ts";
import type { JobsChain } from "../../../src/training/jobs/jobsChain.ts";
import type { JobSpec } from "../../../src/training/jobs/jobSpec.ts";
import { openEvaluator } from "../../../src/training/jobs/openEvaluator.ts";
import { openRequester } from "../../../src/training/jobs/openRequester.ts";
import { openSettler } from "../../../src/training/jobs/openSettler.ts";
import { openWorker } from "../../../src/training/jobs/openWorker.ts";
import { postJob, type JobOffer } from "../../../src/training/jobs/postJob.ts";
import type { Role, RoleAction } from "../../../src/training/jobs/role.ts";
import type { OpenJournal } from "../../../src/training/jobs/roleJournal.ts";
import type { WorkerBehaviour } from "../../../src/training/jobs/workerBehaviour.ts";
import { contentAddress } from "../../../src/training/store/contentAddress.ts";
import { storeError } from "../../../src/training/store/storeError.ts";
import type { UpdateStore } from "../../../src/training/store/types.ts";
import type { Trainer } from "../../../src/training/types.ts";
import { bigramTrainer } from "../support/bigramTrainer.ts";
import { sentences } from "../support/texts.ts";
import { FakeJobs } from "./fakeJobs.ts";

export const SPEC: JobSpec = {
  format: "joulework-federated-1",
  kernels: `0x${"00".repeat(32)}`,
  model: { layers: 1, width: 32, heads: 1, context: 2 },
  seed: 7,
  local: { steps: 6, batch: 4, learningRate: 0.05 },
  outer: { learningRate: 0.7, momentum: 0.5 },
  aggregation: { kind: "mean" },
  measure: { kind: "leave-one-out" },
  nearCopyPpm: 999_000,
  leastSharePpm: 0,
};

export const VALIDATION = sentences("validation", 600);

/** The quick stand-in for the kernels, under the specification's shape. */
export function quickTrainer(): Trainer {
  return { ...bigramTrainer(), model: SPEC.model };
}

/** The end of a process at a point that the test chose. */
export class Crash extends Error {}

/** Ends the process at the point of this number, once; counts the points. */
export class CrashPlan {
  passed = 0;
  crashes = 0;
  readonly #at: ReadonlySet<number>;

  constructor(at: Iterable<number> = []) {
    this.#at = new Set(at);
  }

  point(before: () => void = () => undefined): void {
    this.passed += 1;
    if (!this.#at.has(this.passed)) return;
    this.crashes += 1;
    before();
    throw new Crash(`at point ${String(this.passed)}`);
  }

  /** Before it is sent, on its way to a block, and in the block before the sender knows it. */
  readonly wire = (deliver: () => void, delay: () => void): void => {
    this.point();
    this.point(delay);
    deliver();
    this.point();
  };

  readonly openJournal: OpenJournal = (parameters) => {
    const journal = openJournal(parameters);
    const around = <T>(write: () => T): T => {
      this.point();
      const result = write();
      this.point();
      return result;
    };
    return {
      ...journal,
      write: (work) => around(() => journal.write(work)),
      progress: (work) => around(() => journal.progress(work)),
    };
  };

  store(inner: UpdateStore): UpdateStore {
    return {
      get: (hash) => inner.get(hash),
      has: (hash) => inner.has(hash),
      put: async (bytes) => {
        this.point();
        const hash = await inner.put(bytes);
        this.point();
        return hash;
      },
    };
  }
}

export class MemoryStore implements UpdateStore {
  readonly entries = new Map<string, Uint8Array>();
  /** Hashes that nobody gets. */
  readonly withheld = new Set<string>();

  put(bytes: Uint8Array): Promise<string> {
    const hash = contentAddress(bytes);
    this.entries.set(hash, bytes.slice());
    return Promise.resolve(hash);
  }

  get(hash: string): Promise<Uint8Array> {
    const bytes = this.withheld.has(hash) ? undefined : this.entries.get(hash);
    if (bytes !== undefined) return Promise.resolve(bytes);
    return Promise.reject(storeError("STORE_MISSING", "The store has no such entry", { hash }));
  }

  has(hash: string): Promise<boolean> {
    return Promise.resolve(this.entries.has(hash));
  }
}

interface Player {
  readonly open: () => Promise<Role>;
  role: Role | undefined;
}

interface PlayerOptions {
  readonly plan?: CrashPlan;
  readonly behaviour?: WorkerBehaviour;
  readonly shard?: Uint8Array;
  readonly audits?: boolean;
  readonly bendScores?: (scores: readonly bigint[]) => readonly bigint[];
}

/** A job on the fake chain with its players. A player that crashes is opened again at once, on the same journal. */
export class Arena {
  readonly jobs = new FakeJobs();
  readonly store = new MemoryStore();
  readonly folder = mkdtempSync(join(tmpdir(), "joulework-jobs-"));
  readonly actions: RoleAction[] = [];
  readonly #players: Player[] = [];

  static account(name: string): string {
    return getAddress(id(name).slice(0, 42));
  }

  path(name: string): string {
    return join(this.folder, `${name}.sqlite`);
  }

  chain(name: string, plan?: CrashPlan): JobsChain {
    return this.jobs.chainFor(Arena.account(name), plan?.wire);
  }

  async post(plan = new CrashPlan(), offer: Partial<JobOffer> = {}): Promise<number> {
    const { job } = await postJob({
      chain: this.chain("requester", plan),
      store: plan.store(this.store),
      journalPath: this.path("requester"),
      spec: SPEC,
      trainer: quickTrainer(),
      validation: VALIDATION,
      offer: { zone: 1, rounds: 1, ...offer },
      openJournal: plan.openJournal,
    });
    return job;
  }

  addWorker(name: string, job = 1, { plan = new CrashPlan(), behaviour, shard }: PlayerOptions = {}): void {
    this.#add(() =>
      openWorker({
        chain: this.chain(name, plan),
        job,
        store: plan.store(this.store),
        shard: shard ?? sentences(name, 2_000),
        openTrainer: trainJobsHere(() => Promise.resolve(quickTrainer())),
        journalPath: this.path(name),
        openJournal: plan.openJournal,
        ...(behaviour === undefined ? {} : { behaviour }),
      }),
    );
  }

  addEvaluator(
    name: string,
    job = 1,
    { plan = new CrashPlan(), audits = false, bendScores }: PlayerOptions = {},
  ): void {
    this.#add(() =>
      openEvaluator({
        chain: this.chain(name, plan),
        job,
        store: plan.store(this.store),
        openTrainer: () => Promise.resolve(quickTrainer()),
        journalPath: this.path(name),
        audits,
        openJournal: plan.openJournal,
        ...(bendScores === undefined ? {} : { bendScores }),
      }),
    );
  }

  addRequester(plan = new CrashPlan()): void {
    this.#add(() =>
      openRequester({
        chain: this.chain("requester", plan),
        store: plan.store(this.store),
        journalPath: this.path("requester"),
        openJournal: plan.openJournal,
      }),
    );
  }

  addSettler(): void {
    this.#add(() => openSettler({ chain: this.chain("settler") }));
  }

  /** Steps all players until nobody has anything to do, no time passing but one block a turn. */
  async settle(): Promise<void> {
    for (let quiet = 0, turns = 0; quiet < 5; ++turns) {
      if (turns > 500) throw new Error("the players never come to rest");
      let acted = false;
      for (const player of this.#players) acted = (await this.#turn(player)) || acted;
      this.jobs.arrive();
      this.jobs.blockNumber += 1;
      quiet = acted ? 0 : quiet + 1;
    }
  }

  /** Plays until a state is there, letting time pass where nobody acts. */
  async play(job: number, until: number): Promise<void> {
    for (let turn = 0; turn < 60; ++turn) {
      await this.settle();
      if (this.jobs.view(job).state === until) return;
      this.jobs.pass(job);
    }
    throw new Error(`the job did not come to state ${String(until)}`);
  }

  close(): void {
    for (const { role } of this.#players) role?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #add(open: () => Role): void {
    this.#players.push({ open: () => Promise.resolve().then(open), role: undefined });
  }

  async #turn(player: Player): Promise<boolean> {
    try {
      player.role ??= await player.open();
      const actions = await player.role.step(this.jobs.time);
      this.actions.push(...actions);
      return actions.some(({ refusal }) => refusal === undefined);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      player.role?.close();
      player.role = undefined;
      return true;
    }
  }
}
