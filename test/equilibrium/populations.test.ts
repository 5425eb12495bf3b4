import { expect } from "chai";
import { scenarioPopulation } from "../../src/equilibrium/scenarioPopulation.ts";
import { unitPopulation } from "../../src/equilibrium/unitPopulation.ts";
import { JouleworkError } from "../../src/errors.ts";
import { parseScenario } from "../../src/simulation/scenario.ts";
import { PRICES } from "./traders.ts";

const base = { name: "small", start: "2025-06-16", days: 1, latitudeDeg: 47, longitudeDeg: 8, zones: 1 };
const market = { importPrice: 300_000, exportPrice: 80_000 };
const homes = { name: "homes", kind: "household", count: 10, ratedPowerW: 9_200, reluctance: [0.1, 0.2] };
const suns = { name: "suns", kind: "solar", count: 4, ratedPowerW: 20_000, reluctance: [0, 0.5] };
const scenario = scenarioPopulation(parseScenario({ ...base, market, agents: [homes, suns] }));

describe("populations of traders", () => {
  it("are units of one size, half of them buyers, with values over the band", () => {
    const units = unitPopulation(PRICES, 1_000);
    const { traders } = units.draw(undefined, 200, 3);
    expect(traders.filter(({ buys }) => buys)).to.have.length(100);
    expect(new Set(traders.map(({ energyWh }) => energyWh))).to.deep.equal(new Set([1_000]));
    const values = traders.map(({ value }) => value);
    expect(Math.min(...values)).to.be.within(80_000, 90_000);
    expect(Math.max(...values)).to.be.within(290_000, 300_000);
  });

  it("are a scenario's agents with the valuations of their groups, in slots with both sides", () => {
    for (let seed = 0; seed < 50; ++seed) {
      const { traders, focal, partner } = scenario.draw("solar", 8, seed);
      expect(traders[focal]?.kind).to.equal("solar");
      expect(partner).to.not.equal(focal);
      expect(new Set(traders.map(({ buys }) => buys)).size).to.equal(2);
      for (const { kind, buys, value, energyWh, limitWh } of traders) {
        expect(buys).to.equal(kind === "household");
        expect(energyWh).to.be.within(1, limitWh);
        // Homes bid 10 to 20 % of the band of 220,000 below the import price, suns ask up to half of it above the export price.
        if (buys) expect(value).to.be.within(300_000 - 44_000, 300_000 - 22_000);
        else expect(value).to.be.within(80_000, 190_000);
      }
    }
  });

  it("are the same for the same seed", () => {
    expect(scenario.draw("solar", 8, 5)).to.deep.equal(scenario.draw("solar", 8, 5));
    expect(scenario.draw("solar", 8, 5)).to.not.deep.equal(scenario.draw("solar", 8, 6));
  });

  it("refuse a scenario in which nobody can trade", () => {
    const alone = scenarioPopulation(parseScenario({ ...base, market, agents: [homes] }));
    expect(() => alone.draw("household", 4, 1))
      .to.throw(JouleworkError)
      .with.property("code", "EQUILIBRIUM_NO_MARKET");
  });
});
