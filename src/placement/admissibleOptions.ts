import type { Placement } from "./scenario.ts";

/** A way to run a job: where, and from which slot on. */
export interface PlacementOption {
  /** Places in the problem's lists. */
  readonly job: number;
  readonly dataCentre: number;
  readonly firstSlot: number;
  /** What the job pays less than it would, ticks: its energy x (price limit - mean price). Not negative. */
  readonly surplusTicks: number;
}

/**
 * Everything that a job may do on its own: it ends in time, its energy is green and cheap enough, and it fits into the data
 * centre while that is empty. Only the capacity that jobs share is left to decide.
 */
export function admissibleOptions({ jobs, dataCentres }: Placement): PlacementOption[] {
  return jobs.flatMap(({ slots, energyWh, deadline, minGreenPpm, priceLimit }, job) =>
    dataCentres.flatMap(({ capacityWh, prices, greenPpm }, dataCentre) => {
      const last = (deadline ?? prices.length - 1) - slots + 1;
      const options: PlacementOption[] = [];
      for (let firstSlot = 0; firstSlot <= last; firstSlot++) {
        const sum = (values: readonly number[]): number =>
          values.slice(firstSlot, firstSlot + slots).reduce((total, value) => total + value, 0);
        const fits = capacityWh.slice(firstSlot, firstSlot + slots).every((capacity) => capacity >= energyWh);
        const surplusTicks = energyWh * (priceLimit * slots - sum(prices));
        if (!fits || surplusTicks < 0 || sum(greenPpm) < minGreenPpm * slots) continue;
        options.push({ job, dataCentre, firstSlot, surplusTicks });
      }
      return options;
    }),
  );
}

/** Slots of a data centre and the options that take energy there, one entry for each pair that any option touches. */
export interface CapacityUse {
  readonly capacityWh: number;
  /** Places in the list of options, with their energy. */
  readonly uses: readonly { readonly option: number; readonly job: number; readonly energyWh: number }[];
}

export function capacityUses(placement: Placement, options: readonly PlacementOption[]): CapacityUse[] {
  return placement.dataCentres.flatMap(({ capacityWh }, dataCentre) =>
    capacityWh.flatMap((capacity, slot) => {
      const uses = options.flatMap((option, place) => {
        const job = placement.jobs[option.job];
        if (job === undefined || option.dataCentre !== dataCentre) return [];
        if (slot < option.firstSlot || slot >= option.firstSlot + job.slots) return [];
        return [{ option: place, job: option.job, energyWh: job.energyWh }];
      });
      return uses.length === 0 ? [] : [{ capacityWh: capacity, uses }];
    }),
  );
}
