import { PPM } from "../units.ts";

/** The sums of a slot that its feeder is held against. */
export interface FeederSums {
  /** Over the meters read in time, the feeder excluded. */
  readonly importWh: number;
  readonly exportWh: number;
  /** Sum of the slot limits of those meters. */
  readonly readRatedWh: number;
  /** Sum of the slot limits of all active meters. */
  readonly ratedWh: number;
  /** Net import at the feeder; null = not read in time. */
  readonly feederWh: number | null;
  readonly toleranceWh: number;
  readonly lossPpm: number;
}

/**
 * Whether what the feeder measured is the sum of its meters plus plausible losses. A meter that was not read in time may
 * have taken or given up to its rated power; a missing feeder reading is never balanced.
 */
export function isFeederBalanced(sums: FeederSums): boolean {
  if (sums.feederWh === null) return false;
  const unexplainedWh = sums.feederWh - (sums.importWh - sums.exportWh);
  const slackWh = sums.toleranceWh + Math.max(0, sums.ratedWh - sums.readRatedWh);
  const flowWh = sums.importWh + sums.exportWh;
  const lossWh = Number((BigInt(flowWh) * BigInt(sums.lossPpm)) / BigInt(PPM));
  return unexplainedWh >= -slackWh && unexplainedWh <= slackWh + lossWh;
}
