/**
 * Global horizontal irradiance under a cloudless sky, in W/m2, from the cosine of the zenith angle alone:
 *
 *   GHI = 1098 cos z exp(-0.059 / cos z)
 *
 * Haurwitz (1945), Journal of Meteorology 2, 154-166, in SI units; among models of the zenith angle alone
 * the one with the smallest monthly error (Reno, Hansen and Stein, 2012, SAND2012-2389).
 */
export function clearSkyIrradiance(cosZenith: number): number {
  return cosZenith > 0 ? 1_098 * cosZenith * Math.exp(-0.059 / cosZenith) : 0;
}
