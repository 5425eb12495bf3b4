import type { Query } from "./query.ts";
import { sourceOf } from "./support/answers.ts";
import { newestReproducible } from "./support/reproducibleEvents.ts";

const JOBS = 100;
/** Of one job: rounds and disputes that a list counts. */
const MOST_EVENTS = 1_000;

/** The newest reproducible jobs. */
export const reproducibleJobs: Query<"reproducibleJobs"> = async ({ store }) => {
  const standing = await newestReproducible(store, JOBS, MOST_EVENTS);
  return {
    jobs: standing.map(({ posted, state, provider, claimedRounds, disputes }) => ({
      job: Number(posted.args.job),
      requester: posted.args.requester,
      ...{ state, provider, claimedRounds, disputes },
      posted: sourceOf(posted),
    })),
  };
};
