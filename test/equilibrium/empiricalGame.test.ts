import { expect } from "chai";
import { playEmpiricalGame, type EmpiricalGame } from "../../src/equilibrium/game/empiricalGame.ts";
import type { Rule } from "../../src/equilibrium/rules/clearOrders.ts";
import { unitPopulation } from "../../src/equilibrium/unitPopulation.ts";
import { near } from "../meters/profiles/near.ts";
import { PRICES } from "./traders.ts";

const play = (rule: Rule): Promise<EmpiricalGame> =>
  playEmpiricalGame({ rule, population: unitPopulation(PRICES, 1_000), players: 8, markets: 60, seed: 1 });

describe("the empirical game of single units", () => {
  it("has truth as an equilibrium under SBBA, also with all players on fresh markets", async () => {
    const { matrix, equilibria, strategies, truthfulEfficiency, priceOfAnarchy } = await play("sbba");
    expect(strategies[0]).to.equal("truthful");
    const others = matrix.slice(1).map(([payoff = 0]) => payoff);
    expect(Math.max(...others)).to.be.at.most((matrix[0]?.[0] ?? 0) + 1e-9);
    const truth = equilibria.find(({ mixture }) => near(1, 1e-3)(mixture[0] ?? 0));
    expect(truth?.gameRegret.low).to.be.at.most(0.001);
    expect(truth?.efficiency).to.satisfy(near(truthfulEfficiency, 1e-3));
    // It gives up one pair at most; holding energy back together is an equilibrium too, and a worse one.
    expect(truthfulEfficiency).to.be.within(0.6, 0.99);
    expect(priceOfAnarchy ?? 0).to.be.at.least(1 / truthfulEfficiency - 1e-3);
  });

  it("has shading as its equilibrium where everybody pays its own bid, which costs welfare", async () => {
    const { matrix, equilibria, truthfulEfficiency, priceOfAnarchy } = await play("pay-as-bid");
    expect(matrix[0]?.[0]).to.satisfy(near(0, 1e-6));
    expect(truthfulEfficiency).to.satisfy(near(1, 1e-9));
    for (const { mixture, matrixRegret } of equilibria) {
      expect(mixture[0]).to.satisfy(near(0, 1e-3));
      expect(matrixRegret).to.satisfy(near(0, 1e-3));
    }
    expect(priceOfAnarchy ?? 0).to.be.greaterThan(1.05);
  });

  it("loses nothing of the best welfare where all are truthful under midpoint", async () => {
    expect((await play("midpoint")).truthfulEfficiency).to.satisfy(near(1, 1e-9));
  });
});
