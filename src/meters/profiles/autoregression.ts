import { randomStream } from "./randomStream.ts";

const BLOCK = 96;
const NEGLIGIBLE = 1e-4;

/**
 * A stationary AR(1) series x[t] = phi x[t-1] + e[t] with mean 0 and variance 1 (Box and Jenkins, 1970).
 *
 * It is computed as a moving average of the last noise terms, cut where phi^k is negligible: the value at
 * an index is then the same whichever window is asked for, which a recursion with a start value cannot give.
 */
export function autoregression(input: {
  seed: number;
  label: string;
  phi: number;
  first: number;
  count: number;
}): Float64Array {
  const { seed, label, phi, first, count } = input;
  const terms = Math.max(1, Math.ceil(Math.log(NEGLIGIBLE) / Math.log(phi)));
  const weights = Float64Array.from({ length: terms }, (_, k) => phi ** k);
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));

  const noise = gaussianNoise(seed, label, first - terms + 1, count + terms - 1);
  return Float64Array.from({ length: count }, (_, index) => {
    let sum = 0;
    for (let k = 0; k < terms; k++) sum += (weights[k] ?? 0) * (noise[index + terms - 1 - k] ?? 0);
    return sum / norm;
  });
}

/** Standard normal noise over an absolute index, drawn block by block so that any window can be asked for. */
function gaussianNoise(seed: number, label: string, first: number, count: number): Float64Array {
  const noise = new Float64Array(count);
  const end = first + count;
  for (let block = Math.floor(first / BLOCK); block * BLOCK < end; block++) {
    const stream = randomStream(seed, label, block);
    for (let index = block * BLOCK; index < (block + 1) * BLOCK; index++) {
      const value = stream.normal();
      if (index >= first && index < end) noise[index - first] = value;
    }
  }
  return noise;
}
