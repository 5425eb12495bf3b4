import type { JobsChain } from "./jobsChain.ts";
import { moveJob } from "./dueMoves.ts";
import { JOB_STATE } from "./jobTypes.ts";
import type { Role, RoleAction } from "./role.ts";

export interface OpenSettlerParameters {
  readonly chain: JobsChain;
  /**
   * Called where a draw waits for its block. A development chain that makes blocks for transactions alone needs a push.
   */
  readonly onDrawWaiting?: () => Promise<void>;
}

/** Moves every job on whose time has come. It keeps nothing: the chain knows what is due. */
export function openSettler({ chain, onDrawWaiting }: OpenSettlerParameters): Role {
  const ended = new Set<number>();
  return {
    async step(chainTime) {
      if (await chain.hasWaiting()) return [];
      const actions: RoleAction[] = [];
      const count = await chain.jobCount();
      for (let job = 1; job <= count; ++job) {
        if (ended.has(job)) continue;
        const view = await chain.job(job);
        if (view.state === JOB_STATE.ended) {
          ended.add(job);
          continue;
        }
        const moved = await moveJob(chain, job, view, chainTime);
        actions.push(...moved);
        if (moved.length === 0 && view.state === JOB_STATE.draw) await onDrawWaiting?.();
      }
      return actions;
    },
    close: () => undefined,
  };
}
