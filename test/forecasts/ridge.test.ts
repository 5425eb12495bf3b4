import { expect } from "chai";
import { randomStream } from "../../src/meters/profiles/randomStream.ts";
import { addSample, ridgeSums, solveCholesky, solveRidge } from "../../src/forecasts/solveRidge.ts";
import { near } from "../meters/profiles/near.ts";

describe("ridge regression", () => {
  it("solves a system that was worked by hand", () => {
    // [[4, 2], [2, 3]] (1, 2) = (8, 8); [[9, 3, 0], [3, 5, 2], [0, 2, 6]] (1, -1, 2) = (6, 2, 10)
    expect([...solveCholesky(Float64Array.of(4, 0, 2, 3), Float64Array.of(8, 8))]).to.satisfy(
      ([x = 0, y = 0]: number[]) => near(1, 1e-12)(x) && near(2, 1e-12)(y),
    );
    const three = solveCholesky(Float64Array.of(9, 0, 0, 3, 5, 0, 0, 2, 6), Float64Array.of(6, 2, 10));
    [1, -1, 2].forEach((value, place) => expect(three[place]).to.satisfy(near(value, 1e-12)));
    expect(() => solveCholesky(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1))).to.throw("positive definite");
  });

  it("has the closed form's weight with one feature: covariance over variance and penalty", () => {
    // x = 0, 2, 4: variance 8/3; y = 1, 2, 6: covariance 10/3, so 1.25 without a penalty and 1.25 / (1 + p) with p.
    for (const penalty of [1e-12, 0.25, 1]) {
      const sums = ridgeSums(1);
      for (const [x, y] of [
        [0, 1],
        [2, 2],
        [4, 6],
      ] as const) {
        addSample(sums, Float64Array.of(x), y);
      }
      const { intercept, weights } = solveRidge(sums, penalty);
      expect(weights[0]).to.satisfy(near(1.25 / (1 + penalty), 1e-9));
      expect(intercept).to.satisfy(near(3 - (2 * 1.25) / (1 + penalty), 1e-9));
    }
  });

  it("finds the plane that samples lie on, whatever the features' units, and ignores a feature that never changes", () => {
    const random = randomStream(1, "plane");
    const sums = ridgeSums(4);
    for (let sample = 0; sample < 50; sample++) {
      const row = Float64Array.of(random.normal(), 1e6 * random.normal(), 1e-3 * random.normal(), 7);
      addSample(sums, row, 5 + 2 * (row[0] ?? 0) - 3e-6 * (row[1] ?? 0) + 400 * (row[2] ?? 0));
    }
    const { intercept, weights } = solveRidge(sums, 1e-12);
    expect(intercept).to.satisfy(near(5, 1e-6));
    expect(weights[0]).to.satisfy(near(2, 1e-6));
    expect((weights[1] ?? 0) * 1e6).to.satisfy(near(-3, 1e-6));
    expect((weights[2] ?? 0) / 1e3).to.satisfy(near(0.4, 1e-6));
    expect(weights[3]).to.equal(0);
  });

  it("counts a sample of weight three like three samples", () => {
    const once = ridgeSums(1);
    const often = ridgeSums(1);
    for (const [x, y, weight] of [
      [1, 2, 1],
      [3, 1, 3],
      [4, 7, 2],
    ] as const) {
      addSample(once, Float64Array.of(x), y, weight);
      for (let copy = 0; copy < weight; copy++) addSample(often, Float64Array.of(x), y);
    }
    const [one, other] = [solveRidge(once, 0.1), solveRidge(often, 0.1)];
    expect(one.weights[0]).to.satisfy(near(other.weights[0] ?? 0, 1e-12));
    expect(one.intercept).to.satisfy(near(other.intercept, 1e-12));
  });
});
