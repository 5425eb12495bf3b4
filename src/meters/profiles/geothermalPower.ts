const KELVIN = 273.15;
const BRINE_C = 150;
/** Air temperature at which the plant just reaches its rated power. */
const DESIGN_C = 0;
const AVAILABILITY = 0.97;

/** Efficiency of the ideal triangular cycle between a hot brine and the air: (TH - T0) / (TH + T0), in kelvin. */
export function triangularEfficiency(ambientC: number): number {
  const hot = BRINE_C + KELVIN;
  const cold = ambientC + KELVIN;
  return (hot - cold) / (hot + cold);
}

/**
 * Power of an air-cooled binary geothermal plant, in W. Its heat input is steady; a real plant reaches a
 * fixed share of the triangular cycle's efficiency (DiPippo, 2007, Geothermics 36, 276-285), so its
 * power falls with the warmth of the air that cools it.
 */
export function geothermalPower(input: { ratedPowerW: number; ambientC: number }): number {
  const share = triangularEfficiency(input.ambientC) / triangularEfficiency(DESIGN_C);
  return input.ratedPowerW * AVAILABILITY * Math.min(1, Math.max(0, share));
}
