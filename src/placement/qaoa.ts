import { randomStream } from "../meters/profiles/randomStream.ts";
import type { Qubo } from "./qubo.ts";
import { allEnergies, applyPhases, applyRx, probabilities, uniformState, type StateVector } from "./stateVector.ts";

/** Angles of the layers: `gammas` of the problem's phases, per tick, and `betas` of the mixers. */
export interface QaoaAngles {
  readonly gammas: readonly number[];
  readonly betas: readonly number[];
}

export interface QaoaResult {
  readonly angles: QaoaAngles;
  /** Mean energy of the final state. */
  readonly expectedEnergy: number;
  /** Of every assignment, bit q of its number being variable q. */
  readonly probabilities: Float64Array;
  readonly energies: Float64Array;
  /** The best of the shots. */
  readonly bits: Uint8Array;
}

export interface QaoaParameters {
  readonly seed: number;
  readonly layers: number;
  /** Measurements of the final state. */
  readonly shots: number;
}

const GAMMA_STEPS = 12;
const BETA_STEPS = 8;
/** Largest first gamma, over the standard deviation of the energies: a phase of several turns only scrambles. */
const LARGEST_GAMMA = 3;
const FIRST_STEP = 0.25;
const LAST_STEP = 0.02;

/**
 * The quantum approximate optimisation algorithm (Farhi, Goldstone and Gutmann, A quantum approximate optimization algorithm,
 * 2014) on a state vector. Angles: a grid for one layer; each further layer starts from the angles before it, interpolated
 * (Zhou, Wang, Choi, Pichler and Lukin, 2020); after each, a search angle by angle with halving steps, by the exact mean energy,
 * which real hardware would have to estimate from shots.
 */
export function qaoa(qubo: Qubo, { seed, layers, shots }: QaoaParameters): QaoaResult {
  const energies = allEnergies(qubo);
  const unit = 1 / deviation(energies);
  const cost = (angles: QaoaAngles): number => mean(probabilities(prepare(energies, angles)), energies);
  let angles = searchGrid(cost, unit);
  for (let layer = 2; layer <= layers + 1; layer++) {
    angles = refine(cost, angles, unit);
    if (layer <= layers) angles = { gammas: interpolate(angles.gammas), betas: interpolate(angles.betas) };
  }
  const chances = probabilities(prepare(energies, angles));
  const state = bestShot(chances, energies, seed, shots);
  return {
    angles,
    energies,
    probabilities: chances,
    expectedEnergy: mean(chances, energies),
    bits: Uint8Array.from(qubo.linear, (_, qubit) => Math.floor(state / 2 ** qubit) % 2),
  };
}

/** The state that a circuit with these angles ends in. */
export function prepare(energies: Float64Array, { gammas, betas }: QaoaAngles): StateVector {
  const state = uniformState(Math.log2(energies.length));
  gammas.forEach((gamma, layer) => {
    applyPhases(state, energies, gamma);
    for (let qubit = 0; qubit < state.qubits; qubit++) applyRx(state, qubit, 2 * (betas[layer] ?? 0));
  });
  return state;
}

function searchGrid(cost: (angles: QaoaAngles) => number, unit: number): QaoaAngles {
  let best: { angles: QaoaAngles; energy: number } | undefined;
  for (let row = 1; row <= GAMMA_STEPS; row++) {
    for (let column = 1; column <= BETA_STEPS; column++) {
      // The other sign of both angles gives the conjugate state, and beta repeats after pi.
      const angles = {
        gammas: [(unit * LARGEST_GAMMA * row) / GAMMA_STEPS],
        betas: [(Math.PI * column) / (BETA_STEPS + 1)],
      };
      const energy = cost(angles);
      if (best === undefined || energy < best.energy) best = { angles, energy };
    }
  }
  if (best === undefined) throw new RangeError("the grid of angles is empty");
  return best.angles;
}

function refine(cost: (angles: QaoaAngles) => number, start: QaoaAngles, unit: number): QaoaAngles {
  let angles = start;
  let energy = cost(angles);
  for (let step = FIRST_STEP; step >= LAST_STEP; step /= 2) {
    for (let layer = 0; layer < start.gammas.length; layer++) {
      for (const direction of [-1, 1]) {
        for (const moved of [
          { ...angles, gammas: shifted(angles.gammas, layer, direction * step * unit) },
          { ...angles, betas: shifted(angles.betas, layer, direction * step) },
        ]) {
          const there = cost(moved);
          if (there >= energy) continue;
          angles = moved;
          energy = there;
        }
      }
    }
  }
  return angles;
}

function shifted(values: readonly number[], place: number, change: number): number[] {
  return values.map((value, index) => (index === place ? value + change : value));
}

/** Angles of p layers as a course over p + 1 layers. */
function interpolate(values: readonly number[]): number[] {
  const layers = values.length;
  return Array.from({ length: layers + 1 }, (_, layer) => {
    const before = values[layer - 1] ?? 0;
    const own = values[layer] ?? 0;
    return (layer / layers) * before + ((layers - layer) / layers) * own;
  });
}

function bestShot(chances: Float64Array, energies: Float64Array, seed: number, shots: number): number {
  const random = randomStream(seed, "shots");
  const draws = Array.from({ length: shots }, () => random.uniform()).sort((one, other) => one - other);
  let best = 0;
  let least = Infinity;
  let state = 0;
  let below = chances[0] ?? 0;
  for (const draw of draws) {
    while (below < draw && state < chances.length - 1) {
      state += 1;
      below += chances[state] ?? 0;
    }
    const energy = energies[state] ?? Infinity;
    if (energy < least) [best, least] = [state, energy];
  }
  return best;
}

function mean(chances: Float64Array, energies: Float64Array): number {
  let sum = 0;
  for (let state = 0; state < chances.length; state++) sum += (chances[state] ?? 0) * (energies[state] ?? 0);
  return sum;
}

function deviation(energies: Float64Array): number {
  const middle = energies.reduce((sum, energy) => sum + energy, 0) / energies.length;
  const variance = energies.reduce((sum, energy) => sum + (energy - middle) ** 2, 0) / energies.length;
  return variance === 0 ? 1 : Math.sqrt(variance);
}
