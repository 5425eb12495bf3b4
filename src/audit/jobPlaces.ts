import { queueRank } from "../game/reputation.ts";
import { SLOT_SECONDS, SLOTS_PER_DAY } from "../units.ts";
import { expectStake } from "./computeContext.ts";
import { UPDATE, type JobEntry, type JobPlace } from "./computeState.ts";
import { expectIn, jobCallsOf, jobOf, placeOf } from "./jobLookup.ts";
import { mismatch } from "./mismatch.ts";
import { providerOf } from "./providerEvents.ts";
import type { Run } from "./run.ts";
import { siteOf } from "./state.ts";
import type { JobsEventOf, Place } from "./types.ts";

const MAX_EVALUATORS = 32;

export function placeTaken(run: Run, { args }: JobsEventOf<"PlaceTaken">): void {
  const { provider, site, evaluator, rank } = args;
  const { findings, state } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: provider, site });
  expectIn(run, job, place, "waiting");
  const held = providerOf(state.compute.providers, place, provider);
  findings.expect("jobs", place, "site of the provider", held.site, site);
  findings.expect("jobs", place, "rank of the site", rankOf(run, site) ?? rank, rank);
  const taken = [...job.workers, ...job.evaluators];
  findings.expect(
    "jobs",
    place,
    "no place before",
    false,
    taken.some((one) => one.provider === provider),
  );
  job.sequence += 1;
  const { workerBondTicks, evaluatorBondTicks, workersPerSite, maxWorkers, zone } = job.terms;
  const bondTicks = evaluator ? evaluatorBondTicks : workerBondTicks;
  const entry = { provider, site, rank, meter: held.meter, sequence: job.sequence, bondTicks };
  const places = evaluator ? job.evaluators : job.workers;
  if (places.length < (evaluator ? MAX_EVALUATORS : maxWorkers)) places.push(entry);
  else evict(run, job, place, places, entry);
  const others = evaluator ? job.workers : job.evaluators;
  const ofSite = places.filter((one) => one.site === site).length;
  findings.expect("jobs", place, "places of one site", true, ofSite <= (evaluator ? 1 : workersPerSite));
  findings.expect("jobs", place, "places of the other kind", 0, others.filter((one) => one.site === site).length);
  if (!evaluator) findings.expect("jobs", place, "zone of the site", zone, siteOf(state, site).zone);
  expectStake(run, "jobs", "locked", place, provider, bondTicks);
  findings.add("jobs", "places", 1);
}

/** Place of a site in a queue; undefined before the reputation's rules are known. */
export function rankOf({ state, tx }: Run, site: number): number | undefined {
  const { rules, sites } = state.reputation;
  if (rules === undefined) return undefined;
  const reputation = sites.get(site);
  const day = Math.floor(tx.transaction.timestamp / (SLOTS_PER_DAY * SLOT_SECONDS));
  return reputation === undefined ? 0 : queueRank(reputation, day, rules);
}

/** The lowest rank goes, the latest of equals, if the newcomer's is higher. */
function evict({ findings }: Run, job: JobEntry, place: Place, places: JobPlace[], entry: JobPlace): void {
  const [lowest] = [...places].sort((a, b) => a.rank - b.rank || b.sequence - a.sequence);
  if (lowest === undefined) mismatch("A job without places took one", { ...place });
  findings.expect("jobs", place, "a higher rank than the lowest", true, entry.rank > lowest.rank);
  places[places.indexOf(lowest)] = entry;
  job.evicted = lowest;
}

export function placeLeft(run: Run, { args }: JobsEventOf<"PlaceLeft">): void {
  const { provider, evaluator, releasedTicks } = args;
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: provider });
  const left = leave(job, provider, evaluator) ?? mismatch("A place was left that nobody has", { ...place });
  // Where a cut was refused, the place is without a bond all the same.
  const bondTicks = job.since.refused && releasedTicks === 0n ? 0n : left.bondTicks;
  findings.expect("jobs", place, "bond given free", bondTicks, releasedTicks);
  expectStake(run, "jobs", "released", place, provider, releasedTicks);
  if (job.state !== "waiting" || left.evicted || run.tx.transaction.jobCalls === undefined) return;
  const asked = jobCallsOf(run, "vacate").some((call) => call.caller === provider);
  findings.expect("jobs", place, "left by its own provider", true, asked);
}

function leave(
  job: JobEntry,
  provider: string,
  evaluator: boolean,
): { readonly bondTicks: bigint; readonly evicted: boolean } | undefined {
  const { evicted } = job;
  if (evicted?.provider === provider) {
    job.evicted = undefined;
    return { bondTicks: evicted.bondTicks, evicted: true };
  }
  const places = evaluator ? job.evaluators : job.workers;
  const at = places.findIndex((one) => one.provider === provider);
  const left = places[at];
  if (left === undefined) return undefined;
  // The last place takes the one that is free, as on chain, since draws and seats go by the order of places.
  const last = places.pop();
  if (last !== undefined && at < places.length) places[at] = last;
  return { bondTicks: left.bondTicks, evicted: false };
}

/** After a round, who revealed no update has left its place. */
export function expectLeft({ findings }: Run, job: JobEntry): void {
  const seats = job.rounds[job.round - 1]?.seats ?? [];
  const idle = seats.filter(({ status }) => status < UPDATE.valid).map(({ provider }) => provider);
  const stayed = job.workers.filter(({ provider }) => idle.includes(provider)).map(({ provider }) => provider);
  findings.expect("jobs", placeOf(job), "places of workers without an update", "", stayed.join());
}
