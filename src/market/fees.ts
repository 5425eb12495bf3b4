import { PPM, valueTicks } from "../units.ts";
import type { Side } from "./side.ts";

/** Share of the trading fee that pays for submitting clearing, settlement and closing. */
export const WORK_SHARE_PPM = 400_000;
/** Share of the trading fee that goes to the season pool. */
export const SEASON_SHARE_PPM = 200_000;
/** Fee for placing or cancelling on chain; paid back when the order trades. */
export const PLACEMENT_FEE_TICKS = 1_000_000n;

/** Where the trading fees of a cleared slot go; the four parts sum to the fee. */
export interface FeeShares {
  /** Paid to whoever submitted the clearing. */
  readonly clearerTicks: bigint;
  /** Kept for whoever settles or closes the slot's positions. */
  readonly laterWorkTicks: bigint;
  readonly seasonTicks: bigint;
  readonly feeAccountTicks: bigint;
}

/** Trading fee of a traded value, rounded up so that splitting an order never pays. */
export function feeUpTicks(tradedTicks: bigint, feePpm: number): bigint {
  const ppm = BigInt(PPM);
  return (tradedTicks * BigInt(feePpm) + ppm - 1n) / ppm;
}

/** What a buyer's balance must hold for a bid: its limit price and the fee on it. */
export function bidCoverTicks(energyWh: number, limitPrice: number, feePpm: number): bigint {
  const cost = valueTicks(energyWh, limitPrice);
  return cost + feeUpTicks(cost, feePpm);
}

/** What placing an order on chain locks: the placement fee, and the worst case of a bid. */
export function placementLockTicks(side: Side, energyWh: number, limitPrice: number, feePpm: number): bigint {
  return PLACEMENT_FEE_TICKS + (side === "bid" ? bidCoverTicks(energyWh, limitPrice, feePpm) : 0n);
}

/** What a filled buyer pays at clearing. */
export function purchaseTicks(
  filledWh: number,
  price: number,
  feePpm: number,
): { costTicks: bigint; feeTicks: bigint } {
  const costTicks = valueTicks(filledWh, price);
  return { costTicks, feeTicks: feeUpTicks(costTicks, feePpm) };
}

/** Splits the fees of a slot between worker, work still to do, season pool and fee account. */
export function shareFee(feeTicks: bigint): FeeShares {
  const work = (feeTicks * BigInt(WORK_SHARE_PPM)) / BigInt(PPM);
  const seasonTicks = (feeTicks * BigInt(SEASON_SHARE_PPM)) / BigInt(PPM);
  const laterWorkTicks = work / 2n;
  return {
    clearerTicks: work - laterWorkTicks,
    laterWorkTicks,
    seasonTicks,
    feeAccountTicks: feeTicks - work - seasonTicks,
  };
}

/** What settling `lanes` of a slot's open positions pays out of the slot's work money. */
export function workPayTicks(potTicks: bigint, lanes: number, openPositions: number): bigint {
  return lanes === 0 ? 0n : (potTicks * BigInt(lanes)) / BigInt(openPositions);
}
