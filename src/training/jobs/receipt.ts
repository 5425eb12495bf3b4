import Table from "cli-table3";
import { formatCredits, formatPpm, formatSlot, formatWh } from "../../units.ts";
import { matchedEnergy, type MatchedEnergy } from "../../certificates/matchedEnergy.ts";
import type { UpdateStore } from "../store/types.ts";
import type { Trainer } from "../types.ts";
import type { IntensitySeries } from "./intensityCsv.ts";
import { openSpecTrainer, readGlobalState, requireJob, type OpenTrainer } from "./jobInputs.ts";
import { decodeJobSpec, type JobSpec } from "./jobSpec.ts";
import type { JobsLink } from "./jobsLink.ts";
import { JOB_STATE_NAMES, ROUND_OUTCOME_NAMES, UPDATE_STATUS_NAMES, type JobTotals } from "./jobTypes.ts";

/** Energy that a worker proved, by the slot of its reading. */
export interface ProvedEnergy {
  readonly slot: number;
  readonly energyWh: number;
  readonly scarcityPpm: number;
  /** By the zone's intensity on the chain. */
  readonly co2Mg: bigint;
  readonly transaction: string;
}

export interface ReceiptSeat {
  readonly worker: string;
  readonly site: number;
  readonly status: string;
  readonly updateRoot: string;
  /** Micro-nats; undefined where no result stands. */
  readonly score: bigint | undefined;
  readonly paidTicks: bigint;
  readonly energy: readonly ProvedEnergy[];
}

export interface ReceiptRound {
  readonly round: number;
  readonly outcome: string;
  readonly openSlot: number;
  /** Ticks a Wh, as published for the slot of opening. */
  readonly importPrice: number;
  readonly scarcityPpm: number;
  readonly modelRoot: string;
  /** After the round; undefined while it runs. */
  readonly nextModelRoot: string | undefined;
  readonly validation: string;
  /** Hash of the result that stood. */
  readonly standing: string;
  readonly seats: readonly ReceiptSeat[];
  readonly evaluators: readonly { readonly evaluator: string; readonly agrees: boolean; readonly feeTicks: bigint }[];
  /** Micro-nats over the round's slice, where store and kernels gave them. */
  readonly loss: { readonly before: bigint; readonly after: bigint } | undefined;
  readonly transactions: { readonly opened: string; readonly ended: string | undefined };
}

/** What a job has bought, as the chain tells it. */
export interface JobReceiptReport {
  readonly job: number;
  readonly contract: string;
  readonly requester: string;
  readonly state: string;
  readonly specHash: string;
  readonly modelRoot: string;
  readonly postedIn: string;
  readonly rounds: readonly ReceiptRound[];
  readonly totals: JobTotals;
  /** CO2 of the proved energy by intensities that were given, milligrams. */
  readonly recomputedCo2Mg: bigint | undefined;
  /** How far the energy is matched with certificates; undefined where the deployment has none. */
  readonly matched: MatchedEnergy | undefined;
}

export interface ReadReceiptParameters {
  readonly link: JobsLink;
  readonly job: number;
  /** What the job was matched with, where the deployment has certificates. */
  readonly matchesOf?: ((job: number) => Promise<readonly MatchEvent[]>) | undefined;
  readonly intensity?: IntensitySeries | undefined;
  /** Measures the loss of each settled round anew, from the models and slices of the store. */
  readonly losses?: { readonly store: UpdateStore; readonly openTrainer: OpenTrainer } | undefined;
}

/** A `JobMatched` event of the certificates, as far as the receipt needs it. */
interface MatchEvent {
  readonly args: { readonly slot: number; readonly id: bigint; readonly amountWh: number };
}

const EVENTS = ["JobPosted", "RoundOpened", "UpdatePaid", "EvaluatorPaid", "RoundEnded", "EnergyProved"] as const;

type ReceiptEvents = Awaited<ReturnType<typeof readEvents>>;

/**
 * Reads a job's receipt from its contract and events.
 *
 * @throws JOB_UNKNOWN, and those of the chain.
 */
