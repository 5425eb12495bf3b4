import { SLOTS_PER_DAY } from "../../units.ts";
import { autoregression } from "./autoregression.ts";
import { localTime } from "./localTime.ts";

/** A daily AR(1) series of variance 1, joined by straight lines so that midnight brings no jump. */
export function dailySeries(input: {
  seed: number;
  label: string;
  phi: number;
  firstSlot: number;
  slots: number;
  longitudeDeg: number;
}): Float64Array {
  const { seed, label, phi, firstSlot, slots, longitudeDeg } = input;
  const first = localTime(firstSlot, longitudeDeg).day;
  const count = Math.ceil(slots / SLOTS_PER_DAY) + 2;
  const daily = autoregression({ seed, label, phi, first, count });
  return Float64Array.from({ length: slots }, (_, index) => {
    const { day, slotOfDay } = localTime(firstSlot + index, longitudeDeg);
    const before = daily[day - first] ?? 0;
    const after = daily[day - first + 1] ?? 0;
    return before + ((after - before) * slotOfDay) / SLOTS_PER_DAY;
  });
}
