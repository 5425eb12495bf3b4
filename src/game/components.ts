import { PPM } from "../units.ts";

/** Where a component of reputation starts and what it decays to. */
export const NEUTRAL_PPM = 500_000;
/** Days in which an idle component loses half of its distance from neutral. */
export const HALF_LIFE_DAYS = 8;

/** 2^(-n/8) in ppm, rounded to the nearest. */
const EIGHTHS = [1_000_000, 917_004, 840_896, 771_105, 707_107, 648_420, 594_604, 545_254] as const;
/** After 20 half-lives nothing of the largest distance is left. */
const GONE_AFTER_DAYS = 160;

/** A component of reputation, ppm, after idle days. */
export function decayComponent(component: number, idleDays: number): number {
  if (idleDays >= GONE_AFTER_DAYS) return NEUTRAL_PPM;
  const distance = Math.abs(component - NEUTRAL_PPM);
  const halved = Math.floor(distance / 2 ** Math.floor(idleDays / HALF_LIFE_DAYS));
  const left = Math.floor((halved * (EIGHTHS[idleDays % HALF_LIFE_DAYS] ?? 0)) / PPM);
  return component >= NEUTRAL_PPM ? NEUTRAL_PPM + left : NEUTRAL_PPM - left;
}

/** A component after `elapsed` days, with a sample of the last of them (ppm) or none; a sample pulls by a quarter. */
export function advanceComponent(component: number, elapsed: number, sample: number | undefined): number {
  if (sample === undefined) return decayComponent(component, elapsed);
  const decayed = decayComponent(component, Math.max(0, elapsed - 1));
  return decayed + Math.trunc((sample - decayed) / 4);
}
