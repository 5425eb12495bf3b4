import { creditDigits, groupThousands, joinDigits, priceDigits } from "./digits.ts";

/** From here on energy reads better in kWh. */
const KWH_FROM_WH = 10_000;

/** A whole number with a true minus sign and grouped thousands. */
export function whole(value: number | bigint): string {
  const digits = value.toString();
  return digits.startsWith("-") ? `−${groupThousands(digits.slice(1))}` : groupThousands(digits);
}

/** Energy with its unit, exact: `812 Wh`, `12.345 kWh`. */
export function energy(wh: number): string {
  if (Math.abs(wh) < KWH_FROM_WH) return `${whole(wh)} Wh`;
  const milli = Math.abs(wh) % 1_000;
  return `${whole(Math.trunc(wh / 1_000))}.${String(milli).padStart(3, "0")} kWh`;
}

/** Parts per million as per cent with two decimals. */
export function share(ppm: number): string {
  return `${(ppm / 10_000).toFixed(2).replace("-", "−")} %`;
}

/** Ticks per Wh as credits per kWh, as one string. */
export function priceText(ticksPerWh: number): string {
  return joinDigits(priceDigits(ticksPerWh));
}

/** Ticks as credits, as one string. */
export function creditText(ticks: string | bigint): string {
  return joinDigits(creditDigits(ticks));
}

/** Bytes with a unit: `512 B`, `1.6 MB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${whole(count)} B`;
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** Milligrams of CO2 in grams. */
export function grams(milligrams: string): string {
  const mg = BigInt(milligrams);
  return `${whole(mg / 1_000n)}.${(mg % 1_000n).toString().padStart(3, "0")} g`;
}

/** Micro-nats as nats. */
export function nats(micro: string | number): string {
  const [integer = "", fraction = ""] = Math.abs(Number(micro) / 1e6)
    .toFixed(4)
    .split(".");
  return `${Number(micro) < 0 ? "−" : ""}${groupThousands(integer)}.${fraction}`;
}

/** Voting units, a million to a whole vote. */
export function votes(units: string): string {
  return (Number(units) / 1e6).toFixed(3);
}
