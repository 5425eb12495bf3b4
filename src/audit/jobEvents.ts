import { slotOf as slotAt } from "../units.ts";
import { tellMove } from "./computeContext.ts";
import { nothingSince, UPDATE, type JobEntry } from "./computeState.ts";
import { useEnergy } from "./evidenceEvents.ts";
import { jobCallsOf, jobOf, placeOf, roundOf, seatOf } from "./jobLookup.ts";
import { measuredAnswer, measuredChallenge, measuredVerdict, stringShown } from "./jobMeasured.ts";
import { jobMoved } from "./jobMoves.ts";
import { bondCut, evaluatorPaid, jobEnded, refunded, rewardPaid, roundEnded, updatePaid } from "./jobPay.ts";
import { placeLeft, placeTaken } from "./jobPlaces.ts";
import { callRefused } from "./jobRefusals.ts";
import { roundOpened, updateCommitted, updateDemoted, updateRevealed, validationRevealed } from "./jobRounds.ts";
import {
  challengeDecided,
  drawArmed,
  evaluatorDrawn,
  resultChallenged,
  resultStands,
  scoresCommitted,
  scoresRevealed,
} from "./jobScores.ts";
import { efficiencySample, note, NO_SAMPLE } from "./jobSettlement.ts";
import type { Run } from "./run.ts";
import { zoneOf } from "./state.ts";
import type { JobsEvent, JobsEventOf } from "./types.ts";

/** Slots after the end of training in which its energy may be proved. */
const PROOF_SLOTS = 192;
const MAX_MG_PER_WH = 2_000;

type Rules = { readonly [Name in JobsEvent["name"]]: (run: Run, event: JobsEventOf<Name>) => void };

/** What every event of the jobs does; an event without a rule does not compile. */
const RULES: Rules = {
  JobPosted: jobPosted,
  JobMoved: jobMoved,
  PlaceTaken: placeTaken,
  PlaceLeft: placeLeft,
  RoundOpened: roundOpened,
  UpdateCommitted: updateCommitted,
  UpdateRevealed: updateRevealed,
  UpdateDemoted: updateDemoted,
  ValidationRevealed: validationRevealed,
  DrawArmed: drawArmed,
  EvaluatorDrawn: evaluatorDrawn,
  ScoresCommitted: scoresCommitted,
  ScoresRevealed: scoresRevealed,
  ResultStands: resultStands,
  ResultChallenged: resultChallenged,
  ChallengeDecided: challengeDecided,
  MeasuredChallenge: measuredChallenge,
  MeasuredAnswer: measuredAnswer,
  MeasuredVerdict: measuredVerdict,
  StringShown: stringShown,
  BondCut: bondCut,
  UpdatePaid: updatePaid,
  EvaluatorPaid: evaluatorPaid,
  RewardPaid: rewardPaid,
  Refunded: refunded,
  RoundEnded: roundEnded,
  JobEnded: jobEnded,
  EnergyProved: energyProved,
  Collected: collected,
  CarbonIntensitySet: carbonIntensitySet,
  CallRefused: callRefused,
  AuthorityUpdated: () => undefined,
};

/** Checks one event of the jobs against the job before it, and takes over what it says. */
export function jobsEvent(run: Run, event: JobsEvent): void {
  run.state.compute.training.address ??= event.address;
  // The table gives every name the rule for its own event, which a union of names cannot say.
  const rule = RULES[event.name] as (run: Run, event: JobsEvent) => void;
  rule(run, event);
}

function jobPosted(run: Run, { args, address }: JobsEventOf<"JobPosted">): void {
  const { requester, specHash, terms } = args;
  const { findings, state } = run;
  const { jobs } = state.compute.training;
  const id = Number(args.job);
  const place = { job: id, zone: terms.zone };
  findings.expect("jobs", place, "number of the job", jobs.size + 1, id);
  findings.expect("jobs", place, "specification", terms.specHash, specHash);
  findings.expect("jobs", place, "created zone", true, zoneOf(state, terms.zone).createdSlot >= 0);
  findings.expect("jobs", place, "odd number of evaluators", 1, terms.evaluators % 2);
  findings.expect("jobs", place, "least workers within the most", true, terms.minWorkers <= terms.maxWorkers);
  const budget = BigInt(terms.rounds) * (terms.poolTicks + terms.feeTicks);
  for (const call of jobCallsOf(run, "post").slice(0, 1)) {
    findings.expect("jobs", place, "requester who called", call.caller, requester);
  }
  jobs.set(id, newJob(id, requester, terms, budget));
  tellMove(run, {
    check: "jobs",
    place,
    subject: "budget of the job",
    contract: address,
    incoming: true,
    account: requester,
    ticks: budget,
  });
  findings.add("jobs", "jobs", 1);
  findings.add("jobs", "escrowedTicks", budget);
}

