const round = Math.fround;

/** What is compared with `nearCopyPpm`: the square of the least cosine, in single precision. */
export function nearCopyThreshold(nearCopyPpm: number): number {
  const cosine = round(nearCopyPpm / 1_000_000);
  return round(cosine * cosine);
}

/**
 * Whether the cosine of two vectors is large enough, from their scalar product and their squares.
 *
 * Every operation is rounded to single precision, as in a dispute about it. The quotients keep within its range what squares of
 * products would leave: values are below 2^27 in size. Vectors so short that their squares vanish are nobody's copy.
 */
export function isNearCopy(product: number, squareA: number, squareB: number, threshold: number): boolean {
  if (!(product > 0 && squareA > 0 && squareB > 0)) return false;
  return round(round(product / squareA) * round(product / squareB)) >= threshold;
}

/** Scalar product, first value first. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum = round(sum + round((a[i] ?? 0) * (b[i] ?? 0)));
  return sum;
}
