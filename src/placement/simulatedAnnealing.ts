import { randomStream } from "../meters/profiles/randomStream.ts";
import { largestChange, neighboursOf, quboEnergy, smallestCoefficient, type Qubo } from "./qubo.ts";

export interface AnnealingParameters {
  readonly seed: number;
  /** Independent runs from random bits; the best end counts. */
  readonly runs: number;
  /** Visits of every bit in a run. */
  readonly sweeps: number;
}

/** A step up by the smallest coefficient is taken once in so many tries at the end. */
const FROZEN_TRIES = 100;
/** Colder than this share of the hottest temperature would only waste sweeps. */
const LEAST_COOLING = 1e-5;

/**
 * Simulated annealing (Kirkpatrick, Gelatt and Vecchi, Optimization by simulated annealing, 1983): single bits are flipped
 * by Metropolis' rule while the temperature falls geometrically, from the largest change that a bit can make to where the
 * smallest coefficient decides.
 */
export function simulatedAnnealing(qubo: Qubo, { seed, runs, sweeps }: AnnealingParameters): Uint8Array {
  const variables = qubo.linear.length;
  const neighbours = neighboursOf(variables, qubo.quadratic);
  const hottest = largestChange(qubo);
  const coldest = Math.max(smallestCoefficient(qubo) / Math.log(FROZEN_TRIES), hottest * LEAST_COOLING);
  let best = { bits: new Uint8Array(variables), energy: Infinity };
  for (let run = 0; run < runs; run++) {
    const random = randomStream(seed, "annealing", run);
    const bits = Uint8Array.from({ length: variables }, () => (random.uniform() < 0.5 ? 0 : 1));
    for (let sweep = 0; sweep < sweeps; sweep++) {
      const temperature = hottest * (coldest / hottest) ** (sweep / Math.max(1, sweeps - 1));
      for (let place = 0; place < variables; place++) {
        let slope = qubo.linear[place] ?? 0;
        for (const { other, value } of neighbours[place] ?? []) slope += value * (bits[other] ?? 0);
        const change = bits[place] === 1 ? -slope : slope;
        if (change <= 0 || random.uniform() < Math.exp(-change / temperature)) bits[place] = 1 - (bits[place] ?? 0);
      }
    }
    const energy = quboEnergy(qubo, bits);
    if (energy < best.energy) best = { bits, energy };
  }
  return best.bits;
}
