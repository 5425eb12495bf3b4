import { ticksToBaseUnits } from "../units.ts";

/** What the division of a pool needs to know of a concluded site. */
export interface ConcludedSite {
  readonly site: number;
  readonly points: bigint;
  /** Proved import in the season, Wh. */
  readonly importWh: number;
  /** Ticks per point at most. */
  readonly pointPrice: number;
  /** Ticks per proved imported Wh. */
  readonly rebatePrice: number;
}

/** What a site gets, credit base units. */
export interface SeasonShare {
  readonly site: number;
  readonly reward: bigint;
  readonly rebate: bigint;
}

export interface SeasonDivision {
  /** Base units of the pool that all rebates get together. */
  readonly rebates: bigint;
  readonly shares: readonly SeasonShare[];
}

/** All rebates together get at most this part of the pool. */
const REBATE_SHARE = 4n;
export const REBATE_LANES = 8;

/**
 * Divides a season's pool: rebates first, scaled down to a quarter of the pool where they are more, then the rest by
 * points, each site at most its points times its point price. Everything is rounded down; what is left stays in the pool.
 */
export function shareSeason(pool: bigint, sites: readonly ConcludedSite[]): SeasonDivision {
  const due = sites.map(({ importWh, rebatePrice }) => ticksToBaseUnits(BigInt(importWh) * BigInt(rebatePrice)));
  const wanted = sum(due);
  const rebates = min(wanted, pool / REBATE_SHARE);
  const points = sum(sites.map((site) => site.points));
  const shares = sites.map((site, index): SeasonShare => {
    const full = due[index] ?? 0n;
    const rebate = wanted > rebates ? (full * rebates) / wanted : full;
    const most = ticksToBaseUnits(site.points * BigInt(site.pointPrice));
    const reward = site.points === 0n ? 0n : min(((pool - rebates) * site.points) / points, most);
    return { site: site.site, reward, rebate };
  });
  return { rebates, shares };
}

/** The word that sets the rebates of tiers 0 to 7: 8 lanes of 32 bits, tier 0 lowest. */
export function packRebatePrices(prices: readonly number[]): bigint {
  return prices.reduce((word, price, tier) => word | (BigInt(price) << BigInt(32 * tier)), 0n);
}

/** The rebate of a tier in such a word, ticks per Wh. */
export function rebatePriceOf(lanes: bigint, tier: number): number {
  return Number((lanes >> BigInt(32 * tier)) & 0xffffffffn);
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
