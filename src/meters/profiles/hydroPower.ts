const WATER_DENSITY = 1_000;
const GRAVITY = 9.80665;
const HEAD_M = 12;
const EFFICIENCY = 0.85;
/** Share of the design flow that stays in the river bed. */
const RESIDUAL_SHARE = 0.1;
/** Below this share of its design flow a turbine stands still. */
const MINIMUM_SHARE = 0.2;

/** Flow, in m3/s, at which a plant with our head reaches its rated power. */
export function designFlow(ratedPowerW: number): number {
  return ratedPowerW / (WATER_DENSITY * GRAVITY * HEAD_M * EFFICIENCY);
}

/**
 * Power of a run-of-river plant, in W: P = rho g Q h eta with Q the river's flow less the residual flow,
 * at most the design flow, and none below the turbine's minimum (ESHA, 2004, Guide on How to Develop a
 * Small Hydropower Plant).
 */
export function hydroPower(input: { ratedPowerW: number; relativeFlow: number }): number {
  const design = designFlow(input.ratedPowerW);
  const available = Math.min(design, design * (input.relativeFlow - RESIDUAL_SHARE));
  if (available < design * MINIMUM_SHARE) return 0;
  return Math.min(input.ratedPowerW, WATER_DENSITY * GRAVITY * available * HEAD_M * EFFICIENCY);
}
