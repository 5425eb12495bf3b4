import { jobError } from "../../jobs/jobErrors.ts";
import { attempt, type RoleAction } from "../../jobs/role.ts";
import type { ReproducibleChain } from "./reproducibleChain.ts";
import { REPRODUCIBLE_STATE, type ReproducibleJobView } from "./reproducibleTypes.ts";

/** @throws JOB_UNKNOWN */
export function requireReproducibleJob(job: number, { state }: ReproducibleJobView): void {
  if (state === REPRODUCIBLE_STATE.none) throw jobError("JOB_UNKNOWN", "There is no job of this number", { job });
}

/** Pays the next claim of a job if its window is over and nobody disputes it. */
export async function settleDue(
  chain: ReproducibleChain,
  job: number,
  { state, settledRounds, claimedRounds }: ReproducibleJobView,
  chainTime: number,
): Promise<RoleAction[]> {
  if (state !== REPRODUCIBLE_STATE.training || settledRounds === claimedRounds) return [];
  const { windowEnd, openDisputes } = await chain.claim(job, settledRounds);
  if (chainTime <= windowEnd || openDisputes > 0) return [];
  return [await attempt(chain, { verb: "settle", args: [job] }, { job, round: settledRounds })];
}