export async function readReceipt({
  link,
  job,
  matchesOf,
  intensity,
  losses,
}: ReadReceiptParameters): Promise<JobReceiptReport> {
  const { contract } = link;
  const view = await contract.read("jobInfo", [job]);
  requireJob(job, view);
  const [terms, totals, events] = await Promise.all([
    contract.read("termsOf", [job]),
    contract.read("receipt", [job]),
    readEvents(link, job),
  ]);
  const meter = losses === undefined ? undefined : await openLossMeter(losses, terms.specHash);
  const rounds: ReceiptRound[] = [];
  try {
    for (let round = 1; round <= view.round; ++round) {
      const told = await readRound(link, job, round, events);
      rounds.push({ ...told, loss: await meter?.measure(told) });
    }
  } finally {
    await meter?.close();
  }
  const proved = rounds.flatMap(({ seats }) => seats.flatMap(({ energy }) => energy));
  return {
    job,
    contract: contract.address,
    requester: view.requester,
    state: JOB_STATE_NAMES[view.state] ?? "unknown",
    specHash: terms.specHash,
    modelRoot: view.modelRoot,
    postedIn: events.find(({ name }) => name === "JobPosted")?.transactionHash ?? "",
    rounds,
    totals,
    recomputedCo2Mg: intensity === undefined ? undefined : co2Of(proved, intensity),
    matched: matchesOf === undefined ? undefined : matchOf(proved, await matchesOf(job)),
  };
}

function matchOf(proved: readonly ProvedEnergy[], matches: readonly MatchEvent[]): MatchedEnergy {
  const cancelled = matches.map(({ args: { slot, id, amountWh } }) => ({ slot, certificate: id, amountWh }));
  return matchedEnergy(proved, cancelled);
}

function readEvents(link: JobsLink, job: number) {
  return link.events(EVENTS, job);
}

async function readRound(
  { contract }: JobsLink,
  job: number,
  round: number,
  events: ReceiptEvents,
): Promise<Omit<ReceiptRound, "loss">> {
  const view = await contract.read("roundInfo", [job, round]);
  const { scores } = await contract.read("resultInfo", [job, round, view.standing]);
  const own = events.filter((event) => "round" in event.args && Number(event.args.round) === round);
  const opened = own.find((event) => event.name === "RoundOpened");
  const ended = own.find((event) => event.name === "RoundEnded");
  const paid = own.filter((event) => event.name === "UpdatePaid");
  const fees = own.filter((event) => event.name === "EvaluatorPaid");
  const energy = own.filter((event) => event.name === "EnergyProved");
  return {
    round,
    outcome: ROUND_OUTCOME_NAMES[view.outcome] ?? "unknown",
    openSlot: view.openSlot,
    importPrice: opened?.args.importPrice ?? 0,
    scarcityPpm: opened?.args.scarcityPpm ?? 0,
    modelRoot: opened?.args.modelRoot ?? "",
    nextModelRoot: ended?.args.modelRoot,
    validation: view.validation,
    standing: view.standing,
    seats: view.seats.map(({ provider, site, status, updateRoot }, seat) => ({
      worker: provider,
      site,
      status: UPDATE_STATUS_NAMES[status] ?? "unknown",
      updateRoot,
      score: scores[seat],
      paidTicks: paid.find(({ args }) => args.worker === provider)?.args.amountTicks ?? 0n,
      energy: energy
        .filter(({ args }) => args.worker === provider)
        .map(({ args, transactionHash }) => ({
          slot: args.slot,
          energyWh: args.energyWh,
          scarcityPpm: Number(args.scarcityPpm),
          co2Mg: args.co2Mg,
          transaction: transactionHash,
        })),
    })),
    evaluators: view.scoreSeats.map(({ evaluator, result }) => ({
      evaluator,
      agrees: BigInt(result) !== 0n && result === view.standing,
      feeTicks: fees.find(({ args }) => args.evaluator === evaluator)?.args.amountTicks ?? 0n,
    })),
    transactions: { opened: opened?.transactionHash ?? "", ended: ended?.transactionHash },
  };
}

