import type { Journal } from "../../journal/openJournal.ts";
import { integerOf, textOf } from "../../journal/row.ts";
import type { UpdateStore } from "../store/types.ts";
import { moveJob } from "./dueMoves.ts";
import { jobError } from "./jobErrors.ts";
import type { JobsChain } from "./jobsChain.ts";
import { JOB_STATE, type JobView } from "./jobTypes.ts";
import { matchPosts } from "./postJob.ts";
import { openRequesterJournal } from "./requesterJournal.ts";
import { attempt, collectHeld, type Role, type RoleAction } from "./role.ts";
import { optionalBytes, type OpenJournal } from "./roleJournal.ts";

export interface OpenRequesterParameters {
  readonly chain: JobsChain;
  readonly store: UpdateStore;
  /** The journal that the jobs were posted with. */
  readonly journalPath: string;
  readonly openJournal?: OpenJournal;
}

/**
 * The requester of the jobs in a journal: opens a round when its policy is met, names the validation slice in its window,
 * moves the job on when that is due, and collects what goes back. A slice goes to the store before the chain names it.
 */
export function openRequester({ chain, store, journalPath, openJournal }: OpenRequesterParameters): Role {
  const journal = openRequesterJournal({ chain, path: journalPath, open: openJournal });
  const ended = new Set<number>();

  async function stepJob(post: number, job: number, chainTime: number): Promise<RoleAction[]> {
    const view = await chain.job(job);
    if (view.state === JOB_STATE.ended) ended.add(job);
    if (view.state === JOB_STATE.validation && chainTime < view.deadline) {
      return [await revealSlice(journal, { chain, store, post, job, view })];
    }
    return moveJob(chain, job, view, chainTime);
  }

  return {
    async step(chainTime) {
      if (await chain.hasWaiting()) return [];
      await matchPosts(journal, chain);
      const actions: RoleAction[] = [];
      const posts = journal.all("SELECT id, job FROM posts WHERE job IS NOT NULL ORDER BY job");
      for (const row of posts) {
        const job = integerOf(row, "job");
        if (!ended.has(job)) actions.push(...(await stepJob(integerOf(row, "id"), job, chainTime)));
      }
      const last = posts.at(-1);
      if (last !== undefined) actions.push(...(await collectHeld(chain, integerOf(last, "job"))));
      return actions;
    },
    close: () => journal.close(),
  };
}

interface SliceParameters {
  readonly chain: JobsChain;
  readonly store: UpdateStore;
  readonly post: number;
  readonly job: number;
  readonly view: JobView;
}

async function revealSlice(
  journal: Journal,
  { chain, store, post, job, view: { round } }: SliceParameters,
): Promise<RoleAction> {
  const row = journal.get("SELECT * FROM slices WHERE post = ? AND round = ?", post, round);
  const bytes = row === undefined ? undefined : optionalBytes(row, "bytes");
  if (row === undefined || bytes === undefined) {
    throw jobError("JOB_VALIDATION_MISSING", "The journal has no validation slice for the round", { job, round });
  }
  await store.put(bytes);
  const [hash, proof] = [textOf(row, "hash"), textOf(row, "proof")];
  return attempt(
    chain,
    { verb: "revealValidation", args: [job, hash, proof === "" ? [] : proof.split(" ")] },
    { job, round, detail: `slice ${hash}` },
  );
}
