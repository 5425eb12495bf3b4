import type { StorageSpec } from "../../community/types.ts";
import { SLOTS_PER_DAY } from "../../units.ts";
import { localTime } from "./localTime.ts";
import { randomStream } from "./randomStream.ts";
import type { VehicleStay } from "./vehicleSchedule.ts";

const HOURS_OF_COMMUTE = { leaves: [6.5, 8.5], returns: [16.5, 18.5] } as const;
const HOURS_OF_OUTING = { leaves: [9, 12], returns: [14, 18] } as const;
/** Of Saturdays and Sundays, the share with an outing. */
const OUTING_SHARE = 0.5;
const MEAN_DRIVEN_WH = 7_000;
/** Of the day's distances about their mean, as a standard deviation of logarithms. */
const DRIVEN_SPREAD = 0.4;
/** A trip leaves some charge. */
const MOST_DRIVEN_SHARE = 0.5;
const REQUIRED_SHARE = 0.6;
/** A vehicle that is there overnight is ready when this hour comes, whether it leaves on that day or not. */
const READY_HOUR = 6;

/**
 * When an electric vehicle is at home: away over working days, and on some weekend days for an outing; a vehicle has hours
 * of its own and every day differs. The same name, seed and day give the same trip in any window.
 */
export function vehicleStays(input: {
  seed: number;
  name: string;
  storage: StorageSpec;
  firstSlot: number;
  slots: number;
  longitudeDeg: number;
}): VehicleStay[] {
  const { seed, name, storage, firstSlot, slots, longitudeDeg } = input;
  const habits = randomStream(seed, "vehicle", name);
  const size = habits.between(0.7, 1.3);
  const commute = {
    leaves: habits.between(...HOURS_OF_COMMUTE.leaves),
    returns: habits.between(...HOURS_OF_COMMUTE.returns),
  };
  const requiredWh = Math.round(storage.capacityWh * REQUIRED_SHARE);

  const first = localTime(firstSlot, longitudeDeg);
  const last = localTime(firstSlot + slots - 1, longitudeDeg).day;
  const stays: VehicleStay[] = [];
  // A stay begins with the trip before it, so the day before the window says when the vehicle came home.
  let arrivalSlot = firstSlot - SLOTS_PER_DAY;
  let drivenWh = 0;
  const add = (departureSlot: number): void => {
    const { slotOfDay } = localTime(arrivalSlot, longitudeDeg);
    const nextReady =
      arrivalSlot - slotOfDay + slotOfHour(READY_HOUR) + (slotOfDay < slotOfHour(READY_HOUR) ? 0 : SLOTS_PER_DAY);
    const readySlot = Math.min(departureSlot, nextReady);
    stays.push({ arrivalSlot, departureSlot, drivenWh, requiredWh, readySlot });
  };
  for (let day = first.day - 1; day <= last + 1; ++day) {
    const stream = randomStream(seed, "trip", name, day);
    const dayStart = firstSlot - first.slotOfDay + (day - first.day) * SLOTS_PER_DAY;
    const { weekend } = localTime(dayStart, longitudeDeg);
    const trip = weekend
      ? { leaves: stream.between(...HOURS_OF_OUTING.leaves), returns: stream.between(...HOURS_OF_OUTING.returns) }
      : { leaves: commute.leaves + 0.25 * stream.normal(), returns: commute.returns + 0.5 * stream.normal() };
    const used = MEAN_DRIVEN_WH * size * Math.exp(DRIVEN_SPREAD * stream.normal() - DRIVEN_SPREAD ** 2 / 2);
    if (weekend && stream.uniform() >= OUTING_SHARE) continue;
    const departureSlot = dayStart + slotOfHour(trip.leaves);
    add(departureSlot);
    arrivalSlot = dayStart + slotOfHour(trip.returns) + 1;
    drivenWh = Math.min(Math.round(used), Math.floor(storage.capacityWh * MOST_DRIVEN_SHARE));
  }
  const end = firstSlot + slots;
  add(Math.max(arrivalSlot, end) + SLOTS_PER_DAY);
  return stays.filter((stay) => stay.departureSlot > firstSlot && stay.arrivalSlot < end);
}

function slotOfHour(hour: number): number {
  return Math.min(SLOTS_PER_DAY - 2, Math.max(0, Math.floor((hour / 24) * SLOTS_PER_DAY)));
}
