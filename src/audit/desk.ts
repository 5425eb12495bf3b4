import { BASE_UNITS_PER_TICK } from "../units.ts";

export const BASE_UNITS_PER_CREDIT = 10n ** 18n;
const MAX_WORD = 2n ** 256n - 1n;

/** A redemption that waits in the queue, or whose payment is set aside. */
export interface RedemptionEntry {
  readonly seller: string;
  readonly to: string;
  readonly amount: bigint;
  readonly payment: bigint;
  refused: boolean;
}

/** The desk as its events tell: payment token base units, and credit base units for the line. */
export interface DeskState {
  funds: bigint;
  redeemPrice: bigint;
  sellPrice: bigint;
  creditLine: bigint;
  owed: bigint;
  setAside: bigint;
  /** Number of the newest redemption. */
  last: bigint;
  /** Those that are not over, in their order. */
  readonly redemptions: Map<bigint, RedemptionEntry>;
}

export function createDesk(): DeskState {
  return {
    funds: 0n,
    redeemPrice: 0n,
    sellPrice: 0n,
    creditLine: 0n,
    owed: 0n,
    setAside: 0n,
    last: 0n,
    redemptions: new Map(),
  };
}

/** The number whose turn it is. */
export function firstWaiting({ redemptions }: DeskState): bigint | undefined {
  for (const [id, { refused }] of redemptions) if (!refused) return id;
  return undefined;
}

/** Credits that were given for redemptions that still wait for their turn. */
export function queuedAmount({ redemptions }: DeskState): bigint {
  let amount = 0n;
  for (const entry of redemptions.values()) if (!entry.refused) amount += entry.amount;
  return amount;
}

/** Credits that may be in circulation, within what a word of the chain holds. */
export function backing({ funds, owed, redeemPrice, creditLine }: DeskState): bigint {
  const spare = (funds - owed) * BASE_UNITS_PER_CREDIT;
  // Rounded down on both sides of zero.
  const rounded = spare >= 0n ? spare / redeemPrice : -((redeemPrice - 1n - spare) / redeemPrice);
  const credits = rounded + creditLine;
  if (credits < 0n) return 0n;
  return credits < MAX_WORD ? credits : MAX_WORD;
}

/** How much the exchange may still mint: backed with the queue paid, and with all of it cancelled. */
export function headroomTicks(desk: DeskState, supply: bigint): bigint {
  if (desk.redeemPrice === 0n) return 0n;
  const paid = backing(desk) - supply;
  const cancelled = backing({ ...desk, owed: 0n }) - supply - queuedAmount(desk);
  const headroom = paid < cancelled ? paid : cancelled;
  return headroom > 0n ? headroom / BASE_UNITS_PER_TICK : 0n;
}
