import type { Journal } from "../../journal/openJournal.ts";
import { integerOf, optionalInteger, textOf } from "../../journal/row.ts";
import { encodeState } from "../federated/encodeState.ts";
import { initialState } from "../federated/initialState.ts";
import { modelRoot } from "../federated/modelRoot.ts";
import { updateBytes } from "../federated/updateLayout.ts";
import { buildValidation } from "../federated/validation.ts";
import type { UpdateStore } from "../store/types.ts";
import type { Trainer } from "../types.ts";
import { jobError } from "./jobErrors.ts";
import { encodeJobSpec, jobSpecHash, tokensPerRound, type JobSpec } from "./jobSpec.ts";
import type { JobsChain } from "./jobsChain.ts";
import type { JobTerms } from "./jobTypes.ts";
import { jobMeasurement } from "./measured/jobMeasurement.ts";
import { openRequesterJournal } from "./requesterJournal.ts";
import type { OpenJournal } from "./roleJournal.ts";

/** What a requester decides beside specification and validation text. Amounts are ticks, windows seconds. */
export type JobOffer = Omit<
  JobTerms,
  "specHash" | "modelRoot" | "validationRoot" | "measurement" | "steps" | "tokens" | "maxUpdateBytes"
>;

const CREDIT = 1_000_000_000n;

/** An offer of modest size; zone and rounds are always named. */
export const DEFAULT_OFFER: Omit<JobOffer, "zone" | "rounds"> = {
  // The largest price that there is: whoever wants cheap energy says how cheap.
  maxImportPrice: 2 ** 24 - 1,
  maxScarcityPpm: 1_000_000,
  maxWaitSlots: 96,
  energyWh: 500,
  minWorkers: 2,
  maxWorkers: 8,
  workersPerSite: 1,
  evaluators: 1,
  siteCapPpm: 600_000,
  poolTicks: 10n * CREDIT,
  feeTicks: 2n * CREDIT,
  workerBondTicks: 5n * CREDIT,
  evaluatorBondTicks: 20n * CREDIT,
  commitSeconds: 3_600,
  revealSeconds: 900,
  validationSeconds: 900,
  scoreCommitSeconds: 3_600,
  scoreRevealSeconds: 900,
  challengeSeconds: 1_800,
};

export interface PostJobParameters {
  readonly chain: JobsChain;
  readonly store: UpdateStore;
  /** Holds the validation slices until they are revealed. Whoever loses it pays updates that nobody scored. */
  readonly journalPath: string;
  readonly spec: JobSpec;
  /** Of the specification's model; it makes the initial weights. */
  readonly trainer: Trainer;
  /** Text that updates are scored on, a slice a round; secret until then. */
  readonly validation: Uint8Array;
  readonly offer: Pick<JobOffer, "zone" | "rounds"> & Partial<JobOffer>;
  readonly openJournal?: OpenJournal;
}

export interface PostedJobResult {
  readonly job: number;
  readonly terms: JobTerms;
}

/**
 * Posts a job. Specification and initial state go to the store, of the validation text nothing does; the slices are in the
 * journal before anything is sent. Specification and validation text are posted once a journal: called again, after a crash
 * perhaps, it gives the job that is there, since slices that were shown once measure nothing.
 *
 * @throws JOB_KERNELS_DIFFER, JOB_POST_UNSURE, and those of the journal, the store and the chain.
 */
export async function postJob(parameters: PostJobParameters): Promise<PostedJobResult> {
  const { chain, store, spec, trainer, journalPath, openJournal } = parameters;
  if (trainer.kernelsHash !== spec.kernels) {
    throw jobError("JOB_KERNELS_DIFFER", "The specification is for other kernels than are installed", {
      specification: spec.kernels,
      here: trainer.kernelsHash,
    });
  }
  const { terms, slices } = composeTerms(parameters);
  const journal = openRequesterJournal({ chain, path: journalPath, open: openJournal });
  try {
    if (await chain.hasWaiting()) {
      throw jobError("JOB_POST_UNSURE", "A transaction of the account waits for its block", { account: chain.account });
    }
    const known = await findPosted(journal, chain, terms);
    if (known !== undefined) return { job: known, terms: await chain.terms(known) };
    await store.put(encodeJobSpec(spec));
    await store.put(encodeState(initialState(trainer, spec.seed)));
    journal.write(() => {
      // What was journaled and never arrived is given up for this.
      forgetUnposted(journal);
      writePost(journal, terms, slices);
    });
    await chain.approve(BigInt(terms.rounds) * (terms.poolTicks + terms.feeTicks));
    await chain.send({ verb: "post", args: [terms] });
    const job = await findPosted(journal, chain, terms);
    if (job === undefined) throw new RangeError("a posted job has an event");
    return { job, terms };
  } finally {
    journal.close();
  }
}

