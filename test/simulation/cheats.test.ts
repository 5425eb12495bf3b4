import { expect } from "chai";
import { dueForGap, dueForUnread } from "../../src/market/settlement.ts";
import { conductsOf } from "../../src/simulation/conducts.ts";
import { compareSteps, netSeries, parseScenario, simulate, type Scenario } from "../../src/simulation/index.ts";
import { gapCostTicks, unreadCostTicks } from "../../src/simulation/settle.ts";

const GAME = "reputation and seasons";
const storage = { capacityWh: 10_000, powerW: 4_000, roundTripPpm: 900_000 };
const GROUPS = {
  overstating: { kind: "prosumer", count: 40, ratedPowerW: 11_000, solarPowerW: 6_000 },
  withholding: { kind: "household", count: 40, ratedPowerW: 9_200 },
  farming: { kind: "prosumer", count: 40, ratedPowerW: 11_000, solarPowerW: 6_000, storage },
  copying: {
    ...{ kind: "data centre", count: 20, ratedPowerW: 40_000 },
    training: { dailyWh: 90_000, powerW: 12_000, payPrice: 1_000_000 },
  },
} as const;
type Cheat = keyof typeof GROUPS;

function scenarioOf(cheat: Cheat, share: number): Scenario {
  return parseScenario({
    ...{ name: cheat, start: "2025-06-16", days: 7, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
    market: { rule: "midpoint", importPrice: 300_000, exportPrice: 80_000 },
    game: { giftCredits: 100 },
    agents: [
      { name: "cheats", ...GROUPS[cheat], dishonest: { kind: cheat, share } },
      { name: "homes", kind: "household", count: 40, ratedPowerW: 9_200 },
      { name: "sun", kind: "solar", count: 1, ratedPowerW: 100_000 },
    ],
  });
}

describe("in a simulation", () => {
  for (const cheat of Object.keys(GROUPS) as Cheat[]) {
    it(`${cheat} earns less than honesty: beside the honest of the group, and for the same agents`, () => {
      const [honest, cheats] = conductsOf(simulate(scenarioOf(cheat, 0.5), GAME));
      expect(honest?.agents).to.be.greaterThan(5);
      expect(cheats?.agents).to.be.greaterThan(5);
      expect(cheats?.creditsPerKwh).to.be.greaterThan(honest?.creditsPerKwh ?? Infinity);
      // The same agents, once all honest and once all cheats.
      const { measures: before } = compareSteps(scenarioOf(cheat, 0)).steps.at(-1) ?? {};
      const { measures: after } = compareSteps(scenarioOf(cheat, 1)).steps.at(-1) ?? {};
      expect(after?.costs.cheats).to.be.greaterThan(before?.costs.cheats ?? Infinity);
    });
  }

  it("whoever cheats loses standing where delivery and work are looked at", () => {
    for (const cheat of ["overstating", "withholding", "copying"] as const) {
      const [honest, cheats] = conductsOf(simulate(scenarioOf(cheat, 0.5), GAME));
      expect(cheats?.scorePpm, cheat).to.be.lessThan(honest?.scorePpm ?? 0);
    }
  });

  it("copies are paid nothing and use nothing, and honest work is paid by the Wh", () => {
    const run = simulate(scenarioOf("copying", 0.5), "trading");
    run.fleet.training.agent.forEach((agent, row) => {
      const used = run.fleet.training.usedWh[row] ?? 0;
      expect(run.payTicks[agent]).to.equal(used * 1_000_000);
      expect(used === 0).to.equal(run.fleet.conduct[agent] !== 0);
    });
  });

  it("a battery that is run for points alone gets some, and pays more for them than they bring", () => {
    const scenario = scenarioOf("farming", 0.5);
    const batteries = { ...scenario.agents[0], kind: "battery", ratedPowerW: 9_200, solarPowerW: undefined };
    const farmed = parseScenario({ ...scenario, agents: [batteries, ...scenario.agents.slice(1)] });
    const [honest, farms] = conductsOf(simulate(farmed, GAME));
    expect(farms?.points).to.be.greaterThan(0);
    expect(farms?.rewardCredits).to.be.greaterThan(0);
    expect((farms?.costCredits ?? 0) / (farms?.agents ?? 1)).to.be.greaterThan(
      (honest?.costCredits ?? 0) / (honest?.agents ?? 1),
    );
    expect(farms?.costCredits).to.be.greaterThan(0);
  });

  it("withheld readings are settled as unread and as gaps are by the market's own functions", () => {
    const limits = { capPrice: 600_000, floorPrice: 40_000 };
    const prices = {
      ...{ importPrice: 310_000, exportPrice: 90_000, clearingPrice: 150_000, feePpm: 0 },
      ...{ networkLocalPrice: 20_000, networkGridPrice: 60_000, levyPrice: 10_000 },
    };
    for (const position of [700, -700]) {
      const due = dueForUnread({ side: position > 0 ? "bid" : "offer", energyWh: 700 }, prices);
      // A buyer has paid at the clearing.
      const paid = position > 0 ? 700n * 150_000n : 0n;
      const owed = paid + due.burnTicks + due.networkTicks + due.levyTicks - due.mintTicks - due.proceedsTicks;
      expect(BigInt(unreadCostTicks(position, prices))).to.equal(owed);
    }
    const due = dueForGap(true, { importedWh: 900, exportedWh: 300 }, limits, prices);
    const owed = due.burnTicks + due.networkTicks + due.levyTicks - due.mintTicks;
    expect(BigInt(gapCostTicks(900, 300, limits, prices))).to.equal(owed);
  });

  it("a home that keeps back every reading pays the cap price for all it takes, two slots of three at a time", () => {
    const scenario = parseScenario({
      ...{ name: "silent", start: "2025-06-16", days: 1, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
      market: { rule: "midpoint", importPrice: 300_000, exportPrice: 80_000 },
      agents: [
        {
          ...{ name: "home", kind: "household", count: 1, ratedPowerW: 9_200 },
          dishonest: { kind: "withholding", share: 1, often: 1 },
        },
      ],
    });
    const series = netSeries(scenario);
    const metered: number[] = [];
    const run = simulate(scenario, "trading", series, { settled: ({ netWh }) => metered.push(netWh[0] ?? 0) });
    // Slots go unread, gap, in time, and again; nobody sells, so all is bought from the grid with charges of 70,000.
    const expected = metered.reduce((cost, wh, slot) => cost + wh * (slot % 3 === 2 ? 370_000 : 670_000), 0);
    expect(run.costTicks[0]).to.equal(expected);
    expect(run.takenWh[0]).to.equal(metered.reduce((total, wh) => total + wh, 0));
  });
});
