const round = Math.fround;

/**
 * Whether the cosine of two vectors is at least `thresholdPpm` / 1,000,000.
 *
 * Every operation is rounded to single precision, as in a dispute about it. The quotients keep within its range what squares of
 * products would leave: values are below 2^27 in size. Vectors so short that their squares vanish are nobody's copy.
 */
export function isNearCopy(a: Float32Array, b: Float32Array, thresholdPpm: number): boolean {
  const [product, squareA, squareB] = [dot(a, b), dot(a, a), dot(b, b)];
  if (!(product > 0 && squareA > 0 && squareB > 0)) return false;
  const threshold = round(thresholdPpm / 1_000_000);
  return round(round(product / squareA) * round(product / squareB)) >= round(threshold * threshold);
}

/** Scalar product, first value first. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum = round(sum + round((a[i] ?? 0) * (b[i] ?? 0)));
  return sum;
}
