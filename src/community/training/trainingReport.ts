import type { EventOf } from "../../chain/abiTypes.ts";
import type { JOBS_ABI } from "../../chain/jobsAbi.ts";
import { greenThird } from "../greenThird.ts";
import { renewableShare } from "../renewableShare.ts";
import type { SlotTotals } from "../summariseRun.ts";
import type { ReproducibleFigures } from "./playReproducible.ts";
import type { PlayedWorker, TrainingResult } from "./playTraining.ts";

/** What of a job's events its report is made of. */
export const TRAINING_EVENTS = ["RoundOpened", "ScoresRevealed", "UpdatePaid", "EnergyProved", "JobEnded"] as const;

type JobEvent = EventOf<typeof JOBS_ABI, (typeof TRAINING_EVENTS)[number]>;

/** What a job bought, from its events. Money in ticks as text. */
export interface ReceiptFigures {
  readonly job: number;
  readonly rounds: number;
  /** Of the updates that were paid. */
  readonly steps: string;
  readonly tokens: string;
  readonly paidTicks: string;
  readonly feeTicks: string;
  readonly refundedTicks: string;
  /** Energy that workers proved by their readings, by slot. */
  readonly energyWh: number;
  readonly slots: readonly { readonly slot: number; readonly energyWh: number }[];
  readonly co2Grams: number;
}

/** What the run's training came to: the report's section. */
export interface TrainingReport {
  readonly federated: {
    readonly rounds: number;
    /** Mean loss on text that nobody trained on, nats a byte. */
    readonly lossBefore: number;
    readonly lossAfter: number;
    /** Ticks that each worker's account was paid, as text. */
    readonly payouts: Readonly<Record<string, string>>;
    /** What the poisoned worker was paid, ticks as text. */
    readonly poisonedPaid: string;
  };
  readonly receipts: readonly ReceiptFigures[];
  readonly reproducible: ReproducibleFigures;
  /** Share of the training energy in the greenest third of the slots; null where none was used. */
  readonly greenThirdShare: number | null;
  /** The same, had the job not waited. */
  readonly greenThirdShareAtOnce: number | null;
}

export interface TrainingOutcome {
  readonly report: TrainingReport;
  readonly result: TrainingResult;
  /** Score of each worker in each round, micro-nats, in the workers' order; undefined where it was not scored. */
  readonly scores: readonly (readonly (bigint | undefined)[])[];
}

export interface TrainingOutcomeInput {
  readonly result: TrainingResult;
  readonly reproducible: ReproducibleFigures;
  /** Of the job, in the chain's order. */
  readonly events: readonly JobEvent[];
  readonly slots: readonly SlotTotals[];
}

const LOSS_DIGITS = 6;

/** Reads what became of the job from its events. */
export function trainingOutcome({ result, reproducible, events, slots }: TrainingOutcomeInput): TrainingOutcome {
  const { job, workers, losses } = result;
  const paid = paidTo(events, workers);
  const receipt = receiptFigures(job, events);
  const energy = new Map(receipt.slots.map(({ slot, energyWh }) => [slot, energyWh]));
  const posted = slots[0]?.slot ?? 0;
  const green = greenThird(
    slots.map((totals) => ({
      slot: totals.slot,
      renewableShare: renewableShare(totals),
      trainingWh: energy.get(totals.slot) ?? 0,
    })),
    posted,
  );
  const poisoned = workers.filter(({ part }) => part === "poisoned");
  return {
    result,
    scores: scoresOf(events, workers),
    report: {
      federated: {
        rounds: receipt.rounds,
        lossBefore: rounded(losses[0] ?? 0),
        lossAfter: rounded(losses.at(-1) ?? 0),
        payouts: Object.fromEntries(workers.map(({ account }) => [account, String(paid.get(account) ?? 0n)])),
        poisonedPaid: String(poisoned.reduce((sum, { account }) => sum + (paid.get(account) ?? 0n), 0n)),
      },
      receipts: [receipt],
      reproducible,
      greenThirdShare: green === undefined ? null : rounded(green.share),
      greenThirdShareAtOnce: green === undefined ? null : rounded(green.shareAtOnce),
    },
  };
}

function paidTo(events: readonly JobEvent[], workers: readonly PlayedWorker[]): Map<string, bigint> {
  const paid = new Map(workers.map(({ account }) => [account, 0n]));
  for (const event of events) {
    if (event.name !== "UpdatePaid") continue;
    const { worker, amountTicks } = event.args;
    paid.set(worker, (paid.get(worker) ?? 0n) + amountTicks);
  }
  return paid;
}

function scoresOf(events: readonly JobEvent[], workers: readonly PlayedWorker[]): (bigint | undefined)[][] {
  const seats = new Map<bigint, readonly string[]>();
  const standing = new Map<bigint, readonly bigint[]>();
  for (const event of events) {
    if (event.name === "RoundOpened") seats.set(event.args.round, event.args.workers);
    if (event.name === "ScoresRevealed") standing.set(event.args.round, event.args.scores);
  }
  return workers.map(({ account }) =>
    [...seats].map(([round, order]) => {
      const place = order.indexOf(account);
      return place < 0 ? undefined : standing.get(round)?.[place];
    }),
  );
}

function receiptFigures(job: number, events: readonly JobEvent[]): ReceiptFigures {
  const bySlot = new Map<number, number>();
  let co2Mg = 0n;
  const ended = events.find((event) => event.name === "JobEnded");
  const totals = ended?.name === "JobEnded" ? ended.args.receipt : undefined;
  for (const event of events) {
    if (event.name !== "EnergyProved") continue;
    const { slot, energyWh } = event.args;
    bySlot.set(slot, (bySlot.get(slot) ?? 0) + energyWh);
    co2Mg += event.args.co2Mg;
  }
  const slots = [...bySlot].sort(([a], [b]) => a - b).map(([slot, energyWh]) => ({ slot, energyWh }));
  return {
    job,
    rounds: totals?.roundsSettled ?? 0,
    steps: String(totals?.steps ?? 0n),
    tokens: String(totals?.tokens ?? 0n),
    paidTicks: String(totals?.paidTicks ?? 0n),
    feeTicks: String(totals?.feeTicks ?? 0n),
    refundedTicks: String(totals?.refundedTicks ?? 0n),
    energyWh: slots.reduce((sum, { energyWh }) => sum + energyWh, 0),
    slots,
    co2Grams: Number(co2Mg) / 1_000,
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(LOSS_DIGITS));
}
