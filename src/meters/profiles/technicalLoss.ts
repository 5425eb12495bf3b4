import { PPM } from "../../units.ts";
import { maxSlotWh } from "./maxSlotWh.ts";

/**
 * Losses in a zone's lines in one slot, in whole Wh rounded down. Ohmic losses grow with the square of the
 * current (Joule, 1841): flow^2 / rated flow x lossPpm, so `lossPpm` is their share at the rated flow and
 * an upper bound of their share at any smaller one.
 */
export function technicalLoss(input: { flowWh: number; ratedPowerW: number; lossPpm: number }): number {
  const { flowWh, ratedPowerW, lossPpm } = input;
  const load = Math.abs(flowWh) / maxSlotWh(ratedPowerW);
  return Math.floor((Math.abs(flowWh) * load * lossPpm) / PPM);
}
