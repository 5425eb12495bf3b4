import { expect } from "chai";
import { randomStream } from "../../src/meters/profiles/randomStream.ts";
import { createCmaEs } from "../../src/tuning/cmaEs.ts";
import { symmetricEigen } from "../../src/tuning/symmetricEigen.ts";

/** The best value found in so many generations. */
function minimise(f: (x: readonly number[]) => number, dimensions: number, generations: number, seed = 1): number {
  const random = randomStream(seed, "test");
  const search = createCmaEs({
    start: new Array<number>(dimensions).fill(0.5),
    sigma: 0.2,
    normal: () => random.normal(),
  });
  let best = Infinity;
  for (let generation = 0; generation < generations; ++generation) {
    const values = search.ask().map(f);
    best = Math.min(best, ...values);
    search.tell(values);
  }
  return best;
}

const sphere = (x: readonly number[]) => x.reduce((sum, value) => sum + (value - 0.3) ** 2, 0);

describe("covariance matrix adaptation", () => {
  it("finds the least of a sphere", () => {
    expect(minimise(sphere, 3, 150)).to.be.below(1e-12);
  });

  it("learns the axes of a badly scaled ellipse that lies across the coordinates", () => {
    const turned = (x: readonly number[]) => {
      const [a = 0, b = 0] = x;
      return (a + b - 1) ** 2 + 1e6 * (a - b + 0.2) ** 2;
    };
    expect(minimise(turned, 2, 200)).to.be.below(1e-10);
  });

  it("follows Rosenbrock's valley, whose least lies at (1, 1) in coordinates of 2x", () => {
    const valley = ([x = 0, y = 0]: readonly number[]) => 100 * (2 * y - (2 * x) ** 2) ** 2 + (1 - 2 * x) ** 2;
    expect(minimise(valley, 2, 300)).to.be.below(1e-8);
  });

  it("stays in the cube, where the least lies on its surface", () => {
    const random = randomStream(2, "cube");
    const search = createCmaEs({ start: [0.9, 0.9], sigma: 0.5, normal: () => random.normal() });
    for (let generation = 0; generation < 30; ++generation) {
      const points = search.ask();
      for (const value of points.flat()) expect(value).to.be.within(0, 1);
      search.tell(points.map(([x = 0, y = 0]) => -x - y));
    }
    const [last = []] = search.ask();
    expect(last.every((value) => value > 0.95)).to.equal(true);
  });

  it("goes the same way for the same seed", () => {
    expect(minimise(sphere, 4, 20, 7)).to.equal(minimise(sphere, 4, 20, 7));
  });
});

describe("eigenvalues of a symmetric matrix", () => {
  it("are those of a worked example", () => {
    // [[2, 1], [1, 2]]: 1 along (1, -1) and 3 along (1, 1).
    const { values, vectors } = symmetricEigen([
      [2, 1],
      [1, 2],
    ]);
    const sorted = [...values].sort((a, b) => a - b);
    expect(sorted.map((value) => Math.round(value * 1e9) / 1e9)).to.deep.equal([1, 3]);
    const along = vectors[values.indexOf(Math.max(...values))] ?? [];
    expect(Math.abs((along[0] ?? 0) - (along[1] ?? 0))).to.be.below(1e-9);
  });

  it("give the matrix back", () => {
    const random = randomStream(3, "matrix");
    const half = Array.from({ length: 5 }, () => Array.from({ length: 5 }, () => random.normal()));
    const matrix = half.map((row, i) => row.map((value, j) => value + (half[j]?.[i] ?? 0)));
    const { values, vectors } = symmetricEigen(matrix);
    for (let i = 0; i < 5; ++i) {
      for (let j = 0; j < 5; ++j) {
        const again = values.reduce(
          (sum, value, k) => sum + value * (vectors[k]?.[i] ?? 0) * (vectors[k]?.[j] ?? 0),
          0,
        );
        expect(Math.abs(again - (matrix[i]?.[j] ?? 0))).to.be.below(1e-9);
      }
    }
  });
});
