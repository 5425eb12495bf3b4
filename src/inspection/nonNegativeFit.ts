export interface Fit {
  /** One coefficient a column, none negative. */
  readonly coefficients: Float64Array;
  /** Sum of the squares of what the fit leaves. */
  readonly residualSquares: number;
}

/** Inner products that a least-squares fit needs, so that fits without some of the columns need no data again. */
export interface NormalEquations {
  /** `products[i][j]` = column i times column j. */
  readonly products: readonly Float64Array[];
  /** Column i times the target. */
  readonly targets: Float64Array;
  readonly targetSquares: number;
}

const MOST_SWEEPS = 20_000;
const SETTLED = 1e-12;

export function normalEquations(columns: readonly Float64Array[], target: Float64Array): NormalEquations {
  return {
    products: columns.map((a) => Float64Array.from(columns, (b) => dot(a, b))),
    targets: Float64Array.from(columns, (column) => dot(column, target)),
    targetSquares: dot(target, target),
  };
}

/**
 * Least squares with coefficients that are zero or positive, by cyclic coordinate descent (the problem is convex, so that
 * each sweep comes closer; Franc, Hlavac and Navara, 2005, "Sequential coordinate-wise algorithm for the non-negative
 * least squares problem").
 * @param without Columns that are left out.
 * @param start Where to begin, for example the fit with all columns; from zero unless told.
 */
export function nonNegativeFit(
  { products, targets, targetSquares }: NormalEquations,
  without: ReadonlySet<number> = new Set(),
  start?: Float64Array,
): Fit {
  const size = targets.length;
  const coefficients = new Float64Array(size);
  // What the gradient still asks for: targets minus products times coefficients.
  const slope = Float64Array.from(targets);
  const active = Array.from({ length: size }, (_, i) => i).filter((i) => !without.has(i) && at(products, i, i) > 0);
  for (const i of start === undefined ? [] : active) {
    const begin = start?.[i] ?? 0;
    coefficients[i] = begin;
    if (begin !== 0) for (const j of active) slope[j] = (slope[j] ?? 0) - begin * at(products, i, j);
  }
  for (let sweep = 0; sweep < MOST_SWEEPS; ++sweep) {
    let gain = 0;
    for (const i of active) {
      const own = at(products, i, i);
      const before = coefficients[i] ?? 0;
      const after = Math.max(0, before + (slope[i] ?? 0) / own);
      const step = after - before;
      if (step === 0) continue;
      coefficients[i] = after;
      for (const j of active) slope[j] = (slope[j] ?? 0) - step * at(products, i, j);
      gain += step * step * own;
    }
    if (gain <= SETTLED * targetSquares) break;
  }
  let explained = 0;
  for (const i of active) explained += (coefficients[i] ?? 0) * ((targets[i] ?? 0) + (slope[i] ?? 0));
  return { coefficients, residualSquares: Math.max(0, targetSquares - explained) };
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function at(rows: readonly Float64Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
