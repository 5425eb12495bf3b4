import { JouleworkError } from "../errors.ts";
import { SLOT_SECONDS } from "../units.ts";
import { requireBits } from "./whole.ts";

/** A slot is a quarter of an hour: this many watts sustained make a watt-hour in it. */
const WATTS_PER_SLOT_WH = 3600 / SLOT_SECONDS;
const CLASSES = 256;

/** Most energy a meter of this power class can carry in one slot, in one direction. */
export function slotLimitWh(powerClass: number): number {
  requireBits("powerClass", powerClass, 8);
  return (16 + (powerClass & 15)) << (4 + (powerClass >> 4));
}

/** The rated power that a power class stands for. */
export function classRatedPowerW(powerClass: number): number {
  return slotLimitWh(powerClass) * WATTS_PER_SLOT_WH;
}

/** The smallest power class that covers a rated power: at most 6.25 % above it, from 1,024 W on. */
export function powerClassFor(ratedPowerW: number): number {
  const most = classRatedPowerW(CLASSES - 1);
  if (!Number.isFinite(ratedPowerW) || ratedPowerW <= 0 || ratedPowerW > most) {
    throw new JouleworkError({
      code: "RATED_POWER_OUT_OF_RANGE",
      what: "No power class covers the rated power",
      values: { ratedPowerW, most },
      hint: "Give watts above zero, or split the connection over several meters.",
    });
  }
  let low = 0;
  let high = CLASSES - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (classRatedPowerW(middle) >= ratedPowerW) high = middle;
    else low = middle + 1;
  }
  return low;
}
