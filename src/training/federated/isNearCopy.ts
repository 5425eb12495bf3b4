/**
 * Whether the cosine of two vectors is at least `thresholdPpm` / 1,000,000.
 *
 * Sums are taken in double precision, first value first, and compared without root or division, so that every machine
 * decides alike. Values are below 2^27 in size, so that no product overflows.
 */
export function isNearCopy(a: Float32Array, b: Float32Array, thresholdPpm: number): boolean {
  const product = dot(a, b);
  const threshold = thresholdPpm / 1_000_000;
  return product > 0 && product * product >= threshold * threshold * dot(a, a) * dot(b, b);
}

/** Scalar product in double precision, first value first. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
