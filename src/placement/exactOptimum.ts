import { JouleworkError } from "../errors.ts";
import { loadSolver } from "../loadSolver.ts";
import { capacityUses, type PlacementOption } from "./admissibleOptions.ts";
import type { Placement } from "./scenario.ts";

/**
 * The choice of options with the largest surplus, as a mixed-integer programme in HiGHS: a binary variable an option, at most
 * one a job, and no slot of a data centre above its capacity.
 */
export async function exactOptimum(
  placement: Placement,
  options: readonly PlacementOption[],
): Promise<readonly boolean[]> {
  if (options.length === 0) return [];
  const solver = await loadSolver();
  const result = solver.solve(placementProgramme(placement, options), { mip_rel_gap: 0, mip_abs_gap: 0 });
  if (result.Status !== "Optimal") {
    throw new JouleworkError({
      code: "PLACEMENT_UNSOLVED",
      what: "The solver found no optimum",
      values: { status: result.Status },
      hint: "Placing nothing is always possible, so this is a defect: report it with the scenario.",
    });
  }
  const columns = result.Columns;
  return options.map((_, place) => (columns[`x${place}`]?.Primal ?? 0) > 0.5);
}

/** The programme in CPLEX LP format. */
export function placementProgramme(placement: Placement, options: readonly PlacementOption[]): string {
  // Without a common divisor the solver's tolerances keep their meaning.
  const scale = Math.max(1, ...options.map(({ surplusTicks }) => surplusTicks));
  const objective = options.map(({ surplusTicks }, place) => `+ ${surplusTicks / scale} x${place}`);
  const once = placement.jobs.flatMap((_, job) => {
    const own = options.flatMap((option, place) => (option.job === job ? [`x${place}`] : []));
    return own.length < 2 ? [] : [`job${job}: ${own.join(" + ")} <= 1`];
  });
  const capacities = capacityUses(placement, options).map(({ capacityWh, uses }, index) => {
    const terms = uses.map(({ option, energyWh }) => `${energyWh} x${option}`);
    return `capacity${index}: ${terms.join(" + ")} <= ${capacityWh}`;
  });
  return [
    "Maximize",
    ` surplus: ${objective.join(" ")}`,
    "Subject To",
    ...[...once, ...capacities].map((line) => ` ${line}`),
    "Binary",
    ` ${options.map((_, place) => `x${place}`).join(" ")}`,
    "End",
  ].join("\n");
}
