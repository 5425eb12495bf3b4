import { PPM } from "../units.ts";
import type { LedgerStorage } from "./types.ts";

/**
 * What a storage loses, from its import register alone: of each Wh taken in, the share beyond the best efficiency that was
 * attested for it. A device that does worse loses more, so this is the least. Losses are booked when energy goes in, in
 * whole Wh that add up: after any number of readings they are `taken - floor(taken * efficiency)`.
 */
export function storageLoss({ bestEfficiencyPpm }: LedgerStorage, takenBeforeWh: number, importWh: number): number {
  const kept = (takenWh: number): number => Number((BigInt(takenWh) * BigInt(bestEfficiencyPpm)) / BigInt(PPM));
  return importWh - (kept(takenBeforeWh + importWh) - kept(takenBeforeWh));
}
