import { JouleworkError } from "../errors.ts";
import { PPM } from "../units.ts";
import type { ClearingRule } from "./clearing.ts";

/** The backstop of a slot: whoever does not trade pays or gets these. Ticks per Wh. */
export interface Tariff {
  readonly importPrice: number;
  readonly exportPrice: number;
}

/** Prices and charges of a zone from a slot on. The two prices are the base that the slot's own prices move around. */
export interface ZoneTerms extends Tariff {
  /** First slot these terms hold for. */
  readonly fromSlot: number;
  readonly feePpm: number;
  readonly networkLocalPrice: number;
  readonly networkGridPrice: number;
  readonly levyPrice: number;
  /** How far a scarcity of 1 moves the reference price from its base; 0 = a constant tariff. */
  readonly slopePpm: number;
  readonly rule: ClearingRule;
}

/** Fixed facts and bounds of a zone. */
export interface ZoneLimits {
  readonly floorPrice: number;
  readonly capPrice: number;
  readonly exportCapPrice: number;
  readonly lossPpm: number;
  readonly toleranceWh: number;
}

/** Highest cap price of a zone, 4.19 credits per kWh: whatever one reading can be worth fits 64 bits. */
export const MAX_CAP_PRICE = 2 ** 22;
export const MAX_FEE_PPM = PPM / 10;
/** Highest network charge and levy, 1 credit per kWh each. */
export const MAX_CHARGE_PRICE = 1_000_000;
export const MAX_LOSS_PPM = PPM / 5;
/** Highest slope: a scarcity of 1 doubles the base price. */
export const MAX_SLOPE_PPM = PPM;

/** Refuses a tariff that the zone's bounds do not allow, as the contract would. */
export function requireTariff(limits: ZoneLimits, { importPrice, exportPrice }: Tariff): void {
  if (importPrice <= 0 || importPrice > limits.capPrice) outOfBounds("importPrice", importPrice, 1, limits.capPrice);
  const most = Math.min(importPrice, limits.exportCapPrice);
  if (exportPrice > most || exportPrice < limits.floorPrice) {
    outOfBounds("exportPrice", exportPrice, limits.floorPrice, most);
  }
}

/** Refuses terms that the zone's bounds do not allow, as the contract would. */
export function requireTerms(limits: ZoneLimits, terms: ZoneTerms): void {
  requireTariff(limits, terms);
  if (terms.feePpm > MAX_FEE_PPM) outOfBounds("feePpm", terms.feePpm, 0, MAX_FEE_PPM);
  if (terms.networkLocalPrice > terms.networkGridPrice) {
    outOfBounds("networkLocalPrice", terms.networkLocalPrice, 0, terms.networkGridPrice);
  }
  if (terms.networkGridPrice > MAX_CHARGE_PRICE) {
    outOfBounds("networkGridPrice", terms.networkGridPrice, 0, MAX_CHARGE_PRICE);
  }
  if (terms.slopePpm > MAX_SLOPE_PPM) outOfBounds("slopePpm", terms.slopePpm, 0, MAX_SLOPE_PPM);
  if (terms.levyPrice > MAX_CHARGE_PRICE) outOfBounds("levyPrice", terms.levyPrice, 0, MAX_CHARGE_PRICE);
}

/** Terms that hold for a slot: the zone's present ones, or the next ones from their slot on. */
export function termsAt(slot: number, terms: ZoneTerms, nextTerms?: ZoneTerms): ZoneTerms {
  return nextTerms !== undefined && nextTerms.fromSlot !== 0 && slot >= nextTerms.fromSlot ? nextTerms : terms;
}

/** Whether a limit price lies in the slot's band, so that nobody trades worse than with the grid. */
export function isWithinTariff({ importPrice, exportPrice }: Tariff, limitPrice: number): boolean {
  return limitPrice >= exportPrice && limitPrice <= importPrice;
}

function outOfBounds(field: string, value: number, least: number, most: number): never {
  throw new JouleworkError({
    code: "TERMS_OUT_OF_BOUNDS",
    what: "The zone's bounds do not allow this value",
    values: { [field]: value, least, most },
    hint: "Prices are ticks per Wh, ratios parts per million; a zone's bounds never change after its creation.",
  });
}
