import { REPRODUCIBLE_STATE_NAMES } from "../../../../src/training/reproducible/jobs/reproducibleTypes.ts";
import type { Store } from "../../../store/store.ts";
import { allEventsOf, eventsOf, type IndexedEvent } from "./events.ts";

export type PostedEvent = IndexedEvent<"ReproducibleJobs", "ReproducibleJobPosted">;
export type ReproducibleEvent = IndexedEvent<"ReproducibleJobs">;

const OF_JOB = [
  "ReproducibleJobAccepted",
  "ReproducibleJobEnded",
  "ReproducibleJobPosted",
  "RoundChallenged",
  "RoundClaimed",
  "RoundPaid",
] as const;
const OF_DISPUTE = ["ChildNamed", "ChildrenRevealed", "DisputeEnded", "LevelOpened"] as const;

/** A job's own events, in the chain's order, at most `most`. */
export function jobEvents(store: Store, job: string, most: number) {
  return allEventsOf(store, "ReproducibleJobs", OF_JOB, { key: { kind: "reproducible", value: job } }, most);
}
export type JobEvents = Awaited<ReturnType<typeof jobEvents>>;

/** Events of a dispute after its beginning, in the chain's order, at most `most`. */
export function disputeEvents(store: Store, dispute: string, most: number) {
  return allEventsOf(store, "ReproducibleJobs", OF_DISPUTE, { key: { kind: "dispute", value: dispute } }, most);
}

export interface ReproducibleStanding {
  readonly posted: PostedEvent;
  readonly state: string;
  readonly ended: boolean;
  readonly provider: string | null;
  readonly claimedRounds: number;
  readonly disputes: number;
  /** Of the next claim; 0 before a provider came. */
  readonly claimDeadline: number;
}

/** The newest reproducible jobs with where they stand. */
export async function newestReproducible(
  store: Store,
  most: number,
  mostEvents: number,
): Promise<ReproducibleStanding[]> {
  const posted = await eventsOf(store, "ReproducibleJobs", ["ReproducibleJobPosted"], {}, { limit: most });
  return Promise.all(
    posted.map(async (event) => standingOf(event, await jobEvents(store, event.args.job, mostEvents))),
  );
}

/** Where a job stands, by its events. */
export function standingOf(posted: PostedEvent, told: JobEvents): ReproducibleStanding {
  const accepted = told.find((event) => event.name === "ReproducibleJobAccepted");
  const ended = told.find((event) => event.name === "ReproducibleJobEnded");
  const claims = told.filter((event) => event.name === "RoundClaimed");
  // Each claim begins the time of the next one.
  const begun = claims.at(-1)?.time;
  const running = accepted === undefined ? "posted" : "training";
  return {
    posted,
    state: ended === undefined ? running : (REPRODUCIBLE_STATE_NAMES[ended.args.state] ?? String(ended.args.state)),
    ended: ended !== undefined,
    provider: accepted?.args.provider ?? null,
    claimedRounds: claims.length,
    disputes: told.filter((event) => event.name === "RoundChallenged").length,
    claimDeadline: begun === undefined ? (accepted?.args.claimDeadline ?? 0) : begun + posted.args.terms.roundSeconds,
  };
}
