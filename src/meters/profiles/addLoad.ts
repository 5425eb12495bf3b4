import type { CommunitySpec } from "../../community/types.ts";
import { JouleworkError } from "../../errors.ts";
import type { EnergyProfile } from "./energyProfile.ts";
import { setFeeder } from "./feederProfile.ts";
import { maxSlotWh } from "./maxSlotWh.ts";

export interface AddLoadInput {
  readonly community: CommunitySpec;
  /** Changed where the load flows: the meter's, and its feeder's with the losses that follow. */
  readonly profiles: ReadonlyMap<string, EnergyProfile>;
  readonly meter: string;
  /** Place of the slot in the profiles. */
  readonly index: number;
  readonly energyWh: number;
}

/**
 * Adds a load behind a meter in one slot, as far as its rated power allows; what the meter would have given away serves the
 * load first. Returns the Wh that the load took.
 */
export function addLoad({ community, profiles, meter, index, energyWh }: AddLoadInput): number {
  const site = community.sites.find(({ meters }) => meters.some(({ name }) => name === meter));
  const spec = site?.meters.find(({ name }) => name === meter);
  const profile = profiles.get(meter);
  const zone = site === undefined ? undefined : community.zones[site.zone];
  const feeder = zone === undefined ? undefined : profiles.get(zone.feeder.name);
  if (site === undefined || spec === undefined || profile === undefined || zone === undefined || feeder === undefined) {
    throw new JouleworkError({
      code: "METER_NOT_SIMULATED",
      what: "The community has no energy of this meter",
      values: { meter },
      hint: "Name a meter of one of its sites.",
    });
  }
  const netWh = (profile.importWh[index] ?? 0) - (profile.exportWh[index] ?? 0);
  const takenWh = Math.min(energyWh, maxSlotWh(spec.ratedPowerW) - netWh);
  profile.importWh[index] = Math.max(netWh + takenWh, 0);
  profile.exportWh[index] = Math.max(-netWh - takenWh, 0);
  const neighbours = community.sites
    .filter((other) => other.zone === site.zone)
    .flatMap(({ meters }) => meters.flatMap(({ name }) => profiles.get(name) ?? []));
  setFeeder(feeder, zone, neighbours, index);
  return takenWh;
}
