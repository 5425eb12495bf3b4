import { z } from "zod";
import {
  address,
  decimal,
  energyWh,
  eventList,
  hash,
  ppm,
  price,
  slotNumber,
  source,
  time,
  zoneNumber,
} from "./primitives.ts";

export const jobWorker = z.object({
  provider: address,
  status: z.string(),
  updateRoot: hash.nullable(),
  sizeBytes: z.int().nullable(),
  /** Micro-nats of validation loss. */
  score: decimal.nullable(),
  paidTicks: decimal,
  committed: source.nullable(),
  revealed: source.nullable(),
  paid: source.nullable(),
});

/** A move of a disagreement about a round's result. */
export const disputeMove = z.object({
  text: z.string(),
  party: address.nullable(),
  /** Number of the reproducible job that decides. */
  reproducibleJob: z.int().nullable(),
  source,
});

export const jobRound = z.object({
  round: z.int(),
  outcome: z.string().nullable(),
  opened: z.object({ slot: slotNumber, importPrice: price, scarcityPpm: ppm, workers: z.int(), source }).nullable(),
  workers: z.array(jobWorker),
  evaluators: z.array(z.object({ evaluator: address, kind: z.string(), revealed: z.boolean(), paidTicks: decimal })),
  disputeMoves: z.array(disputeMove),
  modelRoot: hash.nullable(),
  ended: source.nullable(),
});

export const job = z.object({
  job: z.int(),
  requester: address,
  specHash: hash,
  state: z.string(),
  deadline: time,
  posted: source,
  /** The terms as posted. */
  terms: z.record(z.string(), z.unknown()),
  rounds: z.array(jobRound),
  /** Loss of the model after a round on the round's own slice, micro-nats a byte; round 0 is the model before the first. Empty without an update store. */
  losses: z.array(z.object({ round: z.int(), lossMicroNats: decimal })),
  /** They are being measured: an answer a few seconds from now has them. */
  lossesPending: z.boolean(),
  payouts: z.array(z.object({ account: address, part: z.string(), amountTicks: decimal })),
  escrow: z.object({ paidInTicks: decimal, paidOutTicks: decimal, refundedTicks: decimal, heldTicks: decimal }),
  receipt: z.object({
    energyWh,
    co2Mg: decimal,
    slots: z.array(
      z.object({
        worker: address,
        zone: zoneNumber.nullable(),
        slot: slotNumber,
        energyWh,
        scarcityPpm: ppm,
        co2Mg: decimal,
        source,
      }),
    ),
    /** Hour-matched share of cancelled certificates. */
    matchedPpm: ppm.nullable(),
  }),
  events: eventList,
});
export type JobAnswer = z.output<typeof job>;
export const jobList = z.object({
  jobs: z.array(z.object({ job: z.int(), requester: address, state: z.string(), round: z.int(), posted: source })),
});
export type JobList = z.output<typeof jobList>;
