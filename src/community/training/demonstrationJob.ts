import { DEFAULT_SCORING_RULE } from "../../training/federated/defaultScoringRule.ts";
import type { JobSpec } from "../../training/jobs/jobSpec.ts";
import type { JobOffer } from "../../training/jobs/postJob.ts";
import type { ModelConfig, Trainer } from "../../training/types.ts";
import { SLOT_SECONDS, SLOTS_PER_DAY } from "../../units.ts";

/** A model that a laptop trains within a minute. */
export const SPEC_MODEL: ModelConfig = { layers: 1, width: 32, heads: 2, context: 32 };
/** What a worker's accelerators take for a round: 1.2 kW for a quarter of an hour. */
export const JOB_ENERGY_WH = 300;

const ROUNDS = 4;
const CREDIT = 1_000_000_000n;

export function demonstrationSpec({ kernelsHash }: Trainer, seed: number): JobSpec {
  const { measure, ...rule } = DEFAULT_SCORING_RULE;
  if (measure.kind !== "leave-one-out") throw new TypeError("another default measure");
  return {
    format: "joulework-federated-1",
    kernels: kernelsHash,
    model: { ...SPEC_MODEL },
    seed,
    local: { steps: 20, batch: 8, learningRate: 0.003 },
    ...rule,
    measure,
  };
}

export interface JobOfferInput {
  readonly zone: number;
  readonly workers: number;
  /** Scarcity of each slot of the day before, ppm. */
  readonly scarcities: readonly number[];
}

/** Rounds open only in slots as green as the greenest third of the day before. */
export function jobOffer({
  zone,
  workers,
  scarcities,
}: JobOfferInput): Pick<JobOffer, "zone" | "rounds"> & Partial<JobOffer> {
  const sorted = [...scarcities].sort((a, b) => a - b);
  return {
    zone,
    rounds: ROUNDS,
    maxScarcityPpm: sorted[Math.floor(sorted.length / 3)] ?? 0,
    maxWaitSlots: SLOTS_PER_DAY,
    energyWh: JOB_ENERGY_WH,
    minWorkers: workers,
    maxWorkers: workers,
    evaluators: 1,
    commitSeconds: 4 * SLOT_SECONDS,
    challengeSeconds: SLOT_SECONDS,
  };
}

/** Stake of a provider: what a worker or an evaluator locks, and what a challenge takes. */
export const PROVIDER_STAKE_TICKS = 60n * CREDIT;
/** What the requester starts with: the job's budget and change. */
export const REQUESTER_TICKS = 100n * CREDIT;
