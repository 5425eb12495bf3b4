import { jobError } from "../../jobs/jobErrors.ts";
import type { UpdateStore } from "../../store/types.ts";
import { composeJob } from "./composeJob.ts";
import type { ReproducibleChain } from "./reproducibleChain.ts";
import { encodeReproducibleSpec, type ReproducibleSpec } from "./reproducibleSpec.ts";
import { REPRODUCIBLE_STATE, type ReproducibleTerms } from "./reproducibleTypes.ts";

/** What a requester decides beside specification and text. Amounts are ticks, times seconds. */
export type ReproducibleOffer = Omit<
  ReproducibleTerms,
  "program" | "dataset" | "initialState" | "specification" | "firstStep"
>;

export interface PostReproducibleParameters {
  readonly chain: ReproducibleChain;
  /** Gets specification and text, for whoever provides or verifies. */
  readonly store: UpdateStore;
  readonly spec: ReproducibleSpec;
  readonly corpus: Uint8Array;
  /** Of the kernels that are installed here. */
  readonly kernelsHash: string;
  readonly offer: ReproducibleOffer;
}

/**
 * Posts a reproducible job and puts its pay in escrow. Called again while the very same job still waits for a provider, it
 * gives that one: after a crash nothing is posted twice.
 *
 * @throws JOB_KERNELS_DIFFER, JOB_CORPUS_DIFFERS, JOB_POST_UNSURE, and those of the store and the chain.
 */
export async function postReproducible({
  chain,
  store,
  spec,
  corpus,
  kernelsHash,
  offer,
}: PostReproducibleParameters): Promise<{ readonly job: number; readonly terms: ReproducibleTerms }> {
  if (kernelsHash !== spec.kernels) {
    throw jobError("JOB_KERNELS_DIFFER", "The specification is for other kernels than are installed", {
      specification: spec.kernels,
      here: kernelsHash,
    });
  }
  const terms: ReproducibleTerms = { ...offer, ...composeJob(spec, corpus).terms };
  if (await chain.hasWaiting()) {
    throw jobError("JOB_POST_UNSURE", "A transaction of the account waits for its block", { account: chain.account });
  }
  await store.put(encodeReproducibleSpec(spec));
  await store.put(corpus);
  const known = await findWaiting(chain, terms);
  if (known !== undefined) return { job: known, terms };
  await chain.approve(BigInt(terms.rounds) * terms.payTicks);
  await chain.send({ verb: "post", args: [terms] });
  const job = (await chain.jobs(chain.account)).at(-1);
  if (job === undefined) throw new RangeError("a posted job has an event");
  return { job, terms };
}

/** The account's job with these terms that no provider has taken yet. */
async function findWaiting(chain: ReproducibleChain, terms: ReproducibleTerms): Promise<number | undefined> {
  for (const job of await chain.jobs(chain.account)) {
    const { state } = await chain.job(job);
    if (state === REPRODUCIBLE_STATE.posted && isSame(await chain.terms(job), terms)) return job;
  }
  return undefined;
}

function isSame(one: ReproducibleTerms, other: ReproducibleTerms): boolean {
  const flat = ({ program, ...terms }: ReproducibleTerms) => Object.entries({ ...terms, ...program }).sort();
  return String(flat(one)) === String(flat(other));
}
