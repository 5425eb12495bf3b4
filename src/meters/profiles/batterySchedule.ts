import type { StorageSpec } from "../../community/types.ts";
import { emptyProfile, type EnergyProfile } from "./energyProfile.ts";
import { storedEnergy } from "./storedEnergy.ts";

/**
 * What a home battery takes and gives: it charges from the site's surplus and covers its deficit, as far as
 * power, room and charge allow (the self-consumption rule of Luthander, Widen, Nilsson and Palm, 2015,
 * Applied Energy 142, 80-94). It starts empty.
 */
export function batterySchedule(input: {
  storage: StorageSpec;
  /** Net load of everything else at the site, positive for import. */
  siteNetWh: Int32Array;
}): EnergyProfile {
  const { storage, siteNetWh } = input;
  const battery = storedEnergy(storage);
  const profile = emptyProfile(siteNetWh.length);
  siteNetWh.forEach((netWh, index) => {
    if (netWh < 0) profile.importWh[index] = battery.charge(-netWh);
    else profile.exportWh[index] = battery.discharge(netWh);
  });
  return profile;
}