function newJob(id: number, requester: string, terms: JobEntry["terms"], budget: bigint): JobEntry {
  return {
    id,
    requester,
    terms,
    state: "none",
    draw: 0,
    nextDraw: 0,
    round: 0,
    deadline: 0,
    drawBlock: 0,
    heldTicks: budget,
    sequence: 0,
    modelRoot: terms.modelRoot,
    entropy: `0x${"00".repeat(32)}`,
    workers: [],
    evaluators: [],
    evicted: undefined,
    receipt: {
      roundsSettled: 0,
      updatesPaid: 0,
      tokens: 0n,
      steps: 0n,
      paidTicks: 0n,
      feeTicks: 0n,
      refundedTicks: 0n,
      provedWh: 0,
      co2Mg: 0n,
    },
    roots: new Map([[terms.modelRoot, { model: true, round: 0, seat: 0 }]]),
    rounds: [],
    provedAt: new Map(),
    since: nothingSince(),
  };
}

function energyProved(run: Run, { args, address }: JobsEventOf<"EnergyProved">): void {
  const { worker, slot, energyWh, provedWh, scarcityPpm, co2Mg } = args;
  const { findings, state, tx } = run;
  const { training } = state.compute;
  const job = jobOf(run, args.job);
  const round = roundOf(job, args.round);
  const place = placeOf(job, { round: Number(args.round), account: worker, slot });
  const seat = seatOf(round, place, worker);
  const { zone } = job.terms;
  const last = round.trainedSlot + PROOF_SLOTS;
  findings.expect("evidence", place, "energy of a valid update", UPDATE.valid, seat.status);
  const trained = slot >= round.openSlot && slot <= round.trainedSlot;
  findings.expect("evidence", place, "slot in which workers trained", true, trained);
  findings.expect("evidence", place, "proved in time", true, slotAt(tx.transaction.timestamp) <= last);
  seat.provedWh += energyWh;
  findings.expect("evidence", place, "energy proved so far", seat.provedWh, provedWh);
  const scarcity = state.seasons.scarcity.get(`${String(zone)}/${String(slot)}`) ?? 0;
  findings.expect("evidence", place, "published scarcity", scarcity, scarcityPpm);
  const intensity = training.carbon.get(zone)?.findLast((one) => one.slot <= slot)?.mgPerWh ?? 0;
  findings.expect("evidence", place, "carbon of the energy", energyWh * intensity, co2Mg);
  job.receipt.provedWh += energyWh;
  job.provedAt.set(slot, (job.provedAt.get(slot) ?? 0) + energyWh);
  job.receipt.co2Mg += co2Mg;
  findings.add("evidence", "co2Mg", co2Mg);
  const sample = efficiencySample(scarcity, energyWh, seat.provedWh, job.terms.energyWh);
  tx.compute.notes.push(note(seat.site, NO_SAMPLE, sample));
  useEnergy(run, { by: address, job: job.id, round: Number(args.round), meter: seat.meter, slot, energyWh });
}

function collected(run: Run, { args, address }: JobsEventOf<"Collected">): void {
  const { account, to, amountTicks } = args;
  const { held } = run.state.compute.training;
  const place = { account };
  run.findings.expect("jobs", place, "collected of what was held", held.get(account) ?? 0n, amountTicks);
  held.delete(account);
  run.findings.add("jobs", "collectedTicks", amountTicks);
  tellMove(run, {
    check: "jobs",
    place,
    subject: "collected",
    contract: address,
    incoming: false,
    account: to,
    ticks: amountTicks,
  });
}

function carbonIntensitySet({ state, findings, tx }: Run, { args }: JobsEventOf<"CarbonIntensitySet">): void {
  const { zone, fromSlot, mgPerWh } = args;
  const { carbon } = state.compute.training;
  findings.expect("evidence", { zone }, "first slot of the intensity", slotAt(tx.transaction.timestamp) + 1, fromSlot);
  findings.expect("evidence", { zone }, "intensity within its bound", true, mgPerWh <= MAX_MG_PER_WH);
  const before = (carbon.get(zone) ?? []).filter(({ slot }) => slot < fromSlot);
  carbon.set(zone, [...before, { slot: fromSlot, mgPerWh }]);
}
