import { hexOf } from "../../reproducible/jobs/composeJob.ts";
import { challengerCall, isOpen, isOutOfTime, providerCall } from "../../reproducible/jobs/disputeCalls.ts";
import type { ReproducibleChain } from "../../reproducible/jobs/reproducibleChain.ts";
import {
  REPRODUCIBLE_STATE,
  type DisputeInfo,
  type ReproducibleJobView,
} from "../../reproducible/jobs/reproducibleTypes.ts";
import { settleDue } from "../../reproducible/jobs/settleDue.ts";
import { challengerMove } from "../../reproducible/players/challengerMove.ts";
import { readDispute } from "../../reproducible/players/disputeView.ts";
import { providerMove } from "../../reproducible/players/providerMove.ts";
import type { StringsJob } from "../../reproducible/scoring/stringsJob.ts";
import { jobError } from "../jobErrors.ts";
import { attempt, collectHeld, type RoleAction } from "../role.ts";

const ROUND = 0;

/** One side of the reproducible job that decides a measured challenge. */
export interface MeasuredSide {
  readonly chain: ReproducibleChain;
  /** Number of the reproducible job. */
  readonly measured: number;
  /** What this side computes. */
  readonly computed: StringsJob;
}

/** What the side that has to prove does next: it takes the job, claims, answers every dispute, and settles. */
export async function provingSide(
  side: MeasuredSide,
  view: ReproducibleJobView,
  chainTime: number,
): Promise<RoleAction[]> {
  const { chain, measured } = side;
  if (view.state === REPRODUCIBLE_STATE.posted) return accept(side);
  if (view.state !== REPRODUCIBLE_STATE.training) return collectHeld(chain, measured);
  const answered = await answer(side, chainTime);
  if (answered.length > 0) return answered;
  if (view.claimedRounds > ROUND) return settleDue(chain, measured, view, chainTime);
  return chainTime > view.claimDeadline ? [] : [await claim(side)];
}

/** What the other side does next: it challenges a claim that is not its own, plays the dispute, and ends what was left lying. */
export async function doubtingSide(
  side: MeasuredSide,
  view: ReproducibleJobView,
  chainTime: number,
): Promise<RoleAction[]> {
  const { chain, measured, computed } = side;
  const own = (await chain.challenges(measured)).find(({ challenger }) => challenger === chain.account);
  if (own !== undefined) {
    const moved = await doubt(side, own.dispute, view, chainTime);
    return moved.length > 0 ? moved : collectHeld(chain, measured);
  }
  if (view.state !== REPRODUCIBLE_STATE.training) return collectHeld(chain, measured);
  const about = { job: measured, round: ROUND };
  if (view.claimedRounds === ROUND) {
    return chainTime > view.claimDeadline ? [await attempt(chain, { verb: "abandon", args: [measured] }, about)] : [];
  }
  const { checkpoints, windowEnd } = await chain.claim(measured, ROUND);
  if (checkpoints === hexOf(computed.computation.checkpoints.root)) return settleDue(chain, measured, view, chainTime);
  if (chainTime > windowEnd) return settleDue(chain, measured, view, chainTime);
  const { challengeBondTicks } = await chain.terms(measured);
  await chain.approve(challengeBondTicks);
  const detail = `bond ${String(challengeBondTicks)} ticks`;
  return [await attempt(chain, { verb: "challenge", args: [measured, ROUND] }, { ...about, detail })];
}

async function accept({ chain, measured, computed }: MeasuredSide): Promise<RoleAction[]> {
  const posted = await chain.terms(measured);
  const { program, dataset, initialState } = computed.terms;
  const pairs = [
    ["program.root", posted.program.root, hexOf(program.root)],
    ["dataset", posted.dataset, hexOf(dataset)],
    ["initialState", posted.initialState, hexOf(initialState)],
  ] as const;
  for (const [term, is, should] of pairs) {
    if (is === should) continue;
    throw jobError("JOB_TERMS_DIFFER", "A term of a measured challenge is not what was measured", {
      job: measured,
      term,
      posted: is,
      derived: should,
    });
  }
  await chain.approve(posted.bondTicks);
  const detail = `bond ${String(posted.bondTicks)} ticks`;
  return [await attempt(chain, { verb: "accept", args: [measured] }, { job: measured, detail })];
}

function claim({ chain, measured, computed }: MeasuredSide): Promise<RoleAction> {
  const { checkpoints } = computed.computation;
  const [root, endState] = [hexOf(checkpoints.root), hexOf(checkpoints.leaf(0))];
  const about = { job: measured, round: ROUND, detail: `state ${endState}` };
  return attempt(chain, { verb: "claim", args: [measured, root, endState, checkpoints.proof(0).map(hexOf)] }, about);
}

/** The next move of every dispute that waits for the prover, and the end of those whose challenger is silent. */
async function answer({ chain, measured, computed }: MeasuredSide, chainTime: number): Promise<RoleAction[]> {
  const actions: RoleAction[] = [];
  for (const { dispute } of await chain.challenges(measured)) {
    const info = await chain.dispute(dispute);
    if (!isOpen(info)) continue;
    const about = { job: measured, round: ROUND, detail: `dispute ${String(dispute)}` };
    if (isOutOfTime(info, chainTime)) {
      if (info.providerMoves) continue;
      actions.push(await attempt(chain, { verb: "callTime", args: [dispute] }, about));
    } else if (info.providerMoves) {
      const move = await providerMove(computed, readDispute(info));
      actions.push(await attempt(chain, providerCall(dispute, move), about));
    }
  }
  return actions;
}

/** The next move of a dispute of this account, or its end. */
async function doubt(
  { chain, measured, computed }: MeasuredSide,
  dispute: bigint,
  view: ReproducibleJobView,
  chainTime: number,
): Promise<RoleAction[]> {
  const info = await chain.dispute(dispute);
  if (!isOpen(info)) return [];
  const about = { job: measured, round: ROUND, detail: `dispute ${String(dispute)}` };
  if (view.state === REPRODUCIBLE_STATE.refuted) {
    return [await attempt(chain, { verb: "withdrawChallenge", args: [dispute] }, about)];
  }
  const late = isOutOfTime(info, chainTime);
  if (info.providerMoves) return late ? [await attempt(chain, { verb: "callTime", args: [dispute] }, about)] : [];
  if (late) return [];
  const move = await challengerMove(computed.computation, readDispute(info), await shownIn(chain, dispute, info));
  if (move !== undefined) return [await attempt(chain, challengerCall(dispute, move), about)];
  throw jobError("DISPUTE_UNFOUNDED", "All that the provider shows is as it was computed here", {
    job: measured,
    dispute,
  });
}

async function shownIn(chain: ReproducibleChain, dispute: bigint, info: DisputeInfo): Promise<readonly Buffer[]> {
  const { height, phase } = readDispute(info);
  const named = height === 0 && phase !== "parts";
  return named ? [Buffer.from(info.node.slice(2), "hex")] : chain.children(dispute);
}
