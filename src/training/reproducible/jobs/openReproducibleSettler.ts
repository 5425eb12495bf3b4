import { attempt, type Role, type RoleAction } from "../../jobs/role.ts";
import { isOpen, isOutOfTime } from "./disputeCalls.ts";
import type { ReproducibleChain } from "./reproducibleChain.ts";
import { REPRODUCIBLE_STATE, type ReproducibleJobView } from "./reproducibleTypes.ts";
import { settleDue } from "./settleDue.ts";

/**
 * Does for every reproducible job what anybody may: pays claims, ends disputes whose mover is silent, gives challengers their
 * bonds back, and abandons jobs without a claim in time. It keeps nothing: the chain knows what is due.
 */
export function openReproducibleSettler(chain: ReproducibleChain): Role {
  const over = new Set<number>();

  async function disputes(job: number, { state }: ReproducibleJobView, chainTime: number): Promise<RoleAction[]> {
    const refuted = state === REPRODUCIBLE_STATE.refuted;
    const actions: RoleAction[] = [];
    for (const { dispute, round } of await chain.challenges(job)) {
      const info = await chain.dispute(dispute);
      if (!isOpen(info) || (!refuted && !isOutOfTime(info, chainTime))) continue;
      const verb = refuted ? "withdrawChallenge" : "callTime";
      const about = { job, round, detail: `dispute ${String(dispute)}` };
      actions.push(await attempt(chain, { verb, args: [dispute] }, about));
      // One that is refuted ends the job, and with it what is due for the others.
      if (!refuted) break;
    }
    return actions;
  }

  async function stepJob(job: number, view: ReproducibleJobView, chainTime: number): Promise<RoleAction[]> {
    const moved = await disputes(job, view, chainTime);
    if (moved.length > 0 || view.state !== REPRODUCIBLE_STATE.training) return moved;
    const settled = await settleDue(chain, job, view, chainTime);
    if (settled.length > 0) return settled;
    const { claimDeadline, claimedRounds, settledRounds } = view;
    if (chainTime <= claimDeadline || claimedRounds !== settledRounds) return [];
    return [await attempt(chain, { verb: "abandon", args: [job] }, { job })];
  }

  return {
    async step(chainTime) {
      if (await chain.hasWaiting()) return [];
      const actions: RoleAction[] = [];
      for (const job of await chain.jobs()) {
        if (over.has(job)) continue;
        const view = await chain.job(job);
        if (view.state === REPRODUCIBLE_STATE.posted) continue;
        const moved = await stepJob(job, view, chainTime);
        if (moved.length === 0 && view.state !== REPRODUCIBLE_STATE.training) over.add(job);
        actions.push(...moved);
      }
      return actions;
    },
    close: () => undefined,
  };
}
