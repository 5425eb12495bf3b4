import { noiseWord } from "../simulation/noise.ts";

/** A share with the interval that 95 % of the resamples lie in; null where there is nothing to be a share of. */
export interface RatioEstimate {
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const RESAMPLES = 400;
const TAIL = 0.025;
/** A mean base of less than this is none: amounts are whole ticks but for the rounding of floats. */
const LEAST_BASE = 1;
/** Sets the resampling's noise apart from that of the markets. */
const RESAMPLING = 0x5eed;

/**
 * Sum of gains over sum of bases, with the percentile interval of a bootstrap over pairs (Efron, "Bootstrap methods: another look
 * at the jackknife", Annals of Statistics 7, 1979). The same samples give the same interval.
 */
export function estimateRatio(gains: readonly number[], bases: readonly number[]): RatioEstimate {
  const count = gains.length;
  const quotient = (part: number, whole: number): number | null => (whole > LEAST_BASE * count ? part / whole : null);
  const share = quotient(total(gains), total(bases));
  if (share === null) return { share, low: null, high: null };
  const drawn: number[] = [];
  for (let resample = 0; resample < RESAMPLES; ++resample) {
    let [gain, base] = [0, 0];
    for (let place = 0; place < count; ++place) {
      const index = noiseWord(RESAMPLING, resample, place) % count;
      gain += gains[index] ?? 0;
      base += bases[index] ?? 0;
    }
    const one = quotient(gain, base);
    if (one !== null) drawn.push(one);
  }
  drawn.sort((a, b) => a - b);
  const at = (part: number): number => drawn[Math.round(part * (drawn.length - 1))] ?? share;
  return { share, low: at(TAIL), high: at(1 - TAIL) };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
