import { join } from "node:path";
import type { Journal } from "../../../journal/openJournal.ts";
import { textOf } from "../../../journal/row.ts";
import { roundChanged, type OpenJournal, openRoleJournal } from "../../jobs/roleJournal.ts";
import { openSpecTrainer, type OpenTrainer } from "../../jobs/jobInputs.ts";
import type { UpdateStore } from "../../store/types.ts";
import type { Trainer } from "../../types.ts";
import { kernelRunner } from "../kernelRunner.ts";
import { loadFunctions } from "../loadFunctions.ts";
import { JobComputation } from "../players/jobComputation.ts";
import type { ProviderKnowledge } from "../players/providerMove.ts";
import type { StepRunner } from "../players/stepRunner.ts";
import { composeJob, hexOf, requireDerivedTerms, type ComposedJob } from "./composeJob.ts";
import type { ReproducibleChain } from "./reproducibleChain.ts";
import { decodeReproducibleSpec } from "./reproducibleSpec.ts";
import type { ReproducibleTerms } from "./reproducibleTypes.ts";
import { stateFolder, type StateFolder } from "./stateFolder.ts";

/** What provider and verifier of a job are opened with. */
export interface ComputingPartyParameters {
  readonly chain: ReproducibleChain;
  readonly job: number;
  /** Where the specification is, and the text unless it is given. */
  readonly store: UpdateStore;
  readonly corpus?: Uint8Array | undefined;
  readonly openTrainer: OpenTrainer;
  /** Holds the roots of the checkpoints; states are in a folder beside it. Whoever loses it trains again. */
  readonly journalPath: string;
  readonly openJournal?: OpenJournal | undefined;
}

const SCHEMA = `CREATE TABLE jobs (
  job INTEGER PRIMARY KEY,
  computes TEXT NOT NULL
) STRICT;
CREATE TABLE checkpoints (
  job INTEGER NOT NULL REFERENCES jobs (job),
  checkpoint INTEGER NOT NULL,
  root TEXT NOT NULL,
  PRIMARY KEY (job, checkpoint)
) STRICT;`;

/**
 * A job that a party computes, durable from checkpoint to checkpoint: a root is in the journal after its state is in the
 * folder, so a process that was killed trains again at most from the checkpoint before.
 */
export class DurableComputation {
  readonly terms: ReproducibleTerms;
  readonly composed: ComposedJob;
  readonly computation: JobComputation;
  readonly #job: number;
  readonly #journal: Journal;
  readonly #trainer: Trainer;
  readonly #states: StateFolder;
  /** Rounds whose states are gone. */
  #forgottenBefore = 0;

  constructor(parts: {
    readonly job: number;
    readonly journal: Journal;
    readonly terms: ReproducibleTerms;
    readonly composed: ComposedJob;
    readonly trainer: Trainer;
    readonly runner: StepRunner;
    readonly states: StateFolder;
  }) {
    const { job, journal, terms, composed, trainer, runner, states } = parts;
    this.terms = terms;
    this.composed = composed;
    this.#job = job;
    this.#journal = journal;
    this.#trainer = trainer;
    this.#states = states;
    const { stride, checkpoints } = terms;
    this.computation = new JobComputation({
      ...{ tape: composed.tape, start: composed.start, runner, states },
      shape: { firstStep: Number(terms.firstStep), stride, checkpoints },
      roots: journal
        .all("SELECT root FROM checkpoints WHERE job = ? ORDER BY checkpoint", job)
        .map((row) => Buffer.from(textOf(row, "root").slice(2), "hex")),
    });
  }

  /** Rounds that are computed whole. */
  get rounds(): number {
    return Math.floor(this.computation.roots.length / this.terms.checkpoints);
  }

  /** What answers for a round in a dispute. */
  knowledge(round: number): ProviderKnowledge {
    const { encoded, dataset } = this.composed;
    return { computation: this.computation.round(round), encoded, dataset };
  }

  /** Trains up to the next checkpoint; gives its place: the round, and the checkpoint in it from 1. */
  async next(): Promise<{ readonly round: number; readonly checkpoint: number }> {
    const number = this.computation.roots.length;
    const root = await this.computation.next();
    this.#journal.progress(() =>
      this.#journal.run(
        "INSERT INTO checkpoints (job, checkpoint, root) VALUES (?, ?, ?)",
        this.#job,
        number,
        hexOf(root),
      ),
    );
    const { checkpoints } = this.terms;
    return { round: Math.floor(number / checkpoints), checkpoint: (number % checkpoints) + 1 };
  }

  /** Lets go of states that no dispute can ask for: those before the first round that is not settled, or all where the party is done. */
  async forget(settledRounds: number, over: boolean): Promise<void> {
    const before = over ? Infinity : settledRounds;
    if (before <= this.#forgottenBefore) return;
    const { roots } = this.computation;
    const first = Math.min(before * this.terms.checkpoints, roots.length);
    await this.#states.keepOnly(over ? [] : roots.slice(Math.max(0, first - 1)));
    this.#forgottenBefore = before;
  }

  async close(): Promise<void> {
    await this.#trainer.close();
  }
}

/**
 * Opens the journal of a party of reproducible jobs.
 *
 * @throws JOB_JOURNAL_FOREIGN, and those of `openJournal`.
 */
export function openComputationJournal(
  role: "provider" | "verifier",
  { chain, journalPath, openJournal }: ComputingPartyParameters,
): Journal {
  return openRoleJournal({ path: journalPath, role, chain, schemas: [SCHEMA], open: openJournal });
}

/**
 * Reads what a job is about and checks every posted term that follows from it, with the kernels that are installed here.
 *
 * @param steps How the party computes; as the job says where absent.
 * @throws JOB_KERNELS_DIFFER, JOB_CORPUS_DIFFERS, JOB_TERMS_DIFFER, JOB_ROUND_CHANGED, and those of store and specification.
 */
export async function openComputation(
  { chain, job, store, corpus, openTrainer, journalPath }: ComputingPartyParameters,
  journal: Journal,
  steps: (honest: StepRunner, terms: ReproducibleTerms) => StepRunner = (honest) => honest,
): Promise<DurableComputation> {
  const terms = await chain.terms(job);
  const spec = decodeReproducibleSpec(await store.get(terms.specification));
  const composed = composeJob(spec, corpus ?? (await store.get(spec.corpus)));
  requireDerivedTerms(job, terms, composed.terms);
  requireSameJob(journal, job, terms);
  const trainer = await openSpecTrainer(openTrainer, spec);
  const { tape } = composed;
  const honest = kernelRunner({ tape, trainer, corpus: composed.corpus, functions: await loadFunctions() });
  const runner = steps(honest, terms);
  const states = stateFolder(join(`${journalPath}-states`, String(job)), tape.sizes.slice(0, tape.state.length));
  return new DurableComputation({ job, journal, terms, composed, trainer, runner, states });
}

/** Numbers of jobs begin anew where a chain does. */
function requireSameJob(journal: Journal, job: number, { specification, stride }: ReproducibleTerms): void {
  const computes = `${specification} by ${String(stride)}`;
  const known = journal.get("SELECT computes FROM jobs WHERE job = ?", job);
  if (known === undefined) {
    journal.write(() => journal.run("INSERT INTO jobs (job, computes) VALUES (?, ?)", job, computes));
  } else if (textOf(known, "computes") !== computes) {
    throw roundChanged(job, 0, textOf(known, "computes"), computes);
  }
}
