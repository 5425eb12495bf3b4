import type { EnergyProfile } from "../meters/profiles/energyProfile.ts";
import { SLOTS_PER_DAY } from "../units.ts";

/**
 * Slots that a run trades before the first one it reports: a price that moves looks at the same quarter hour of yesterday,
 * so the first reported day needs a day before it. A constant tariff needs none.
 */
export function warmUpSlots({ slopePpm }: { readonly slopePpm: number }): number {
  return slopePpm === 0 ? 0 : SLOTS_PER_DAY;
}

/** Profiles with their own first slots played once before them: data that begin with the first day have no yesterday. */
export function repeatFirstSlots(
  profiles: ReadonlyMap<string, EnergyProfile>,
  slots: number,
): ReadonlyMap<string, EnergyProfile> {
  const longer = (values: Uint32Array): Uint32Array => Uint32Array.from([...values.subarray(0, slots), ...values]);
  return new Map(
    [...profiles].map(([name, { importWh, exportWh }]) => [
      name,
      { importWh: longer(importWh), exportWh: longer(exportWh) },
    ]),
  );
}
