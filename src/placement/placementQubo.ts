import { capacityUses, type CapacityUse, type PlacementOption } from "./admissibleOptions.ts";
import type { Qubo } from "./qubo.ts";
import type { Placement } from "./scenario.ts";

/**
 * The placement as bits: the first ones are the options, in their order; slack bits follow. With penalty P = largest surplus
 * of an option + 1 tick, the energy is
 *
 *     - sum(surplus_o x_o)
 *     + P for each pair of options that exclude each other: of one job, or too much for a slot together
 *     + P (sum(e_o x_o) + slack - capacity)² for each slot that needs it, in units of the energies' greatest common divisor.
 *
 * A slot needs slack only where options that fit in pairs do not fit all together.
 *
 * P is large enough: take an assignment with a violation, and slacks that are best for its options. Leaving out an option that
 * takes part costs at most P - 1, and saves at least P: a pair, or, since energies are whole units, `k² - max(0, k - e)² >= 1`
 * units of excess; no other term grows, because its slack may take up what became free. So no minimum has a violation, and the
 * minimum's energy is less the optimum's surplus.
 */
export function placementQubo(placement: Placement, options: readonly PlacementOption[]): Qubo {
  const penalty = 1 + Math.max(0, ...options.map(({ surplusTicks }) => surplusTicks));
  const labels = options.map(({ job, dataCentre, firstSlot }) => `job${job}_centre${dataCentre}_slot${firstSlot}`);
  const linear = options.map(({ surplusTicks }) => -surplusTicks);
  const pairs = new Map<string, { i: number; j: number; value: number }>();
  let offset = 0;
  const couple = (one: number, other: number, add: (value: number) => number): void => {
    const [i, j] = [Math.min(one, other), Math.max(one, other)];
    const key = `${i},${j}`;
    pairs.set(key, { i, j, value: add(pairs.get(key)?.value ?? 0) });
  };
  // Excluding a pair twice would be no wrong, but would stretch the range of energies.
  const exclude = (one: number, other: number): void => couple(one, other, () => penalty);

  options.forEach((option, one) => {
    options.forEach(({ job }, other) => {
      if (one < other && option.job === job) exclude(one, other);
    });
  });
  const uses = capacityUses(placement, options);
  for (const { capacityWh, uses: own } of uses.filter((use) => !needsSlack(use))) {
    own.forEach((one, place) => {
      for (const other of own.slice(place + 1)) {
        if (one.energyWh + other.energyWh > capacityWh) exclude(one.option, other.option);
      }
    });
  }
  uses.filter(needsSlack).forEach(({ capacityWh, uses: own }, index) => {
    const unit = own.reduce((divisor, { energyWh }) => greatestCommonDivisor(divisor, energyWh), 0);
    const capacity = Math.floor(capacityWh / unit);
    const terms = own.map(({ option, energyWh }) => ({ variable: option, weight: energyWh / unit }));
    for (const weight of slackWeights(capacity)) {
      terms.push({ variable: linear.length, weight });
      linear.push(0);
      labels.push(`slack${index}_${weight}_${linear.length - 1}`);
    }
    offset += penalty * capacity * capacity;
    terms.forEach(({ variable, weight }, place) => {
      linear[variable] = (linear[variable] ?? 0) + penalty * weight * (weight - 2 * capacity);
      for (const other of terms.slice(place + 1)) {
        couple(variable, other.variable, (value) => value + 2 * penalty * weight * other.weight);
      }
    });
  });
  return { labels, linear: Float64Array.from(linear), quadratic: [...pairs.values()], offset };
}

/** Whether jobs that fit into the slot in pairs can be too much together: then pairs do not say it all. */
function needsSlack({ capacityWh, uses }: CapacityUse): boolean {
  const byJob = new Map(uses.map(({ job, energyWh }) => [job, energyWh]));
  const sizes = [...byJob.values()].sort((one, other) => other - one);
  return sizes.some((largest, first) =>
    sizes.slice(first + 1).some((second, place) => {
      if (largest + second > capacityWh) return false;
      const rest = sizes.slice(first + place + 2).reduce((sum, size) => sum + size, 0);
      return largest + second + rest > capacityWh;
    }),
  );
}

/** Weights of bits whose sums are every whole number from 0 to `most` and none above. */
function slackWeights(most: number): number[] {
  const weights: number[] = [];
  let covered = 0;
  while (covered < most) {
    const weight = Math.min(covered + 1, most - covered);
    weights.push(weight);
    covered += weight;
  }
  return weights;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
