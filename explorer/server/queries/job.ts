import type { JobAnswer } from "../../api/job.ts";
import type { Store } from "../../store/store.ts";
import { notFound } from "../problems.ts";
import type { Query } from "./query.ts";
import { eventPage, sourceOf } from "./support/answers.ts";
import { matchedShare } from "./support/certificates.ts";
import { allEventsOf, newestOf, type IndexedEvent } from "./support/events.ts";
import { jobRounds } from "./support/jobRounds.ts";
import { standingOf } from "./support/jobStates.ts";

/** At most 256 rounds of 16 workers, and their readings. */
const MOST_EVENTS = 20_000;
const EVENTS = 25;

const NAMES = [
  "BondCut",
  "ChallengeDecided",
  "EnergyProved",
  "EvaluatorDrawn",
  "EvaluatorPaid",
  "MeasuredAnswer",
  "MeasuredChallenge",
  "MeasuredVerdict",
  "Refunded",
  "ResultChallenged",
  "ResultStands",
  "RewardPaid",
  "RoundEnded",
  "RoundOpened",
  "ScoresCommitted",
  "ScoresRevealed",
  "StringShown",
  "UpdateCommitted",
  "UpdateDemoted",
  "UpdatePaid",
  "UpdateRevealed",
] as const;

export type JobEvent = IndexedEvent<"TrainingJobs", (typeof NAMES)[number]>;

/** A training job: its rounds, who was paid what, and the energy that it took. */
export const job: Query<"job"> = async ({ store, losses }, { job: number }) => {
  const key = { kind: "job", value: String(number) } as const;
  const posted = await newestOf(store, "TrainingJobs", ["JobPosted"], { key });
  if (posted === undefined) throw notFound("There is no such job", { job: number });
  const [standing, told, events] = await Promise.all([
    standingOf(store, posted),
    allEventsOf(store, "TrainingJobs", NAMES, { key }, MOST_EVENTS),
    eventPage(store, { key }, EVENTS),
  ]);
  const { requester, specHash, terms } = posted.args;
  // A result on chain has scores, no losses: those are measured from the models in the job's store.
  const measured = await losses?.of(number, told.filter(({ name }) => name === "RoundEnded").length);
  return {
    job: number,
    requester,
    specHash,
    state: standing.state,
    deadline: standing.deadline,
    posted: sourceOf(posted),
    terms,
    rounds: jobRounds(told),
    losses: measured ?? [],
    lossesPending: losses !== undefined && measured === undefined,
    payouts: payoutsOf(told),
    escrow: escrowOf(told, posted),
    receipt: await receiptOf(store, number, told, terms.zone),
    events,
  };
};

function payoutsOf(told: readonly JobEvent[]): JobAnswer["payouts"] {
  const sums = new Map<string, { account: string; part: string; ticks: bigint }>();
  const add = (account: string, part: string, amount: string): void => {
    const key = `${account}/${part}`;
    const sum = sums.get(key) ?? { account, part, ticks: 0n };
    sums.set(key, { account, part, ticks: sum.ticks + BigInt(amount) });
  };
  for (const event of told) {
    if (event.name === "UpdatePaid") add(event.args.worker, "worker", event.args.amountTicks);
    if (event.name === "EvaluatorPaid") add(event.args.evaluator, "evaluator", event.args.amountTicks);
    if (event.name === "RewardPaid") add(event.args.account, "reward from a cut bond", event.args.amountTicks);
    if (event.name === "Refunded") add(event.args.requester, "refund", event.args.amountTicks);
  }
  return [...sums.values()].map(({ account, part, ticks }) => ({ account, part, amountTicks: String(ticks) }));
}

/** Bonds are the providers' stake and not part of it. */
function escrowOf(
  told: readonly JobEvent[],
  { args: { terms } }: IndexedEvent<"TrainingJobs", "JobPosted">,
): JobAnswer["escrow"] {
  const sum = (names: readonly JobEvent["name"][]): bigint =>
    told.reduce(
      (total, event) =>
        names.includes(event.name) && "amountTicks" in event.args ? total + BigInt(event.args.amountTicks) : total,
      0n,
    );
  const paidIn = BigInt(terms.rounds) * (BigInt(terms.poolTicks) + BigInt(terms.feeTicks));
  const paidOut = sum(["UpdatePaid", "EvaluatorPaid"]);
  const refunded = sum(["Refunded"]);
  return {
    paidInTicks: String(paidIn),
    paidOutTicks: String(paidOut),
    refundedTicks: String(refunded),
    heldTicks: String(paidIn - paidOut - refunded),
  };
}

async function receiptOf(
  store: Store,
  job: number,
  told: readonly JobEvent[],
  zone: number,
): Promise<JobAnswer["receipt"]> {
  const proved = told.filter((event) => event.name === "EnergyProved");
  return {
    energyWh: proved.reduce((sum, { args }) => sum + args.energyWh, 0),
    co2Mg: String(proved.reduce((sum, { args }) => sum + BigInt(args.co2Mg), 0n)),
    slots: proved.map((event) => {
      const { worker, slot, energyWh, scarcityPpm, co2Mg } = event.args;
      return { worker, zone, slot, energyWh, scarcityPpm: Number(scarcityPpm), co2Mg, source: sourceOf(event) };
    }),
    matchedPpm: await matchedShare(
      store,
      job,
      proved.map(({ args: { slot, energyWh, co2Mg } }) => ({ slot, energyWh, co2Mg: BigInt(co2Mg) })),
    ),
  };
}
