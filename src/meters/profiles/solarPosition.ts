const RADIANS = Math.PI / 180;
const UNIX_DAY_OF_J2000 = 10_957.5;

export interface SunPosition {
  declinationDeg: number;
  /** Apparent minus mean solar time, in minutes. */
  equationOfTimeMinutes: number;
}

/**
 * Where the sun stands among the stars: the Astronomical Almanac's approximate algorithm as published by
 * Michalsky (1988), Solar Energy 40(3), 227-235; good to 0.01 degrees from 1950 to 2050.
 *
 *   L = 280.460 + 0.9856474 n         mean longitude, n days since J2000
 *   g = 357.528 + 0.9856003 n         mean anomaly
 *   l = L + 1.915 sin g + 0.020 sin 2g   ecliptic longitude
 *   e = 23.439 - 0.0000004 n          obliquity
 *   declination = asin(sin e sin l), right ascension = atan2(cos e sin l, cos l)
 *   equation of time = 4 minutes a degree x (L - right ascension)
 */
export function solarPosition(unixSeconds: number): SunPosition {
  const n = unixSeconds / 86_400 - UNIX_DAY_OF_J2000;
  const meanLongitude = 280.46 + 0.9856474 * n;
  const anomaly = (357.528 + 0.9856003 * n) * RADIANS;
  const longitude = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RADIANS;
  const obliquity = (23.439 - 0.0000004 * n) * RADIANS;
  const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude)) / RADIANS;
  const difference = meanLongitude - ascension;
  return {
    declinationDeg: Math.asin(Math.sin(obliquity) * Math.sin(longitude)) / RADIANS,
    equationOfTimeMinutes: 4 * (difference - 360 * Math.round(difference / 360)),
  };
}

/**
 * Cosine of the sun's zenith angle, negative below the horizon (spherical astronomy; e.g. Iqbal, 1983):
 *
 *   cos z = sin(latitude) sin(declination) + cos(latitude) cos(declination) cos(hour angle)
 */
export function cosineOfZenith(input: { unixSeconds: number; latitudeDeg: number; longitudeDeg: number }): number {
  const { unixSeconds, latitudeDeg, longitudeDeg } = input;
  const { declinationDeg, equationOfTimeMinutes } = solarPosition(unixSeconds);
  const utcHours = (unixSeconds / 3_600) % 24;
  const hourAngle = (15 * (utcHours - 12) + longitudeDeg + equationOfTimeMinutes / 4) * RADIANS;
  const latitude = latitudeDeg * RADIANS;
  const declination = declinationDeg * RADIANS;
  return Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);
}
