import { PPM } from "../units.ts";

/** What flowed through a meter in a slot. */
export interface Flow {
  readonly importWh: number;
  readonly exportWh: number;
}

/** A site's season so far: points in millionths, energy in Wh. */
export interface SeasonSums {
  readonly pointsPpm: bigint;
  /** Energy between the registers at the beginning and the end that was not proved, import and export together. */
  readonly unprovedWh: number;
}

/**
 * Points of a reading, in millionths: importing counts for it when energy is plentiful (scarcity below zero), exporting
 * when it is scarce. Signed, so that energy which leaves one meter and enters another in the same slot sums to zero.
 */
export function pointsOfReading(scarcityPpm: number, { importWh, exportWh }: Flow): bigint {
  return -BigInt(scarcityPpm) * BigInt(importWh - exportWh);
}

/** Whole points of a season: the sum, less one a Wh for what was not proved, rounded down and never negative. */
export function concludedPoints({ pointsPpm, unprovedWh }: SeasonSums): bigint {
  const rest = pointsPpm - BigInt(unprovedWh) * BigInt(PPM);
  return rest <= 0n ? 0n : rest / BigInt(PPM);
}

/** What of a meter's registers was not proved; registers that were never noted count nothing. */
export function unprovedWh(end: Flow, start: Flow, proved: Flow): number {
  const importWh = Math.max(0, end.importWh - start.importWh - proved.importWh);
  return importWh + Math.max(0, end.exportWh - start.exportWh - proved.exportWh);
}

/** A point is worth at most this part of the charges: an imported Wh earns in at most so many ways. */
export const SHARES_OF_CHARGES = 5;

/**
 * The highest reward of a point and rebate of a Wh, ticks: a fifth of what an imported Wh costs in charges at least.
 *
 * @param shares The contract's; another only asks what another deployment would do.
 */
export function pointPrice(
  terms: readonly { readonly networkLocalPrice: number; readonly levyPrice: number }[],
  shares: number = SHARES_OF_CHARGES,
): number {
  const charges = terms.map(({ networkLocalPrice, levyPrice }) => networkLocalPrice + levyPrice);
  return Math.floor(Math.min(...charges) / shares);
}
