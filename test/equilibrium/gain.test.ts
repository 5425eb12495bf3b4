import { expect } from "chai";
import { plannedGain } from "../../src/equilibrium/gain.ts";
import { estimateRatio } from "../../src/equilibrium/ratioEstimate.ts";
import { noiseWord, normalNoise } from "../../src/simulation/noise.ts";
import { near } from "../meters/profiles/near.ts";

describe("a gain and its interval", () => {
  it("is the sum of gains over the sum of bases", () => {
    expect(estimateRatio([10, 30], [100, 100]).share).to.equal(0.2);
  });

  it("has no width where every sample says the same", () => {
    expect(estimateRatio([5, 10, 15], [50, 100, 150])).to.deep.equal({ share: 0.1, low: 0.1, high: 0.1 });
  });

  it("is no share where there is nothing to be a share of", () => {
    for (const bases of [
      [0, 0],
      [-5, 2],
      [1e-9, 1e-9],
    ]) {
      expect(estimateRatio([5, 10], bases)).to.deep.equal({ share: null, low: null, high: null });
    }
  });

  it("covers the true share in about 95 of 100 studies", () => {
    const studies = 300;
    let covered = 0;
    for (let study = 0; study < studies; ++study) {
      const noise = Array.from({ length: 80 }, (_, place) => normalNoise(study, 7, place));
      const { low, high } = estimateRatio(
        noise.map((one) => 20 + 40 * one),
        noise.map(() => 100),
      );
      if ((low ?? 1) <= 0.2 && (high ?? 0) >= 0.2) ++covered;
    }
    expect(covered / studies).to.be.within(0.9, 0.98);
  });

  it("is chosen on even places and measured on odd ones", () => {
    const planned = plannedGain({
      names: ["flattered", "steady"],
      gains: [
        [9, -4, 9, -4],
        [1, 2, 1, 2],
      ],
      bases: [10, 10, 10, 10],
      energiesWh: [2, 2, 2, 2],
    });
    expect([planned.strategy, planned.share, planned.ticksPerWh]).to.deep.equal(["flattered", -0.4, -2]);
  });

  it("is not flattered by the choice: of worthless strategies the best gains nothing", () => {
    const studies = 200;
    let [sum, squares] = [0, 0];
    for (let study = 0; study < studies; ++study) {
      const gains = Array.from({ length: 12 }, (_, strategy) =>
        Array.from({ length: 40 }, (_, place) => normalNoise(noiseWord(study, 3, strategy), 9, place)),
      );
      const bases = Array.from({ length: 40 }, () => 100);
      const { share } = plannedGain({ names: [], gains, bases, energiesWh: bases });
      sum += share ?? 0;
      squares += (share ?? 0) ** 2;
    }
    const error = Math.sqrt(squares) / studies;
    expect(sum / studies).to.satisfy(near(0, 3 * error));
  });
});
