import { slotOf } from "../../units.ts";
import { ContractRefusal, type ChainHead } from "../../market/service/exchangeLink.ts";
import type { JobsChain } from "./jobsChain.ts";
import { JOB_STATE, UPDATE_STATUS, type JobView, type RoundView } from "./jobTypes.ts";
import { REPRODUCIBLE_STATE } from "../reproducible/jobs/reproducibleTypes.ts";
import { attempt, type RoleAction } from "./role.ts";

/**
 * Whether `advance` moves a job on now: its deadline is over, nobody is left to act, or the draw's block is there. These
 * are the contract's own conditions; a transaction that comes too early is refused and changes nothing.
 */
export function mayAdvance(
  { state, draw, deadline, drawBlock }: JobView,
  { seats, scoreSeats }: Pick<RoundView, "seats" | "scoreSeats">,
  { blockNumber, timestamp }: ChainHead,
): boolean {
  const over = timestamp >= deadline;
  const present = scoreSeats.filter(({ kind }) => kind === draw);
  switch (state) {
    case JOB_STATE.waiting:
    case JOB_STATE.validation:
    case JOB_STATE.challenge:
      return over;
    case JOB_STATE.commit:
      return over || seats.every(({ commitment }) => BigInt(commitment) !== 0n);
    case JOB_STATE.reveal:
      return over || seats.every(({ status }) => status !== UPDATE_STATUS.committed);
    case JOB_STATE.draw:
      // The next block can make it.
      return BigInt(blockNumber) >= drawBlock;
    case JOB_STATE.scoreCommit:
      return over || present.every(({ commitment }) => BigInt(commitment) !== 0n);
    case JOB_STATE.scoreReveal:
      return over || present.every(({ commitment, result }) => BigInt(commitment) === 0n || BigInt(result) !== 0n);
    default:
      return false;
  }
}

/** Whether `advance` moves a measured challenge on: nobody did in time what it waits for, or a reproducible job has decided it. */
export async function mayDecide(
  chain: JobsChain,
  job: number,
  { deadline }: JobView,
  chainTime: number,
): Promise<boolean> {
  const { measured, opening } = await chain.measuredCase(job);
  const over = chainTime >= deadline;
  if (measured === 0n) return over;
  switch (await chain.measuredState(measured)) {
    case REPRODUCIBLE_STATE.training:
      return false;
    case REPRODUCIBLE_STATE.posted:
      return over;
    case REPRODUCIBLE_STATE.done:
      return over || !opening;
    default:
      return true;
  }
}

/** Whether a waiting job's next round can open: enough places, and the slot's price and scarcity meet its policy. */
export async function mayOpen(
  chain: JobsChain,
  job: number,
  { state, deadline }: JobView,
  chainTime: number,
): Promise<boolean> {
  if (state !== JOB_STATE.waiting || chainTime >= deadline) return false;
  const [terms, workers, evaluators] = await Promise.all([chain.terms(job), chain.workers(job), chain.evaluators(job)]);
  // With twice the evaluators and two, a panel has more members than the group that it judges.
  if (workers.length < terms.minWorkers || evaluators.length < 2 * terms.evaluators + 2) return false;
  const { importPrice, scarcityPpm } = await chain.tariff(terms.zone, slotOf(chainTime));
  return importPrice <= terms.maxImportPrice && scarcityPpm <= terms.maxScarcityPpm;
}

/** Opens a round or moves the job on, if that is due. */
export async function moveJob(chain: JobsChain, job: number, view: JobView, chainTime: number): Promise<RoleAction[]> {
  if (view.state === JOB_STATE.none || view.state === JOB_STATE.ended) return [];
  if (await mayOpen(chain, job, view, chainTime)) {
    return [await attempt(chain, { verb: "open", args: [job] }, { job, round: view.round + 1 })];
  }
  if (!(await isDue(chain, job, view, chainTime))) return [];
  try {
    await chain.send({ verb: "advance", args: [job] });
    return [{ verb: "advance", job, round: view.round }];
  } catch (error) {
    // Somebody else was faster, or the contract's clock is behind: the next step looks again.
    if (error instanceof ContractRefusal) return [];
    throw error;
  }
}

async function isDue(chain: JobsChain, job: number, view: JobView, chainTime: number): Promise<boolean> {
  if (view.state === JOB_STATE.measuring) return mayDecide(chain, job, view, chainTime);
  const { blockNumber } = await chain.head();
  return mayAdvance(view, await chain.round(job, view.round), { blockNumber, timestamp: chainTime });
}
