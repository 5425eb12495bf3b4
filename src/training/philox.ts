const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Four 32-bit words. */
export type Words = readonly [number, number, number, number];

/** What random numbers are drawn for; no two uses share a counter. */
export const DRAWS = { weights: 0, batches: 1, sampling: 2 } as const;

/**
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011): a function of counter
 * and key, so that any number can be drawn without those before it.
 */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; ++round) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** Words of a seed's stream: number `index` of `step`, drawn for `draw`. Seed and step are whole numbers up to 2^53 - 1. */
export function drawWords(seed: number, draw: number, step: number, index: number): Words {
  return philox([index >>> 0, step >>> 0, Math.floor(step / 2 ** 32), draw], [seed >>> 0, Math.floor(seed / 2 ** 32)]);
}

/** The upper 32 bits of a product of two 32-bit numbers: uniform in [0, b) for a uniform a. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Every sum stays below 2^53, so that it is exact.
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 65536);
  const other = aLow * bHigh + (middle % 65536);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0;
}

/** A multiple of 2^-24 in [0, 1), which a 32-bit float holds exactly. */
export function unitFloat(word: number): number {
  return (word >>> 8) * 2 ** -24;
}
