import { SLOT_SECONDS } from "../../units.ts";
import { autoregression } from "./autoregression.ts";

const CORRELATION_SECONDS = 8 * 3_600;
/** Shape 2 is Rayleigh's law, the usual one for wind (Justus et al., 1978, Journal of Applied Meteorology 17). */
export const WEIBULL_SHAPE = 2;
export const WEIBULL_SCALE_MS = 7.3;

/**
 * Wind speed of a zone at hub height, in m/s, slot by slot: a Gaussian AR(1) series carried to a Weibull
 * law through its ranks (Brown, Katz and Murphy, 1984, Journal of Climate and Applied Meteorology 23,
 * 1184-1195, who transform the data the other way):
 *
 *   v = scale (-ln(1 - Phi(x)))^(1 / shape)
 */
export function windSpeed(input: { seed: number; zone: string; firstSlot: number; slots: number }): Float64Array {
  const { seed, zone, firstSlot, slots } = input;
  const gaussian = autoregression({
    seed,
    label: `wind of ${zone}`,
    phi: Math.exp(-SLOT_SECONDS / CORRELATION_SECONDS),
    first: firstSlot,
    count: slots,
  });
  // 1 - Phi(x) = Phi(-x), which keeps its digits in the upper tail.
  return gaussian.map((x) => WEIBULL_SCALE_MS * (-Math.log(normalDistribution(-x))) ** (1 / WEIBULL_SHAPE));
}

/**
 * Distribution function of the standard normal law, by formula 26.2.17 of Abramowitz and Stegun (1964),
 * absolute error below 7.5e-8.
 */
export function normalDistribution(x: number): number {
  if (x > 0) return 1 - normalDistribution(-x);
  const t = 1 / (1 - 0.2316419 * x);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
