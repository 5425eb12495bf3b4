import { SLOT_SECONDS, slotStart } from "../../units.ts";
import { ambientTemperature } from "./ambientTemperature.ts";
import { clearSkyIrradiance } from "./clearSkyIrradiance.ts";
import { cloudCover, cloudTransmission } from "./cloudCover.ts";
import { riverFlow } from "./riverFlow.ts";
import { cosineOfZenith } from "./solarPosition.ts";
import { windSpeed } from "./windSpeed.ts";

/** The weather that all meters of a zone share, one entry a slot. */
export interface ZoneWeather {
  irradianceWm2: Float64Array;
  windSpeedMs: Float64Array;
  relativeFlow: Float64Array;
  ambientC: Float64Array;
}

/** Moments of a slot at which the sun is looked at: the middles of its thirds. */
const SUN_SAMPLES = [1 / 6, 1 / 2, 5 / 6];

/** Weather of one zone over a window of slots. The same slot has the same weather whatever the window. */
export function zoneWeather(input: {
  seed: number;
  zone: string;
  firstSlot: number;
  slots: number;
  latitudeDeg: number;
  longitudeDeg: number;
}): ZoneWeather {
  const { firstSlot, latitudeDeg, longitudeDeg } = input;
  const irradianceWm2 = cloudCover(input).map((cover, index) => {
    const start = slotStart(firstSlot + index);
    const clearSky = SUN_SAMPLES.map((part) => {
      const unixSeconds = start + part * SLOT_SECONDS;
      return clearSkyIrradiance(cosineOfZenith({ unixSeconds, latitudeDeg, longitudeDeg }));
    });
    const mean = clearSky.reduce((sum, value) => sum + value, 0) / SUN_SAMPLES.length;
    return mean * cloudTransmission(cover);
  });
  return {
    irradianceWm2,
    windSpeedMs: windSpeed(input),
    relativeFlow: riverFlow(input),
    ambientC: ambientTemperature(input),
  };
}
