import { JouleworkError } from "../../errors.ts";
import type { ZoneSpec } from "../../community/types.ts";
import { emptyProfile, type EnergyProfile } from "./energyProfile.ts";
import { maxSlotWh } from "./maxSlotWh.ts";
import { technicalLoss } from "./technicalLoss.ts";

/** What a zone's feeder meter sees: the net sum of the zone's meters plus the losses between them, in or out. */
export function feederProfile(input: {
  zone: ZoneSpec;
  meters: readonly EnergyProfile[];
  slots: number;
}): EnergyProfile {
  const { zone, meters, slots } = input;
  const profile = emptyProfile(slots);
  for (let index = 0; index < slots; index++) setFeeder(profile, zone, meters, index);
  return profile;
}

/** Sets one slot of a feeder's profile to what its zone's meters move in it. */
export function setFeeder(
  profile: EnergyProfile,
  zone: ZoneSpec,
  meters: readonly EnergyProfile[],
  index: number,
): void {
  const limitWh = maxSlotWh(zone.feeder.ratedPowerW);
  const flowWh = meters.reduce(
    (sum, { importWh, exportWh }) => sum + (importWh[index] ?? 0) - (exportWh[index] ?? 0),
    0,
  );
  const lossWh = technicalLoss({ flowWh, ratedPowerW: zone.feeder.ratedPowerW, lossPpm: zone.lossPpm });
  const netWh = flowWh + lossWh;
  if (Math.abs(netWh) > limitWh) {
    throw new JouleworkError({
      code: "FEEDER_OVERLOADED",
      what: "A zone's meters move more energy in a slot than its feeder is rated for",
      values: { zone: zone.name, netWh, limitWh, ratedPowerW: zone.feeder.ratedPowerW },
      hint: "Raise the feeder's rated power to the sum of its meters' plus losses, or move sites to another zone.",
    });
  }
  profile.importWh[index] = Math.max(netWh, 0);
  profile.exportWh[index] = Math.max(-netWh, 0);
}
