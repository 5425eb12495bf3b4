import { SLOTS_PER_DAY } from "../units.ts";
import type { Tariff } from "../market/tariff.ts";

/** Import and export price by time of day: night, day and evening peak, in ticks per Wh. */
const BANDS: readonly { readonly untilHour: number; readonly tariff: Tariff }[] = [
  { untilHour: 6, tariff: { importPrice: 240_000, exportPrice: 90_000 } },
  { untilHour: 16, tariff: { importPrice: 300_000, exportPrice: 80_000 } },
  { untilHour: 21, tariff: { importPrice: 380_000, exportPrice: 120_000 } },
  { untilHour: 24, tariff: { importPrice: 270_000, exportPrice: 90_000 } },
];

/** The default community's backstop prices of a slot: a plain time-of-use tariff over the day in universal time. */
export function timeOfUseTariff(slot: number): Tariff {
  const hour = ((slot % SLOTS_PER_DAY) * 24) / SLOTS_PER_DAY;
  const band = BANDS.find(({ untilHour }) => hour < untilHour);
  if (band === undefined) throw new RangeError("a day has 24 hours");
  return band.tariff;
}
