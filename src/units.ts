import { JouleworkError } from "./errors.ts";

/** Length of a market slot; slot number = floor(Unix time / SLOT_SECONDS). */
export const SLOT_SECONDS = 900;
/** Market slots of a day: the same quarter hour of yesterday is this many slots ago. */
export const SLOTS_PER_DAY = 86_400 / SLOT_SECONDS;
/** A tick is the smallest amount that the market counts; a credit has this many. */
export const TICKS_PER_CREDIT = 1_000_000_000n;
/** A tick in base units of the credit token, which has 18 decimals. */
export const BASE_UNITS_PER_TICK = 1_000_000_000n;
/** One, as a ratio in parts per million. */
export const PPM = 1_000_000;
/** One credit per kWh, as a price in ticks per Wh. */
export const PRICE_OF_ONE_CREDIT_PER_KWH = 1_000_000;

const TICK_DECIMALS = 9;
const PRICE_DECIMALS = 6;

/** The market slot that a moment belongs to. */
export function slotOf(unixSeconds: number): number {
  if (!Number.isFinite(unixSeconds) || unixSeconds < 0 || unixSeconds > Number.MAX_SAFE_INTEGER) {
    throw new JouleworkError({
      code: "TIME_INVALID",
      what: "The time is not a Unix time in seconds",
      values: { unixSeconds },
      hint: "Give the seconds since 1970 as a number that is not negative.",
    });
  }
  return Math.floor(unixSeconds / SLOT_SECONDS);
}

/** Unix time in seconds at which a market slot starts. */
export function slotStart(slot: number): number {
  requireSlot(slot);
  return slot * SLOT_SECONDS;
}

/** Unix time in seconds at which a market slot ends, which is when the next one starts. */
export function slotEnd(slot: number): number {
  return slotStart(slot) + SLOT_SECONDS;
}

