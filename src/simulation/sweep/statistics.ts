/** Mean of values over seeds, with half of its 95 % confidence interval by Student's t; one value alone has none. */
export interface Estimate {
  readonly mean: number;
  readonly halfWidth: number | null;
}

const CONFIDENCE = 0.95;
/** Halvings of a right angle until a double has nothing left to halve. */
const HALVINGS = 60;

export function estimate(values: readonly number[]): Estimate {
  const { length } = values;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  if (length < 2) return { mean, halfWidth: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1);
  return { mean, halfWidth: studentQuantile(length - 1) * Math.sqrt(variance / length) };
}

/** How many standard errors to either side hold 95 % of Student's distribution with so many degrees of freedom. */
export function studentQuantile(freedom: number): number {
  let [low, high] = [0, Math.PI / 2];
  for (let round = 0; round < HALVINGS; ++round) {
    const middle = (low + high) / 2;
    if (withinAngle(middle, freedom) < CONFIDENCE) low = middle;
    else high = middle;
  }
  return Math.tan(low) * Math.sqrt(freedom);
}

/** Probability within plus or minus t = sqrt(freedom) tan(angle): Abramowitz and Stegun, 26.7.3 and 26.7.4. */
function withinAngle(angle: number, freedom: number): number {
  const cosine = Math.cos(angle);
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let factor = odd ? 3 : 2; factor < freedom; factor += 2) {
    term *= (cosine * cosine * (factor - 1)) / factor;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
