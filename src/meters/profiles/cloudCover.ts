import { SLOT_SECONDS } from "../../units.ts";
import { autoregression } from "./autoregression.ts";
import { localTime } from "./localTime.ts";
import { randomStream } from "./randomStream.ts";

const CORRELATION_SECONDS = 3_600;
const SPREAD = 0.15;

/**
 * The cloudy share of a zone's sky (0 to 1), slot by slot: a mean for each local day, plus an hour-long
 * wandering. Daily means follow the U-shaped beta(1/2, 1/2) law, for skies are mostly either clear or
 * overcast (Falls, 1974, Journal of Geophysical Research 79(9), 1261-1264).
 */
export function cloudCover(input: {
  seed: number;
  zone: string;
  firstSlot: number;
  slots: number;
  longitudeDeg: number;
}): Float64Array {
  const { seed, zone, firstSlot, slots, longitudeDeg } = input;
  const wandering = autoregression({
    seed,
    label: `clouds of ${zone}`,
    phi: Math.exp(-SLOT_SECONDS / CORRELATION_SECONDS),
    first: firstSlot,
    count: slots,
  });

  const means = new Map<number, number>();
  const meanOf = (day: number): number => {
    const known = means.get(day);
    if (known !== undefined) return known;
    // The inverse distribution function of beta(1/2, 1/2), the arcsine law.
    const mean = Math.sin((Math.PI / 2) * randomStream(seed, "sky", zone, day).uniform()) ** 2;
    means.set(day, mean);
    return mean;
  };

  return wandering.map((deviation, index) => {
    const { day } = localTime(firstSlot + index, longitudeDeg);
    return Math.min(1, Math.max(0, meanOf(day) + SPREAD * deviation));
  });
}

/**
 * Share of the clear-sky irradiance that reaches the ground: 1 - 0.75 N^3.4 with N the cloudy share
 * (Kasten and Czeplak, 1980, Solar Energy 24, 177-189).
 */
export function cloudTransmission(cover: number): number {
  return 1 - 0.75 * cover ** 3.4;
}
