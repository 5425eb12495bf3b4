import { SLOT_SECONDS } from "../../units.ts";

/** The most energy that can flow in one market slot at this power, in whole Wh. */
export function maxSlotWh(powerW: number): number {
  return Math.floor((powerW * SLOT_SECONDS) / 3_600);
}
