/** Irradiance at which panels give their rated power (standard test conditions, IEC 60904-3). */
const REFERENCE_IRRADIANCE = 1_000;
/** Inverter, cabling, warmth and dirt together (Reich et al., 2012: 0.8 to 0.9 in modern systems). */
const PERFORMANCE_RATIO = 0.85;

/**
 * Power of a solar array lying flat, in W: peak power x (GHI / 1000 W/m2) x performance ratio
 * (IEC 61724-1 turned round), never beyond the peak power.
 */
export function solarPower(input: { peakPowerW: number; irradianceWm2: number }): number {
  const share = (input.irradianceWm2 / REFERENCE_IRRADIANCE) * PERFORMANCE_RATIO;
  return input.peakPowerW * Math.min(1, Math.max(0, share));
}
