const AIR_DENSITY = 1.225;
/** Share of the wind's power that the rotor takes; Betz (1920) showed that 16/27 is the most any rotor can. */
export const POWER_COEFFICIENT = 0.42;
export const CUT_IN_MS = 3;
export const RATED_MS = 12;
export const CUT_OUT_MS = 25;

/** Rotor area, in m2, with which a turbine reaches its rated power exactly at the rated wind speed. */
export function rotorArea(ratedPowerW: number): number {
  return ratedPowerW / (0.5 * AIR_DENSITY * POWER_COEFFICIENT * RATED_MS ** 3);
}

/**
 * Power of a wind turbine, in W: P = 1/2 rho A Cp v^3 between cut-in and rated speed, rated power up to
 * cut-out, otherwise nothing (Manwell, McGowan and Rogers, 2009, Wind Energy Explained, 2nd ed., ch. 2-3).
 */
export function windPower(input: { ratedPowerW: number; speedMs: number }): number {
  const { ratedPowerW, speedMs } = input;
  if (speedMs < CUT_IN_MS || speedMs >= CUT_OUT_MS) return 0;
  const aerodynamicW = 0.5 * AIR_DENSITY * rotorArea(ratedPowerW) * POWER_COEFFICIENT * speedMs ** 3;
  return Math.min(ratedPowerW, aerodynamicW);
}
