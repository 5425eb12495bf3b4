import type { StorageSpec } from "../../community/types.ts";
import { PPM } from "../../units.ts";
import { emptyProfile, type EnergyProfile } from "./energyProfile.ts";
import { maxSlotWh } from "./maxSlotWh.ts";

/**
 * What a home battery takes and gives: it charges from the site's surplus and covers its deficit, as far as
 * power, room and charge allow (the self-consumption rule of Luthander, Widen, Nilsson and Palm, 2015,
 * Applied Energy 142, 80-94). It starts empty.
 *
 * All losses are booked when charging, in whole Wh with the remainder kept, so that after every slot
 *   stored = floor(cumulative import x efficiency) - cumulative export, within 0 and the capacity,
 * and the registers can never show more energy out than efficiency times energy in.
 */
export function batterySchedule(input: {
  storage: StorageSpec;
  /** Net load of everything else at the site, positive for import. */
  siteNetWh: Int32Array;
}): EnergyProfile {
  const { storage, siteNetWh } = input;
  const limitWh = maxSlotWh(storage.powerW);
  const profile = emptyProfile(siteNetWh.length);
  let storedWh = 0;
  // Part of a stored Wh, in millionths, that has been charged and not counted yet.
  let remainder = 0;

  siteNetWh.forEach((netWh, index) => {
    if (netWh < 0) {
      const roomWh = storage.capacityWh - storedWh;
      const acceptedWh = Math.floor(((roomWh + 1) * PPM - 1 - remainder) / storage.roundTripPpm);
      const chargedWh = Math.min(-netWh, limitWh, acceptedWh);
      const gained = chargedWh * storage.roundTripPpm + remainder;
      storedWh += Math.floor(gained / PPM);
      remainder = gained % PPM;
      profile.importWh[index] = chargedWh;
    } else {
      const dischargedWh = Math.min(netWh, limitWh, storedWh);
      storedWh -= dischargedWh;
      profile.exportWh[index] = dischargedWh;
    }
  });
  return profile;
}
