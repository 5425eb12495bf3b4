/** Sums over samples from which a ridge regression follows: no sample itself is kept. */
export interface RidgeSums {
  readonly features: number;
  weightSum: number;
  readonly featureSum: Float64Array;
  readonly featureProduct: Float64Array;
  readonly targetProduct: Float64Array;
  targetSum: number;
}

/** A line through the samples: `intercept + sum(weights[i] * features[i])`. */
export interface RidgeFit {
  readonly intercept: number;
  readonly weights: Float64Array;
}

export function ridgeSums(features: number): RidgeSums {
  return {
    features,
    weightSum: 0,
    featureSum: new Float64Array(features),
    featureProduct: new Float64Array(features * features),
    targetProduct: new Float64Array(features),
    targetSum: 0,
  };
}

/** Counts a sample with its weight. */
export function addSample(sums: RidgeSums, row: Float64Array, target: number, weight = 1): void {
  const { features, featureSum, featureProduct, targetProduct } = sums;
  sums.weightSum += weight;
  sums.targetSum += weight * target;
  for (let one = 0; one < features; one++) {
    const value = weight * (row[one] ?? 0);
    featureSum[one] = (featureSum[one] ?? 0) + value;
    targetProduct[one] = (targetProduct[one] ?? 0) + value * target;
    const line = one * features;
    for (let other = 0; other <= one; other++) {
      featureProduct[line + other] = (featureProduct[line + other] ?? 0) + value * (row[other] ?? 0);
    }
  }
}

/**
 * Weights w that minimise the weighted `mean((y - b - w·x)²) + penalty * sum((w_i * deviation_i)²)` (Hoerl and Kennard, Ridge regression,
 * 1970): features are centred and scaled to deviation one before they are penalised, so that units do not matter.
 */
export function solveRidge(sums: RidgeSums, penalty: number): RidgeFit {
  const { features, weightSum, featureSum, featureProduct, targetProduct, targetSum } = sums;
  const mean = featureSum.map((sum) => sum / weightSum);
  const covariance = (one: number, other: number): number =>
    (featureProduct[Math.max(one, other) * features + Math.min(one, other)] ?? 0) / weightSum -
    (mean[one] ?? 0) * (mean[other] ?? 0);
  // A feature that never changes says nothing; scale one keeps it at weight zero.
  const scale = Float64Array.from(mean, (middle, one) => {
    const variance = covariance(one, one);
    return variance > 1e-12 * Math.max(1, middle * middle) ? Math.sqrt(variance) : 0;
  });
  const matrix = new Float64Array(features * features);
  const right = new Float64Array(features);
  for (let one = 0; one < features; one++) {
    const own = scale[one] ?? 0;
    if (own === 0) {
      matrix[one * features + one] = 1;
      continue;
    }
    right[one] = ((targetProduct[one] ?? 0) / weightSum - ((mean[one] ?? 0) * targetSum) / weightSum) / own;
    for (let other = 0; other <= one; other++) {
      const its = scale[other] ?? 0;
      matrix[one * features + other] = its === 0 ? 0 : covariance(one, other) / (own * its);
    }
    matrix[one * features + one] = (matrix[one * features + one] ?? 0) + penalty;
  }
  const scaled = solveCholesky(matrix, right);
  const weights = scaled.map((weight, one) => ((scale[one] ?? 0) === 0 ? 0 : weight / (scale[one] ?? 1)));
  const shift = weights.reduce((sum, weight, one) => sum + weight * (mean[one] ?? 0), 0);
  return { intercept: targetSum / weightSum - shift, weights };
}

/** Solves A x = b for a symmetric positive definite A, given by its lower triangle in rows, after Cholesky. */
export function solveCholesky(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const lower = Float64Array.from(matrix);
  const at = (row: number, column: number): number => lower[row * size + column] ?? 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = at(row, column);
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      if (row === column && sum <= 0) throw new RangeError("the matrix is not positive definite");
      lower[row * size + column] = row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    let sum = solution[row] ?? 0;
    for (let k = 0; k < row; k++) sum -= at(row, k) * (solution[k] ?? 0);
    solution[row] = sum / at(row, row);
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = solution[row] ?? 0;
    for (let k = row + 1; k < size; k++) sum -= at(k, row) * (solution[k] ?? 0);
    solution[row] = sum / at(row, row);
  }
  return solution;
}
