import { JouleworkError } from "../errors.ts";
import { randomStream } from "../meters/profiles/randomStream.ts";
import type { Placement } from "./scenario.ts";

export interface RandomPlacementParameters {
  readonly jobs: number;
  readonly slots: number;
  readonly seed: number;
}

const CENTRES = ["north", "south"];
const CAPACITIES_WH = [4_000, 8_000];
const ENERGIES_WH = [2_000, 4_000, 6_000];

/**
 * Jobs and two data centres drawn from a seed. Prices lie between 0.10 and 0.40 credits per kWh, cheap where there is much
 * renewable energy; capacity is short enough for jobs to be in each other's way.
 */
export function randomPlacement({ jobs, slots, seed }: RandomPlacementParameters): Placement {
  requireWhole("jobs", jobs, 200);
  requireWhole("slots", slots, 96);
  const random = randomStream(seed, "placement");
  const oneOf = (values: readonly number[]): number => values[Math.floor(random.uniform() * values.length)] ?? 0;
  const dataCentres = CENTRES.map((name) => {
    const greenPpm = Array.from({ length: slots }, () => Math.round(random.between(100_000, 1_000_000)));
    return {
      name,
      capacityWh: Array.from({ length: slots }, () => oneOf(CAPACITIES_WH)),
      prices: greenPpm.map((green) => Math.round(400_000 - 0.25 * green + random.between(-50_000, 50_000))),
      greenPpm,
    };
  });
  return {
    name: `${jobs} random jobs, ${slots} slots, seed ${seed}`,
    dataCentres,
    jobs: Array.from({ length: jobs }, (_, job) => {
      const length = Math.min(slots, random.uniform() < 0.6 ? 1 : 2);
      return {
        name: `job ${job}`,
        slots: length,
        energyWh: oneOf(ENERGIES_WH),
        deadline: length - 1 + Math.floor(random.uniform() * (slots - length + 1)),
        minGreenPpm: Math.round(random.between(0, 700_000)),
        priceLimit: Math.round(random.between(200_000, 450_000)),
      };
    }),
  };
}

function requireWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new JouleworkError({
    code: "PLACEMENT_INVALID",
    what: "No placement problem is drawn with these numbers",
    values: { [name]: value },
    hint: `Give a whole number from 1 to ${most}.`,
  });
}
