import type { StorageSpec } from "../../community/types.ts";
import { PPM } from "../../units.ts";
import { maxSlotWh } from "./maxSlotWh.ts";

/**
 * What a storage holds. All losses are booked when charging, in whole Wh with the remainder kept, so that
 *   stored = first + floor(cumulative charge x efficiency) - cumulative discharge, within 0 and the capacity,
 * and the registers can never show more energy out than efficiency times energy in and what was there at first.
 */
export interface StoredEnergy {
  readonly storedWh: number;
  /** Most that flows in a slot in either direction. */
  readonly limitWh: number;
  /** Takes in up to `mostWh`, as far as power and room allow, and says how much. */
  charge(mostWh: number): number;
  /** Gives up to `mostWh`, as far as power and charge allow, and says how much. */
  discharge(mostWh: number): number;
  /** What has to flow in so that it holds `storedWh`; power and room are not looked at. */
  chargeFor(storedWh: number): number;
  /** Loses what is used away from the meter, down to nothing. */
  use(energyWh: number): void;
}

export function storedEnergy(storage: StorageSpec, firstWh = 0): StoredEnergy {
  const { capacityWh, roundTripPpm } = storage;
  const limitWh = maxSlotWh(storage.powerW);
  let storedWh = firstWh;
  // Part of a stored Wh, in millionths, that has been charged and not counted yet.
  let remainder = 0;
  const chargeFor = (wantedWh: number): number =>
    Math.max(0, Math.ceil(((wantedWh - storedWh) * PPM - remainder) / roundTripPpm));

  return {
    get storedWh() {
      return storedWh;
    },
    limitWh,
    charge(mostWh) {
      // The most that does not lift it beyond its capacity by a whole Wh.
      const acceptedWh = Math.floor(((capacityWh - storedWh + 1) * PPM - 1 - remainder) / roundTripPpm);
      const chargedWh = Math.min(mostWh, limitWh, acceptedWh);
      const gained = chargedWh * roundTripPpm + remainder;
      storedWh += Math.floor(gained / PPM);
      remainder = gained % PPM;
      return chargedWh;
    },
    discharge(mostWh) {
      const dischargedWh = Math.min(mostWh, limitWh, storedWh);
      storedWh -= dischargedWh;
      return dischargedWh;
    },
    chargeFor,
    use(energyWh) {
      storedWh = Math.max(0, storedWh - energyWh);
    },
  };
}
