import { dailySeries } from "./dailySeries.ts";
import { localTime } from "./localTime.ts";

const DAILY_SWING_C = 4;
const WEATHER_SPREAD_C = 3;
const PERSISTENCE = 0.75;
/** Warmest some three weeks after the solstice, and at three in the afternoon. */
const WARMEST_PHASE = 0.54;
const WARMEST_HOUR = 15;

/**
 * Outdoor temperature of a zone, in degrees Celsius: a yearly and a daily cosine plus the weather of the day
 * as an AR(1) (Richardson, 1981, Water Resources Research 17, 182-190). Mean and yearly swing follow the
 * latitude by a coarse rule of our own: 28 - 0.35 and 2 + 0.16 degrees a degree of latitude.
 */
export function ambientTemperature(input: {
  seed: number;
  zone: string;
  firstSlot: number;
  slots: number;
  latitudeDeg: number;
  longitudeDeg: number;
}): Float64Array {
  const { seed, zone, firstSlot, slots, latitudeDeg, longitudeDeg } = input;
  const distance = Math.abs(latitudeDeg);
  const mean = 28 - 0.35 * distance;
  const yearlySwing = 2 + 0.16 * distance;
  const warmest = latitudeDeg < 0 ? WARMEST_PHASE + 0.5 : WARMEST_PHASE;
  const weather = dailySeries({ seed, label: `warmth of ${zone}`, phi: PERSISTENCE, firstSlot, slots, longitudeDeg });
  return weather.map((deviation, index) => {
    const { yearPhase, hour } = localTime(firstSlot + index, longitudeDeg);
    return (
      mean +
      yearlySwing * Math.cos(2 * Math.PI * (yearPhase - warmest)) +
      DAILY_SWING_C * Math.cos((2 * Math.PI * (hour - WARMEST_HOUR)) / 24) +
      WEATHER_SPREAD_C * deviation
    );
  });
}
