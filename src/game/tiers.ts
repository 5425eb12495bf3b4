/** From which score each of the tiers 1 to 4 begins, and how far a score may fall below before the tier is lost; ppm. */
export interface TierRules {
  readonly tier1Ppm: number;
  readonly tier2Ppm: number;
  readonly tier3Ppm: number;
  readonly tier4Ppm: number;
  readonly hysteresisPpm: number;
}

/** The rules of a new deployment. */
export const DEFAULT_TIER_RULES: TierRules = {
  tier1Ppm: 550_000,
  tier2Ppm: 620_000,
  tier3Ppm: 700_000,
  tier4Ppm: 800_000,
  hysteresisPpm: 20_000,
};

/** The tier, 0 to 4, of a score where `held` is the tier so far. */
export function tierOfScore(scorePpm: number, held: number, rules: TierRules): number {
  const thresholds = [rules.tier1Ppm, rules.tier2Ppm, rules.tier3Ppm, rules.tier4Ppm];
  const reached = thresholds.filter((threshold) => scorePpm >= threshold).length;
  if (reached >= held) return reached;
  // Of the tiers up to the held one, the highest whose threshold is not missed by more than the hysteresis.
  const kept = thresholds.filter((threshold) => scorePpm + rules.hysteresisPpm >= threshold).length;
  return Math.min(held, kept);
}
