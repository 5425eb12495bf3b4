import { JouleworkError } from "../errors.ts";
import { PPM, valueTicks } from "../units.ts";
import type { Side } from "./side.ts";

/** Share of the trading fee that pays for submitting clearing, settlement and closing. */
export const WORK_SHARE_PPM = 400_000;
/** Share of the trading fee that goes to the season pool. */
export const SEASON_SHARE_PPM = 200_000;
/** Fee for placing or cancelling on chain; paid back when the order trades. */
export const PLACEMENT_FEE_TICKS = 1_000_000n;

/** Reputation tiers; a meter's word names one of them. */
export const TIERS = 8;
/** Highest discount of the trading fee, half of it. */
export const MAX_TIER_DISCOUNT_PPM = 500_000;
const LANE_BITS = 32n;

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

/** Trading fee of a buyer: the zone's less the discount of its tier, rounded down to whole ppm. */
export function tierFeePpm(feePpm: number, discountsPpm: readonly number[], tier: number): number {
  return Math.floor((feePpm * (PPM - (discountsPpm[tier] ?? 0))) / PPM);
}

/** Discounts of all tiers, ppm of the trading fee, out of the word that the exchange keeps. */
export function decodeTierDiscounts(lanes: bigint): number[] {
  return Array.from({ length: TIERS }, (_, tier) => Number(BigInt.asUintN(32, lanes >> (LANE_BITS * BigInt(tier)))));
}

/** The argument of `setTierDiscounts`, tier 0 first; tiers left out have the discount of the last one given. */
export function encodeTierDiscounts(discountsPpm: readonly number[]): bigint {
  let lanes = 0n;
  let before = 0;
  for (let tier = 0; tier < TIERS; ++tier) {
    const discountPpm = discountsPpm[tier] ?? before;
    const most = tier === 0 ? 0 : MAX_TIER_DISCOUNT_PPM;
    if (!Number.isInteger(discountPpm) || discountPpm < before || discountPpm > most || discountsPpm.length > TIERS) {
      throw new JouleworkError({
        code: "TIER_DISCOUNT_INVALID",
        what: "The discount of a tier is not allowed",
        values: { tier, discountPpm, least: before, most },
        hint: "Give whole ppm, zero for tier 0, not falling from tier to tier, at most half of the fee.",
      });
    }
    lanes |= BigInt(discountPpm) << (LANE_BITS * BigInt(tier));
    before = discountPpm;
  }
  return lanes;
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

/** What a filled buyer pays at clearing, at the fee of its tier. */
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
