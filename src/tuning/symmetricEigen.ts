/** Eigenvalues and unit eigenvectors of a symmetric matrix; `vectors[k]` belongs to `values[k]`. */
export interface SymmetricEigen {
  readonly values: readonly number[];
  readonly vectors: readonly (readonly number[])[];
}

const SWEEPS = 60;
const SMALL = 1e-30;

/**
 * The cyclic Jacobi method: rotations that each make one element beside the diagonal zero, until all are (Golub and Van Loan, Matrix
 * Computations, section 8.5). For the few dimensions of a search, simple and exact to rounding.
 */
export function symmetricEigen(matrix: readonly (readonly number[])[]): SymmetricEigen {
  const size = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = a.map((_, row) => a.map((__, column) => (row === column ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; ++sweep) {
    let beside = 0;
    for (let p = 0; p < size; ++p) {
      for (let q = p + 1; q < size; ++q) beside += at(a, p, q) ** 2;
    }
    if (beside < SMALL) break;
    for (let p = 0; p < size; ++p) {
      for (let q = p + 1; q < size; ++q) rotate(a, v, p, q);
    }
  }
  return {
    values: a.map((row, index) => row[index] ?? 0),
    vectors: a.map((_, column) => v.map((row) => row[column] ?? 0)),
  };
}

function rotate(a: number[][], v: number[][], p: number, q: number): void {
  const off = at(a, p, q);
  if (off === 0) return;
  const theta = (at(a, q, q) - at(a, p, p)) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of [...a, ...v]) turn(row, p, q, c, s);
  const [upper, lower] = [a[p] ?? [], a[q] ?? []];
  for (let column = 0; column < a.length; ++column) {
    const [x, y] = [upper[column] ?? 0, lower[column] ?? 0];
    upper[column] = c * x - s * y;
    lower[column] = s * x + c * y;
  }
}

function turn(row: number[], p: number, q: number, c: number, s: number): void {
  const [x, y] = [row[p] ?? 0, row[q] ?? 0];
  row[p] = c * x - s * y;
  row[q] = s * x + c * y;
}

function at(matrix: readonly (readonly number[])[], row: number, column: number): number {
  return matrix[row]?.[column] ?? 0;
}