/** The start of a slot for people, in universal time: "2025-06-21 10:15 UTC". */
export function formatSlot(slot: number): string {
  const iso = new Date(slotStart(slot) * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** What an amount of energy is worth at a price: exact, because a price is a whole number of ticks per Wh. */
export function valueTicks(energyWh: number, price: number): bigint {
  requireInteger("energyWh", energyWh);
  requireInteger("price", price);
  return BigInt(energyWh) * BigInt(price);
}

/** Ticks as base units of the credit token. */
export function ticksToBaseUnits(amountTicks: bigint): bigint {
  return amountTicks * BASE_UNITS_PER_TICK;
}

/** Base units of the credit token as ticks; refuses an amount that is not a whole number of ticks. */
export function baseUnitsToTicks(baseUnits: bigint): bigint {
  if (baseUnits % BASE_UNITS_PER_TICK !== 0n) {
    throw new JouleworkError({
      code: "AMOUNT_NOT_WHOLE_TICKS",
      what: "The amount is not a whole number of ticks",
      values: { baseUnits, baseUnitsPerTick: BASE_UNITS_PER_TICK },
      hint: "Round it to a multiple of the tick first, in favour of the pool.",
    });
  }
  return baseUnits / BASE_UNITS_PER_TICK;
}

/** Reads credits as people write them ("12.5", "-0.000000001") into ticks, exactly. */
export function parseCredits(text: string): bigint {
  return parseDecimal(text, TICK_DECIMALS, "credits");
}

/**
 * Ticks as credits. Without `decimals` the text is exact and reads back to the same ticks; with it the text has that many
 * decimals, rounded half away from zero, for tables.
 */
export function formatCredits(amountTicks: bigint, decimals?: number): string {
  return decimals === undefined ? formatDecimal(amountTicks, TICK_DECIMALS) : formatFixed(amountTicks, decimals);
}

/** Reads a price in credits per kWh ("0.25") into whole ticks per Wh. */
export function parsePrice(text: string): number {
  const price = Number(parseDecimal(text, PRICE_DECIMALS, "credits per kWh"));
  if (price < 0 || !Number.isSafeInteger(price)) {
    throw new JouleworkError({
      code: "PRICE_OUT_OF_RANGE",
      what: "The price is negative or too large",
      values: { text },
      hint: "Give a price in credits per kWh that is not negative, such as 0.25.",
    });
  }
  return price;
}

/** A price in ticks per Wh as credits per kWh, exactly. */
export function formatPrice(price: number): string {
  requireInteger("price", price);
  return formatDecimal(BigInt(price), PRICE_DECIMALS);
}

/** An amount of energy for people, exactly, in the largest unit that leaves a whole part: "950 Wh", "1.5 kWh", "-2 MWh". */
export function formatWh(energyWh: number): string {
  requireInteger("energyWh", energyWh);
  const magnitude = Math.abs(energyWh);
  if (magnitude >= 1e9) return `${formatDecimal(BigInt(energyWh), 9)} GWh`;
  if (magnitude >= 1e6) return `${formatDecimal(BigInt(energyWh), 6)} MWh`;
  if (magnitude >= 1e3) return `${formatDecimal(BigInt(energyWh), 3)} kWh`;
  return `${formatDecimal(BigInt(energyWh), 0)} Wh`;
}

/** A ratio in parts per million as a percentage, exactly: 125_000 is "12.5 %". */
export function formatPpm(ratioPpm: number): string {
  requireInteger("ratioPpm", ratioPpm);
  return `${formatDecimal(BigInt(ratioPpm), 4)} %`;
}

function requireSlot(slot: number): void {
  if (!Number.isSafeInteger(slot) || slot < 0 || !Number.isSafeInteger(slot * SLOT_SECONDS)) {
    throw new JouleworkError({
      code: "SLOT_INVALID",
      what: "The slot is not a slot number",
      values: { slot },
      hint: `Give Unix time divided by ${SLOT_SECONDS}, rounded down.`,
    });
  }
}

function requireInteger(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new JouleworkError({
      code: "NOT_AN_INTEGER",
      what: "The quantity is not a whole number that is exact",
      values: { [name]: value },
      hint: "Give whole watt-hours, ticks per Wh or parts per million.",
    });
  }
}

function parseDecimal(text: string, decimals: number, unit: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  const [, sign, whole, fraction = ""] = match ?? [];
  if (sign === undefined || whole === undefined) {
    throw new JouleworkError({
      code: "AMOUNT_INVALID",
      what: `The text is not an amount of ${unit}`,
      values: { text },
      hint: "Write digits with at most one decimal point, such as 12.5.",
    });
  }
  const significant = fraction.replace(/0+$/, "");
  if (significant.length > decimals) {
    throw new JouleworkError({
      code: "AMOUNT_TOO_FINE",
      what: `The amount of ${unit} has more decimals than can be kept exactly`,
      values: { text, decimals },
      hint: `Use at most ${decimals} decimals.`,
    });
  }
  const magnitude = BigInt(whole + significant.padEnd(decimals, "0"));
  return sign === "-" ? -magnitude : magnitude;
}

function formatDecimal(scaled: bigint, decimals: number): string {
  const magnitude = scaled < 0n ? -scaled : scaled;
  const unit = 10n ** BigInt(decimals);
  const fraction = decimals === 0 ? "" : (magnitude % unit).toString().padStart(decimals, "0").replace(/0+$/, "");
  return `${scaled < 0n ? "-" : ""}${magnitude / unit}${fraction === "" ? "" : `.${fraction}`}`;
}

function formatFixed(amountTicks: bigint, decimals: number): string {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > TICK_DECIMALS) {
    throw new JouleworkError({
      code: "DECIMALS_INVALID",
      what: "Credits cannot be shown with that many decimals",
      values: { decimals },
      hint: `Choose 0 to ${TICK_DECIMALS} decimals.`,
    });
  }
  const magnitude = amountTicks < 0n ? -amountTicks : amountTicks;
  const step = 10n ** BigInt(TICK_DECIMALS - decimals);
  const rounded = (magnitude + step / 2n) / step;
  const digits = rounded.toString().padStart(decimals + 1, "0");
  const split = digits.length - decimals;
  const sign = amountTicks < 0n && rounded > 0n ? "-" : "";
  return `${sign}${digits.slice(0, split)}${decimals === 0 ? "" : `.${digits.slice(split)}`}`;
}
