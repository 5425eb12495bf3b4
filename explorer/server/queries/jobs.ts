import type { Query } from "./query.ts";
import { sourceOf } from "./support/answers.ts";
import { newestJobs } from "./support/jobStates.ts";

const JOBS = 100;

/** The newest training jobs. */
export const jobs: Query<"jobs"> = async ({ store }) => {
  const standing = await newestJobs(store, JOBS);
  return {
    jobs: standing.map(({ posted, state, round }) => ({
      job: Number(posted.args.job),
      requester: posted.args.requester,
      state,
      round,
      posted: sourceOf(posted),
    })),
  };
};
