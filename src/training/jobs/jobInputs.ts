import { decodeState } from "../federated/decodeState.ts";
import type { GlobalState } from "../federated/types.ts";
import type { LocalTrainer } from "../federated/localUpdate.ts";
import { trainHere } from "../federated/trainHere.ts";
import { layOutParameters } from "../parameters.ts";
import type { UpdateStore } from "../store/types.ts";
import type { ModelConfig, Trainer } from "../types.ts";
import { jobError } from "./jobErrors.ts";
import { decodeJobSpec, type JobSpec } from "./jobSpec.ts";
import type { JobsChain } from "./jobsChain.ts";
import { requireMeasurement } from "./measured/jobMeasurement.ts";
import { JOB_STATE, type JobTerms, type JobView } from "./jobTypes.ts";

/** What a worker trains with. */
export interface JobTrainer {
  /** Number of weights of the model. */
  readonly parameters: number;
  readonly train: LocalTrainer;
  close(): Promise<void>;
}

/** Opens a worker's trainer for a job's specification. */
export type OpenJobTrainer = (spec: JobSpec) => Promise<JobTrainer>;

export type OpenTrainer = (model: ModelConfig) => Promise<Trainer>;

/** Workers that train with Joulework's own kernels. */
export function trainJobsHere(open: OpenTrainer): OpenJobTrainer {
  return async (spec) => {
    const trainer = await openSpecTrainer(open, spec);
    const { batch, learningRate } = spec.local;
    const { parameters } = trainer;
    return { parameters, train: trainHere({ trainer, batch, learningRate }), close: () => trainer.close() };
  };
}

/** Workers that train with a program of their own, which may run other kernels. */
export function trainJobsBy(train: LocalTrainer): OpenJobTrainer {
  return ({ model }) =>
    Promise.resolve({ parameters: layOutParameters(model).count, train, close: () => Promise.resolve() });
}

/**
 * A trainer of exactly the specification's kernels: another would find other digits.
 *
 * @throws JOB_KERNELS_DIFFER
 */
export async function openSpecTrainer(
  open: OpenTrainer,
  { model, kernels }: Pick<JobSpec, "model" | "kernels">,
): Promise<Trainer> {
  const trainer = await open(model);
  if (trainer.kernelsHash === kernels) return trainer;
  const values = { specification: kernels, here: trainer.kernelsHash };
  await trainer.close();
  throw jobError("JOB_KERNELS_DIFFER", "The job is for other kernels than are installed", values);
}

/** A job with its terms and specification, read once: they never change. */
export interface JobInputs {
  readonly terms: JobTerms;
  readonly spec: JobSpec;
}

/**
 * Reads what a job is about, for who takes part: the store's bytes must be those that the chain names, and the programs that measure
 * its results those that the specification gives.
 *
 * @throws JOB_UNKNOWN, JOB_TERMS_DIFFER, and those of the store and of `decodeJobSpec`.
 */
export async function readJobInputs(chain: JobsChain, store: UpdateStore, job: number): Promise<JobInputs> {
  const terms = await chain.terms(job);
  requireJob(job, await chain.job(job));
  const spec = decodeJobSpec(await store.get(terms.specHash));
  requireMeasurement(job, terms, spec);
  return { terms, spec };
}

/** @throws JOB_UNKNOWN */
export function requireJob(job: number, { state }: JobView): void {
  if (state === JOB_STATE.none) throw jobError("JOB_UNKNOWN", "There is no job of this number", { job });
}

/** The state that a round trains from; its bytes have the hash that the chain names. */
export async function readGlobalState(
  store: UpdateStore,
  spec: JobSpec,
  parameters: number,
  root: string,
): Promise<GlobalState> {
  return decodeState(spec.model, parameters, await store.get(root));
}
