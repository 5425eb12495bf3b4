import { randomStream } from "../meters/profiles/randomStream.ts";
import { admissibleOptions, type PlacementOption } from "./admissibleOptions.ts";
import { exactOptimum } from "./exactOptimum.ts";
import { judge, type Judgement } from "./judge.ts";
import { placementQubo } from "./placementQubo.ts";
import { qaoa, type QaoaResult } from "./qaoa.ts";
import { quantumAnnealing } from "./quantumAnnealing.ts";
import { quboEnergy, type Qubo } from "./qubo.ts";
import type { Placement } from "./scenario.ts";
import { simulatedAnnealing } from "./simulatedAnnealing.ts";
import { MAX_QUBITS } from "./stateVector.ts";

export const PLACEMENT_METHODS = [
  "mixed-integer programme",
  "simulated annealing",
  "simulated quantum annealing",
  "QAOA, simulated",
  "random guesses",
] as const;
export type PlacementMethod = (typeof PLACEMENT_METHODS)[number];

export interface MethodResult extends Judgement {
  readonly method: PlacementMethod;
  /** Surplus over the exact optimum's; null where the placement is not feasible. */
  readonly quality: number | null;
  readonly cpuSeconds: number;
}

export interface PlacementComparison {
  readonly name: string;
  readonly jobs: number;
  readonly options: readonly PlacementOption[];
  /** Variables of the QUBO, slack bits included. */
  readonly variables: number;
  readonly optimumTicks: number;
  readonly results: readonly MethodResult[];
  /** The QUBO, for export. */
  readonly qubo: Qubo;
  /** Undefined where the QUBO has more variables than the simulator has qubits. */
  readonly qaoa: (QaoaResult & { readonly optimumProbability: number }) | undefined;
}

export interface CompareParameters {
  readonly seed: number;
}

/** Effort of the heuristics. QAOA and guessing measure equally often. */
export const PLACEMENT_EFFORT = { runs: 20, sweeps: 500, layers: 3, shots: 1_024 } as const;

/** Solves a placement exactly and by every heuristic, and judges what they found by the problem itself. */
export async function comparePlacements(
  placement: Placement,
  { seed }: CompareParameters,
): Promise<PlacementComparison> {
  const options = admissibleOptions(placement);
  const qubo = placementQubo(placement, options);
  const variables = qubo.linear.length;
  // The first call loads WebAssembly, which is not part of solving.
  await exactOptimum(placement, options);
  const exact = await timed(() => exactOptimum(placement, options));
  const optimum = judge(placement, options, exact.value);
  const results: MethodResult[] = [
    { method: PLACEMENT_METHODS[0], ...optimum, quality: 1, cpuSeconds: exact.cpuSeconds },
  ];
  const enter = (method: PlacementMethod, bits: Uint8Array, cpuSeconds: number): void => {
    const judgement = judge(
      placement,
      options,
      options.map((_, place) => bits[place] === 1),
    );
    const quality = optimum.surplusTicks === 0 ? 1 : judgement.surplusTicks / optimum.surplusTicks;
    results.push({ method, ...judgement, quality: judgement.feasible ? quality : null, cpuSeconds });
  };
  if (variables === 0) {
    return { ...facts(placement, options, qubo), optimumTicks: 0, results, qaoa: undefined };
  }
  const thermal = await timed(() => simulatedAnnealing(qubo, { seed, ...PLACEMENT_EFFORT }));
  enter("simulated annealing", thermal.value, thermal.cpuSeconds);
  const quantum = await timed(() => quantumAnnealing(qubo, { seed, ...PLACEMENT_EFFORT }));
  enter("simulated quantum annealing", quantum.value, quantum.cpuSeconds);
  const circuit = variables > MAX_QUBITS ? undefined : await timed(() => qaoa(qubo, { seed, ...PLACEMENT_EFFORT }));
  if (circuit !== undefined) enter("QAOA, simulated", circuit.value.bits, circuit.cpuSeconds);
  const guessed = await timed(() => bestGuess(qubo, seed));
  enter("random guesses", guessed.value, guessed.cpuSeconds);
  return {
    ...facts(placement, options, qubo),
    optimumTicks: optimum.surplusTicks,
    results,
    qaoa:
      circuit === undefined ? undefined : { ...circuit.value, optimumProbability: optimumProbability(circuit.value) },
  };
}

function facts(placement: Placement, options: readonly PlacementOption[], qubo: Qubo) {
  return { name: placement.name, jobs: placement.jobs.length, options, variables: qubo.linear.length, qubo };
}

/** What a method is worth beyond chance is only seen beside chance. */
function bestGuess(qubo: Qubo, seed: number): Uint8Array {
  const random = randomStream(seed, "guesses");
  let best = { bits: new Uint8Array(qubo.linear.length), energy: Infinity };
  for (let shot = 0; shot < PLACEMENT_EFFORT.shots; shot++) {
    const bits = Uint8Array.from(qubo.linear, () => (random.uniform() < 0.5 ? 0 : 1));
    const energy = quboEnergy(qubo, bits);
    if (energy < best.energy) best = { bits, energy };
  }
  return best.bits;
}

/** Chance that a measurement of the final state gives an optimum. */
function optimumProbability({ probabilities, energies }: QaoaResult): number {
  const least = energies.reduce((low, energy) => Math.min(low, energy), Infinity);
  let sum = 0;
  for (let state = 0; state < energies.length; state++) {
    if ((energies[state] ?? 0) < least + 0.5) sum += probabilities[state] ?? 0;
  }
  return sum;
}

async function timed<T>(run: () => T | Promise<T>): Promise<{ readonly value: T; readonly cpuSeconds: number }> {
  const before = process.cpuUsage();
  const value = await run();
  const { user, system } = process.cpuUsage(before);
  return { value, cpuSeconds: (user + system) / 1e6 };
}