/** Losses of settled rounds; a round whose model or slice the store lacks has none. */
async function openLossMeter(
  { store, openTrainer }: { readonly store: UpdateStore; readonly openTrainer: OpenTrainer },
  specHash: string,
) {
  const spec: JobSpec = decodeJobSpec(await store.get(specHash));
  const trainer: Trainer = await openSpecTrainer(openTrainer, spec);
  return {
    async measure({ modelRoot, nextModelRoot, validation, outcome }: Omit<ReceiptRound, "loss">) {
      if (nextModelRoot === undefined || outcome !== "settled") return undefined;
      const present = await Promise.all([modelRoot, nextModelRoot, validation].map((hash) => store.has(hash)));
      if (present.includes(false)) return undefined;
      const slice = await store.get(validation);
      const lossOf = async (root: string) =>
        trainer.evaluate((await readGlobalState(store, spec, trainer.parameters, root)).weights, slice);
      return { before: await lossOf(modelRoot), after: await lossOf(nextModelRoot) };
    },
    close: () => trainer.close(),
  };
}

function co2Of(proved: readonly ProvedEnergy[], intensity: IntensitySeries): bigint {
  return proved.reduce((sum, { slot, energyWh }) => sum + BigInt(Math.round(energyWh * intensity.at(slot))), 0n);
}

/** A receipt as JSON; amounts beyond a number's exactness are digits. */
export function receiptJson(receipt: JobReceiptReport): string {
  return JSON.stringify(receipt, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value), 2);
}

/** A receipt as tables for people. */
export function formatReceipt({
  job,
  state,
  rounds,
  totals,
  modelRoot,
  recomputedCo2Mg,
  matched,
}: JobReceiptReport): string {
  const table = new Table({
    head: ["round", "outcome", "opened in", "worker", "update", "score", "credits", "Wh"],
    style: { head: [], border: [] },
  });
  for (const { round, outcome, openSlot, seats } of rounds) {
    for (const { worker, status, score, paidTicks, energy } of seats) {
      const energyWh = energy.reduce((sum, one) => sum + one.energyWh, 0);
      table.push([
        round,
        outcome,
        formatSlot(openSlot),
        worker,
        status,
        score === undefined ? "" : String(score),
        formatCredits(paidTicks),
        energyWh,
      ]);
    }
  }
  const losses = rounds.flatMap(({ round, loss }) =>
    loss === undefined ? [] : [`round ${round}: loss ${loss.before} -> ${loss.after} micro-nats`],
  );
  return [
    `Job ${job}: ${state}, ${totals.roundsSettled} rounds settled, model ${modelRoot}`,
    table.toString(),
    ...losses,
    `${totals.updatesPaid} updates paid: ${totals.tokens} tokens, ${totals.steps} steps, ${formatWh(totals.provedWh)} proved`,
    `${formatCredits(totals.paidTicks)} credits to workers, ${formatCredits(totals.feeTicks)} to evaluators, ` +
      `${formatCredits(totals.refundedTicks)} back to the requester`,
    `CO2 of the proved energy: ${grams(totals.co2Mg)} g by the zone's intensity on the chain`,
    ...(matched === undefined ? [] : matchedLines(matched)),
    ...(recomputedCo2Mg === undefined ? [] : [`CO2 by the given intensities: ${grams(recomputedCo2Mg)} g`]),
  ].join("\n");
}

/** The share to quote, and what is left to be emitted by it. */
function matchedLines({ hourMatchedPpm, matchedWh, slotMatchedWh, locationCo2Mg, timeCo2Mg }: MatchedEnergy): string[] {
  return [
    `Hour-matched renewable share: ${formatPpm(hourMatchedPpm)} (${formatWh(matchedWh)} of certificates cancelled for it, ` +
      `${formatWh(slotMatchedWh)} of the very slot)`,
    `CO2 location-based: ${grams(locationCo2Mg)} g; time-based, without what is matched: ${grams(timeCo2Mg)} g`,
  ];
}

function grams(milligrams: bigint): string {
  return (Number(milligrams) / 1_000).toFixed(3);
}
