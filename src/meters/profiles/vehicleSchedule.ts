import type { StorageSpec } from "../../community/types.ts";
import { PPM } from "../../units.ts";
import { emptyProfile, type EnergyProfile } from "./energyProfile.ts";
import { storedEnergy, type StoredEnergy } from "./storedEnergy.ts";

/** A vehicle at its charging point, from its arrival to its departure. */
export interface VehicleStay {
  /** First market slot that it is there for whole. */
  readonly arrivalSlot: number;
  /** First market slot that it is away in. */
  readonly departureSlot: number;
  /** What it used on the road since it was here last. */
  readonly drivenWh: number;
  /** What it has to hold from `readySlot` on, at the latest its departure. */
  readonly requiredWh: number;
  readonly readySlot: number;
}

/** What a vehicle held when it left. */
export interface VehicleDeparture {
  readonly stay: VehicleStay;
  readonly storedWh: number;
}

export interface VehicleSchedule {
  readonly profile: EnergyProfile;
  /** Of every stay that ended within the window. */
  readonly departures: readonly VehicleDeparture[];
}

/**
 * What an electric vehicle takes from its charging point and gives back. It takes the site's surplus whenever it is there;
 * from the grid it takes what it must, as late as its power allows, to hold the required charge in time; and into the site's
 * deficit it gives only what it holds beyond that. It begins with what its first stay requires.
 *
 * Losses are booked as `storedEnergy` does. What is driven never comes back, so registers stay within what the storage
 * physics of the exchange allows.
 */
export function vehicleSchedule(input: {
  storage: StorageSpec;
  /** In their order, apart from one another. */
  stays: readonly VehicleStay[];
  firstSlot: number;
  /** Net load of everything else at the site, positive for import. */
  siteNetWh: Int32Array;
}): VehicleSchedule {
  const { storage, stays, firstSlot, siteNetWh } = input;
  const vehicle = storedEnergy(storage, stays[0]?.requiredWh ?? 0);
  const profile = emptyProfile(siteNetWh.length);
  const end = firstSlot + siteNetWh.length;
  const departures: VehicleDeparture[] = [];

  for (const stay of stays) {
    if (stay.departureSlot <= firstSlot || stay.arrivalSlot >= end) continue;
    // It was there already when the window began.
    if (stay.arrivalSlot >= firstSlot) vehicle.use(stay.drivenWh);
    const until = Math.min(stay.departureSlot, end);
    for (let slot = Math.max(stay.arrivalSlot, firstSlot); slot < until; ++slot) {
      const index = slot - firstSlot;
      const leastWh = leastStored(vehicle, storage, stay, slot);
      const surplusWh = Math.max(0, -(siteNetWh[index] ?? 0));
      const wantedWh = Math.max(surplusWh, vehicle.chargeFor(leastWh));
      if (wantedWh > 0) {
        profile.importWh[index] = vehicle.charge(wantedWh);
        continue;
      }
      const spareWh = Math.max(0, vehicle.storedWh - stay.requiredWh);
      profile.exportWh[index] = vehicle.discharge(Math.min(siteNetWh[index] ?? 0, spareWh));
    }
    if (stay.departureSlot <= end) departures.push({ stay, storedWh: vehicle.storedWh });
  }
  return { profile, departures };
}

/** What it must hold at the end of a slot so that full power until `readySlot` brings it to the required charge. */
function leastStored(vehicle: StoredEnergy, { roundTripPpm }: StorageSpec, stay: VehicleStay, slot: number): number {
  const slotsLeft = Math.max(0, stay.readySlot - slot - 1);
  const gainWh = Math.floor((slotsLeft * vehicle.limitWh * roundTripPpm) / PPM);
  return Math.max(0, stay.requiredWh - gainWh);
}
