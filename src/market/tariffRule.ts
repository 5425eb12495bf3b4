import type { Tariff, ZoneLimits, ZoneTerms } from "./tariff.ts";

/** What the meters of a zone took and gave in a slot, by the readings accepted in time, without the feeder. */
export interface SlotFigures {
  readonly importWh: number;
  readonly exportWh: number;
}

/** What the expected scarcity of a slot s is made of; a figure is left out where no reading of its slot was in time. */
export interface ScarcityFigures {
  /** Of s - 96. */
  readonly yesterday?: SlotFigures | undefined;
  /** Of s - 14, the newest slot whose reading deadline is over when the gate of s opens. */
  readonly latest?: SlotFigures | undefined;
  /** Of s - 110, yesterday's slot of the latest. */
  readonly beforeLatest?: SlotFigures | undefined;
  /** Energy that waited for the slot when its gate opened. */
  readonly queuedWh: number;
}

export interface ExpectedScarcity {
  /** 1,000,000 = nothing but demand, -1,000,000 = nothing but supply; a multiple of 100. */
  readonly scarcityPpm: number;
  /** The queued energy as it counts: at most a quarter of yesterday's demand. */
  readonly queuedWh: number;
}

export const DAY_SLOTS = 96;
export const LATEST_SLOTS = 14;
export const REACH_SLOTS = DAY_SLOTS + LATEST_SLOTS;
/** The reference price moves by at most this part of itself a slot: an eighth is 12.5 %. */
export const STEP_DIVISOR = 8;
/** Queued energy counts up to this part of yesterday's demand. */
export const QUEUE_DIVISOR = 4;
/** Scarcities are whole multiples of this. */
export const SCARCITY_STEP_PPM = 100;

const STEPS_OF_ONE = 10_000;

/** Scarcity of a slot, (import - export) / (import + export), truncated to 100 ppm; none where nothing flowed. */
export function scarcityPpm({ importWh, exportWh }: SlotFigures): number {
  const flowWh = BigInt(importWh) + BigInt(exportWh);
  if (flowWh === 0n) return 0;
  const steps = ((BigInt(importWh) - BigInt(exportWh)) * BigInt(STEPS_OF_ONE)) / flowWh;
  return Number(steps) * SCARCITY_STEP_PPM;
}

/** The scarcity that a slot's price expects; undefined where yesterday has no figures. */
export function expectedScarcity(figures: ScarcityFigures): ExpectedScarcity | undefined {
  const { yesterday, latest, beforeLatest } = figures;
  if (yesterday === undefined) return undefined;
  const queuedWh = Math.min(figures.queuedWh, Math.floor(yesterday.importWh / QUEUE_DIVISOR));
  const known = scarcityPpm({ importWh: yesterday.importWh + queuedWh, exportWh: yesterday.exportWh });
  const change =
    latest === undefined || beforeLatest === undefined ? 0 : scarcityPpm(latest) - scarcityPpm(beforeLatest);
  const correction = Math.trunc(change / SCARCITY_STEP_PPM / 2) * SCARCITY_STEP_PPM;
  const most = STEPS_OF_ONE * SCARCITY_STEP_PPM;
  // `+ 0` keeps a zero from having a sign.
  return { scarcityPpm: Math.min(most, Math.max(-most, known + correction)) + 0, queuedWh };
}

/**
 * The next reference price: from the one before towards `base * (1 + slope * scarcity)` by at most an eighth, then
 * within the zone's bounds, which win. Where the scarcity is not known the price carries over, unless it does not matter
 * for want of a slope.
 *
 * @param stepDivisor The contract's; another only asks what another deployment would do.
 */
export function nextReference(
  reference: number,
  limits: ZoneLimits,
  terms: ZoneTerms,
  scarcity: ExpectedScarcity | undefined,
  stepDivisor: number = STEP_DIVISOR,
): number {
  const { spread, half } = spreadOf(terms);
  let price = reference;
  if (scarcity !== undefined || terms.slopePpm === 0) {
    const target = targetPrice(terms, scarcity?.scarcityPpm ?? 0);
    const least = Math.floor((reference * (stepDivisor - 1)) / stepDivisor);
    const most = reference + Math.max(1, Math.floor(reference / stepDivisor));
    price = Math.min(most, Math.max(least, target));
  }
  const free = limits.floorPrice === 0 && spread === 0;
  const lowest = free ? 1 : limits.floorPrice + half;
  const highest = Math.min(limits.exportCapPrice + half, limits.capPrice - (spread - half));
  return Math.min(highest, Math.max(lowest, price));
}

/** Where the reference price would go at once: the base and its share by scarcity, both rounded down. */
export function targetPrice(terms: ZoneTerms, scarcity: number): number {
  const base = BigInt(Math.floor((terms.importPrice + terms.exportPrice) / 2));
  const one = 10n ** 12n;
  return Number((base * (one + BigInt(terms.slopePpm) * BigInt(scarcity))) / one);
}

/** Import and export price around a reference price, with the spread of the terms. */
export function pricesAround(reference: number, terms: ZoneTerms): Tariff {
  const { spread, half } = spreadOf(terms);
  const exportPrice = reference - half;
  return { importPrice: exportPrice + spread, exportPrice };
}

function spreadOf({ importPrice, exportPrice }: Tariff): { spread: number; half: number } {
  const spread = importPrice - exportPrice;
  return { spread, half: Math.floor(spread / 2) };
}
