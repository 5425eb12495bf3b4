import { randomStream } from "../meters/profiles/randomStream.ts";
import { pathIntegral } from "./pathIntegral.ts";
import { isingEnergy, largestChange, toIsing, type Qubo } from "./qubo.ts";
import type { AnnealingParameters } from "./simulatedAnnealing.ts";

/** Replicas of the path integral. */
const SLICES = 16;
/** Replicas' temperature and the transverse field's course, as shares of the largest change that a bit can make. */
const REPLICA_TEMPERATURE = 0.002;
const STRONGEST_FIELD = 0.1;
const WEAKEST_FIELD = 1e-4;

/**
 * Simulated quantum annealing (Martoňák, Santoro and Tosatti, Quantum annealing by the path-integral Monte Carlo method: the
 * two-dimensional random Ising model, 2002): the temperature stays and the transverse field falls linearly. The best replica
 * of all runs counts.
 */
export function quantumAnnealing(qubo: Qubo, { seed, runs, sweeps }: AnnealingParameters): Uint8Array {
  const ising = toIsing(qubo);
  const scale = largestChange(qubo);
  let best = { spins: new Int8Array(qubo.linear.length).fill(-1), energy: Infinity };
  for (let run = 0; run < runs; run++) {
    const random = randomStream(seed, "quantum annealing", run);
    const temperature = (scale * REPLICA_TEMPERATURE) / SLICES;
    const path = pathIntegral(ising, { slices: SLICES, temperature, random });
    for (let step = 0; step < sweeps; step++) {
      const done = step / Math.max(1, sweeps - 1);
      path.sweep(scale * (STRONGEST_FIELD + done * (WEAKEST_FIELD - STRONGEST_FIELD)));
    }
    for (const spins of path.slices) {
      const energy = isingEnergy(ising, spins);
      if (energy < best.energy) best = { spins: spins.slice(), energy };
    }
  }
  return Uint8Array.from(best.spins, (spin) => (spin === 1 ? 1 : 0));
}
