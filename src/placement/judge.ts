import { capacityUses, type PlacementOption } from "./admissibleOptions.ts";
import type { Placement } from "./scenario.ts";

export interface Judgement {
  /** No job runs twice and no data centre is asked for more than it has. */
  readonly feasible: boolean;
  readonly placedJobs: number;
  readonly surplusTicks: number;
}

/** What a choice of options is worth, from the problem itself and not from any method's energies. */
export function judge(
  placement: Placement,
  options: readonly PlacementOption[],
  chosen: readonly boolean[],
): Judgement {
  const taken = options.filter((_, place) => chosen[place] === true);
  const jobs = new Set(taken.map(({ job }) => job));
  const fits = capacityUses(placement, options).every(({ capacityWh, uses }) => {
    const asked = uses.reduce((sum, { option, energyWh }) => (chosen[option] === true ? sum + energyWh : sum), 0);
    return asked <= capacityWh;
  });
  return {
    feasible: fits && jobs.size === taken.length,
    placedJobs: jobs.size,
    surplusTicks: taken.reduce((sum, { surplusTicks }) => sum + surplusTicks, 0),
  };
}