function composeTerms({ spec, trainer, validation, offer }: PostJobParameters) {
  const { root, slices } = buildValidation(sliced(spec, validation, offer.rounds), offer.rounds);
  const maxWorkers = offer.maxWorkers ?? DEFAULT_OFFER.maxWorkers;
  const terms: JobTerms = {
    ...DEFAULT_OFFER,
    ...offer,
    specHash: jobSpecHash(spec),
    modelRoot: modelRoot(initialState(trainer, spec.seed)),
    validationRoot: root,
    measurement: jobMeasurement(spec, maxWorkers),
    steps: spec.local.steps,
    tokens: BigInt(tokensPerRound(spec)),
    maxUpdateBytes: updateBytes(trainer.parameters),
  };
  return { terms, slices };
}

/** The text that is cut into slices: where the specification tells their length, all of them have it. */
function sliced({ sliceBytes }: JobSpec, validation: Uint8Array, rounds: number): Uint8Array {
  if (sliceBytes === undefined) return validation;
  const bytes = sliceBytes * rounds;
  if (validation.length >= bytes) return validation.subarray(0, bytes);
  throw jobError("JOB_SLICES_SHORT", "The validation text is shorter than the specification's slices", {
    sliceBytes,
    rounds,
    bytes: validation.length,
  });
}

function writePost(
  journal: Journal,
  { specHash, validationRoot }: JobTerms,
  slices: ReturnType<typeof buildValidation>["slices"],
): void {
  journal.run("INSERT INTO posts (spec_hash, validation_root, job) VALUES (?, ?, NULL)", specHash, validationRoot);
  const post = integerOf(journal.get("SELECT max(id) AS id FROM posts") ?? {}, "id");
  for (const { round, hash, proof, bytes } of slices) {
    journal.run(
      "INSERT INTO slices (post, round, hash, proof, bytes) VALUES (?, ?, ?, ?, ?)",
      post,
      round,
      hash,
      proof.join(" "),
      bytes,
    );
  }
}

function forgetUnposted(journal: Journal): void {
  journal.run("DELETE FROM slices WHERE post IN (SELECT id FROM posts WHERE job IS NULL)");
  journal.run("DELETE FROM posts WHERE job IS NULL");
}

async function findPosted(journal: Journal, chain: JobsChain, terms: JobTerms): Promise<number | undefined> {
  await matchPosts(journal, chain);
  const row = journal.get(
    "SELECT job FROM posts WHERE spec_hash = ? AND validation_root = ? AND job IS NOT NULL",
    terms.specHash,
    terms.validationRoot,
  );
  return row === undefined ? undefined : integerOf(row, "job");
}

/** Gives journaled posts without a number theirs, by what the chain tells. */
export async function matchPosts(journal: Journal, chain: JobsChain): Promise<void> {
  const rows = journal.all("SELECT * FROM posts ORDER BY id");
  const unmatched = rows.filter((row) => optionalInteger(row, "job") === undefined);
  if (unmatched.length === 0) return;
  const posted = await chain.postedBy(chain.account);
  for (const row of unmatched) {
    // Of the same posted twice, by a journal that was lost perhaps, the later one is this journal's.
    const found = posted.findLast(
      ({ specHash, validationRoot }) =>
        specHash === textOf(row, "spec_hash") && validationRoot === textOf(row, "validation_root"),
    );
    if (found === undefined) continue;
    journal.progress(() => journal.run("UPDATE posts SET job = ? WHERE id = ?", found.job, integerOf(row, "id")));
  }
}
