import { PPM } from "../units.ts";

/** Where a component of reputation starts and what it decays to. */
export const NEUTRAL_PPM = 500_000;
/** Days in which an idle component loses half of its distance from neutral. */
export const HALF_LIFE_DAYS = 8;

/** After so many half-lives nothing of the largest distance is left. */
const GONE_AFTER_HALF_LIVES = 20;

/**
 * A component of reputation, ppm, after idle days.
 *
 * @param halfLifeDays The contract's; another only asks what another deployment would do.
 */
export function decayComponent(component: number, idleDays: number, halfLifeDays: number = HALF_LIFE_DAYS): number {
  if (idleDays >= GONE_AFTER_HALF_LIVES * halfLifeDays) return NEUTRAL_PPM;
  const distance = Math.abs(component - NEUTRAL_PPM);
  const halved = Math.floor(distance / 2 ** Math.floor(idleDays / halfLifeDays));
  const left = Math.floor((halved * partOfHalfLife(idleDays % halfLifeDays, halfLifeDays)) / PPM);
  return component >= NEUTRAL_PPM ? NEUTRAL_PPM + left : NEUTRAL_PPM - left;
}

/** 2^(-n/half-life) in ppm, rounded to the nearest: what the contract has a table of. */
function partOfHalfLife(days: number, halfLifeDays: number): number {
  return Math.round(PPM * 2 ** (-days / halfLifeDays));
}

/** A component after `elapsed` days, with a sample of the last of them (ppm) or none; a sample pulls by a quarter. */
export function advanceComponent(
  component: number,
  elapsed: number,
  sample: number | undefined,
  halfLifeDays: number = HALF_LIFE_DAYS,
): number {
  if (sample === undefined) return decayComponent(component, elapsed, halfLifeDays);
  const decayed = decayComponent(component, Math.max(0, elapsed - 1), halfLifeDays);
  return decayed + Math.trunc((sample - decayed) / 4);
}
