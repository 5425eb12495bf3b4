import { clearSkyIrradiance } from "../meters/profiles/clearSkyIrradiance.ts";
import { cosineOfZenith } from "../meters/profiles/solarPosition.ts";
import { SLOT_SECONDS } from "../units.ts";

/** Panels that are tilted toward the sun get more than the horizontal irradiance that the model gives. */
const TILT_MARGIN = 1.6;
/** Samples a slot, so that sunrise inside a slot is not taken for night. */
const SAMPLES = 4;
const REFERENCE_IRRADIANCE = 1_000;

export interface SolarPlace {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

/**
 * Most energy that panels can give in a slot under a cloudless sky, Wh: peak power x clear-sky irradiance (Haurwitz,
 * 1945) x a margin for their tilt, never beyond peak power; zero while the sun is below the horizon.
 */
export function clearSkyBoundWh(slot: number, peakPowerW: number, { latitudeDeg, longitudeDeg }: SolarPlace): number {
  let bound = 0;
  for (let sample = 0; sample <= SAMPLES; ++sample) {
    const unixSeconds = (slot + sample / SAMPLES) * SLOT_SECONDS;
    const irradiance = clearSkyIrradiance(cosineOfZenith({ unixSeconds, latitudeDeg, longitudeDeg }));
    bound = Math.max(bound, Math.min(1, (irradiance * TILT_MARGIN) / REFERENCE_IRRADIANCE));
  }
  return Math.ceil((bound * peakPowerW * SLOT_SECONDS) / 3_600);
}
