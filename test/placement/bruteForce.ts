import type { Placement } from "../../src/placement/index.ts";

/**
 * The largest surplus by trying every way to give each job one of its runs or none: straight from the problem's fields,
 * without the list of admissible options.
 */
export function bruteForceSurplus({ jobs, dataCentres }: Placement): number {
  const slots = dataCentres[0]?.prices.length ?? 0;
  const left = dataCentres.map(({ capacityWh }) => [...capacityWh]);
  const tryFrom = (number: number): number => {
    const job = jobs[number];
    if (job === undefined) return 0;
    let best = tryFrom(number + 1);
    for (const [place, centre] of dataCentres.entries()) {
      for (let first = 0; first < slots; first++) {
        const run = Array.from({ length: job.slots }, (_, index) => first + index);
        if (run.some((slot) => slot > (job.deadline ?? slots - 1))) continue;
        if (run.some((slot) => (left[place]?.[slot] ?? 0) < job.energyWh)) continue;
        const mean = (values: readonly number[]) =>
          run.reduce((sum, slot) => sum + (values[slot] ?? 0), 0) / run.length;
        if (mean(centre.prices) > job.priceLimit || mean(centre.greenPpm) < job.minGreenPpm) continue;
        const move = (energyWh: number) => {
          for (const slot of run) {
            const row = left[place];
            if (row !== undefined) row[slot] = (row[slot] ?? 0) + energyWh;
          }
        };
        move(-job.energyWh);
        const paid = run.reduce((sum, slot) => sum + (centre.prices[slot] ?? 0) * job.energyWh, 0);
        best = Math.max(best, job.priceLimit * job.energyWh * job.slots - paid + tryFrom(number + 1));
        move(job.energyWh);
      }
    }
    return best;
  };
  return tryFrom(0);
}

/** Every assignment of so many bits. */
export function* assignments(variables: number): Generator<Uint8Array> {
  for (let state = 0; state < 2 ** variables; state++) {
    yield Uint8Array.from({ length: variables }, (_, bit) => Math.floor(state / 2 ** bit) % 2);
  }
}
