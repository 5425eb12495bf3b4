import { JOB_STATE, JOB_STATE_NAMES } from "../../../../src/training/jobs/jobTypes.ts";
import type { Store } from "../../../store/store.ts";
import { eventsOf, newestOf, type IndexedEvent } from "./events.ts";

export interface JobStanding {
  readonly posted: IndexedEvent<"TrainingJobs", "JobPosted">;
  readonly state: string;
  readonly ended: boolean;
  readonly round: number;
  /** Until when the present state lasts, seconds since 1970. */
  readonly deadline: number;
}

/** The newest jobs with where they stand. */
export async function newestJobs(store: Store, most: number): Promise<JobStanding[]> {
  const posted = await eventsOf(store, "TrainingJobs", ["JobPosted"], {}, { limit: most });
  return Promise.all(posted.map((event) => standingOf(store, event)));
}

/** Where a job stands, by its last move. */
export async function standingOf(
  store: Store,
  posted: IndexedEvent<"TrainingJobs", "JobPosted">,
): Promise<JobStanding> {
  const moved = await newestOf(store, "TrainingJobs", ["JobMoved"], { key: { kind: "job", value: posted.args.job } });
  const state = moved?.args.state ?? JOB_STATE.waiting;
  return {
    posted,
    state: JOB_STATE_NAMES[state] ?? String(state),
    ended: state === JOB_STATE.ended,
    round: Number(moved?.args.round ?? 0),
    deadline: Number(moved?.args.deadline ?? 0),
  };
}
