import { dividePool, type ScoredUpdate } from "../training/jobs/payouts.ts";
import { Draws } from "./draws.ts";
import { gainOf, mean, plannedGain } from "./gain.ts";
import type { DeviationGain } from "./measureDeviations.ts";
import { noiseWord } from "../simulation/noise.ts";

/** Purpose of these draws among those of a seed. */
const WORKERS = 3;
/** A worker's mean part of a round's pool, ticks. */
const FAIR_PAY_TICKS = 1_000_000_000;
/** Score of full training by an average worker, micro-nats, and how far workers' data differ. */
const MEAN_SCORE = 100_000;
const QUALITY_SPREAD = 0.4;
/** A site's part of the pool at most. */
const SITE_CAP_PPM = 500_000;
/** A score grows with this power of the steps trained: half of the steps bring 71 % of it. */
const RETURNS = 0.5;
/** Energy of full training as a share of the mean pay. */
export const TRAINING_COSTS = [0.2, 0.6];

interface Work {
  readonly name: string;
  /** Share of the steps that are trained. */
  readonly steps: number;
  readonly copied?: boolean;
}

const SHIRKING: readonly Work[] = [
  { name: "an update of zeros", steps: 0 },
  { name: "a copied update", steps: 0, copied: true },
  { name: "25 % of the steps", steps: 0.25 },
  { name: "50 % of the steps", steps: 0.5 },
  { name: "75 % of the steps", steps: 0.75 },
  { name: "90 % of the steps", steps: 0.9 },
];

/** The kind of worker whose full training costs this share of the mean pay. */
export function workerKind(cost: number): string {
  return `worker, cost ${String(Math.round(cost * 100))} %`;
}

/** Measures what a worker gains that trains less than it is told to, or copies, by the division of a round's pool. */
export function measureShirking({
  size,
  cost,
  rounds,
  seed,
}: {
  /** Workers of the job. */
  readonly size: number;
  readonly cost: number;
  readonly rounds: number;
  readonly seed: number;
}): DeviationGain {
  const bases: number[] = [];
  const gains = SHIRKING.map((): number[] => []);
  for (let round = 0; round < rounds; ++round) {
    const draws = new Draws(noiseWord(seed, size, round), WORKERS);
    const qualities = Array.from({ length: size }, () => 1 + QUALITY_SPREAD * (2 * draws.next() - 1));
    const payoff = (work: Work): number => {
      const pay = roundPay(qualities, work);
      return pay - work.steps * cost * FAIR_PAY_TICKS;
    };
    const honest = payoff({ name: "all steps", steps: 1 });
    bases.push(honest);
    SHIRKING.forEach((work, place) => gains[place]?.push(payoff(work) - honest));
  }
  const best = bases.map((_, round) => Math.max(0, ...gains.map((of) => of[round] ?? 0)));
  // Pay is not for energy: the worker's mean pay stands where a trader's energy does.
  const pays = bases.map(() => FAIR_PAY_TICKS);
  return {
    ...{ rule: "pay by score", lever: "training", kind: workerKind(cost), size },
    planned: plannedGain({ names: SHIRKING.map(({ name }) => name), gains, bases, energiesWh: pays }),
    informed: gainOf(best, bases, pays),
    exposed: best.filter((gain) => gain > 1).length / rounds,
    honestTicks: mean(bases),
  };
}

/** Pay of the first worker, ticks; the others train in full. */
function roundPay(qualities: readonly number[], { steps, copied = false }: Work): number {
  const updates = qualities.map((quality, worker): ScoredUpdate => {
    const done = worker === 0 ? steps : 1;
    return {
      site: worker,
      score: BigInt(Math.round(MEAN_SCORE * quality * done ** RETURNS)),
      update: worker === 0 && copied ? "copied" : "valid",
    };
  });
  const poolTicks = BigInt(FAIR_PAY_TICKS) * BigInt(qualities.length);
  const { paidTicks } = dividePool({ poolTicks, siteCapPpm: SITE_CAP_PPM, updates });
  return Number(paidTicks[0] ?? 0n);
}
