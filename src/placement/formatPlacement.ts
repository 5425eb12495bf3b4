import Table from "cli-table3";
import { formatCredits } from "../units.ts";
import { PLACEMENT_EFFORT, type MethodResult, type PlacementComparison } from "./comparePlacements.ts";
import { MAX_QUBITS } from "./stateVector.ts";

/** The table of methods and what follows from it. */
export function formatPlacement(comparison: PlacementComparison): string {
  const { name, jobs, options, variables, results, qaoa } = comparison;
  const table = new Table({
    head: ["method", "feasible", "jobs placed", "surplus, credits", "of the optimum", "CPU, s"],
    style: { head: [], border: [] },
  });
  for (const { method, feasible, placedJobs, surplusTicks, quality, cpuSeconds } of results) {
    const surplus = feasible ? formatCredits(BigInt(surplusTicks), 3) : "none";
    const share = quality === null ? "none" : `${(100 * quality).toFixed(1)} %`;
    table.push([method, feasible ? "yes" : "no", placedJobs, surplus, share, cpuSeconds.toFixed(3)]);
  }
  const circuit =
    qaoa === undefined
      ? `QAOA was left out: ${variables} variables, and the state vector has at most ${MAX_QUBITS} qubits.`
      : `QAOA, ${PLACEMENT_EFFORT.layers} layers: a measurement gives the optimum with a chance of ${percentage(qaoa.optimumProbability)}; a guess with ${percentage(optimumShare(qaoa.energies))}.`;
  return [
    `${name}: ${jobs} jobs, ${options.length} options, ${variables} variables (${variables - options.length} of them slack)`,
    table.toString(),
    ...(variables === 0 ? [] : [circuit]),
    ...conclude(results),
  ].join("\n");
}

/** The conclusion that the figures allow, whatever it is. */
export function conclude(results: readonly MethodResult[]): string[] {
  const [exact, ...heuristics] = results;
  if (exact === undefined || heuristics.length === 0) return ["No job may be placed anywhere."];
  const reached = heuristics.filter(({ quality }) => quality !== null && quality >= 1 - 1e-12);
  const faster = reached.filter(({ cpuSeconds }) => cpuSeconds < exact.cpuSeconds);
  const missed = heuristics.filter((one) => !reached.includes(one));
  const names = (list: readonly MethodResult[]): string =>
    list
      .map(({ method, quality }) => `${method} (${quality === null ? "not feasible" : percentage(quality)})`)
      .join(", ");
  return [
    reached.length === 0
      ? "No heuristic found the optimum."
      : `The optimum was also found by ${reached.map(({ method }) => method).join(", ")}.`,
    ...(missed.length === 0 ? [] : [`It was missed by ${names(missed)}.`]),
    faster.length === 0
      ? `${reached.length === 0 ? "The exact solver" : "None of them was faster than the exact solver, which also"} proves what it finds: there is no reason here to use anything else.`
      : `Faster than the exact solver: ${faster.map(({ method }) => method).join(", ")}; only the exact solver proves what it finds.`,
  ];
}

function optimumShare(energies: Float64Array): number {
  const least = energies.reduce((low, energy) => Math.min(low, energy), Infinity);
  return energies.filter((energy) => energy < least + 0.5).length / energies.length;
}

function percentage(share: number): string {
  return `${(100 * share).toPrecision(3)} %`;
}
