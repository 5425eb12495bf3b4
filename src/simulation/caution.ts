import { DEFAULT_TIER_RULES } from "../game/tiers.ts";
import { normalDistribution } from "../meters/profiles/windSpeed.ts";
import { PPM } from "../units.ts";

/** Share of reliability in the score: two of four parts. */
const RELIABILITY_SHARE = 0.5;
/** Noise of orders lies within this many standard errors. */
const WIDEST = 3.5;
const HALVINGS = 40;

/**
 * How many standard errors below its forecast an agent orders. Of the newsvendor's problem (Arrow, Harris and Marschak, Optimal Inventory Policy, Econometrica 19, 1951): each Wh traded and delivered gains half of the band, each one
 * traded and not delivered loses the other half and the standing that it costs; so the order is the forecast's quantile `band / 2 / (band + standing)`.
 *
 * @param standingPrice What standing is worth beside money, ticks per undelivered Wh.
 * @param rebates By tier, ticks per imported Wh, as far as they are paid.
 */
export function cautionOf(standingPrice: number, tier: number, rebates: readonly number[], band: number): number {
  const standing = standingPrice + tierPrice(tier, rebates);
  if (standing === 0 || band === 0) return 0;
  return -quantile(band / 2 / (band + standing));
}

/**
 * What a Wh that was not delivered costs in rebates, ticks: with Q Wh traded a day it takes 1/Q of the sample of reliability and half of that of the score, in the
 * long run; the step to the next tier (at the top, to the one below) is worth its difference of rebates on Q imported Wh, spread over the scores between both.
 */
function tierPrice(tier: number, rebates: readonly number[]): number {
  const { tier1Ppm, tier2Ppm, tier3Ppm, tier4Ppm } = DEFAULT_TIER_RULES;
  const thresholds = [0, tier1Ppm, tier2Ppm, tier3Ppm, tier4Ppm];
  const upper = Math.min(tier + 1, thresholds.length - 1);
  const rebate = (of: number): number => rebates[Math.min(of, rebates.length - 1)] ?? 0;
  const from = upper === 1 ? PPM / 2 : (thresholds[upper - 1] ?? 0);
  const width = (thresholds[upper] ?? PPM) - from;
  return ((rebate(upper) - rebate(upper - 1)) * RELIABILITY_SHARE * PPM) / width;
}

/** The standard normal quantile, by halving. */
function quantile(probability: number): number {
  let [low, high] = [-WIDEST, WIDEST];
  for (let halving = 0; halving < HALVINGS; ++halving) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
