import { expect } from "chai";
import { parseScenario } from "../../src/simulation/index.ts";
import { combinationsOf, labelOf, runSweep, type Combination } from "../../src/simulation/sweep/index.ts";
import { estimate, studentQuantile } from "../../src/simulation/sweep/statistics.ts";
import { parseSimulateFlags, type SimulateFlags } from "../../scripts/simulate/options.ts";
import { JouleworkError } from "../../src/errors.ts";
import { errorOf } from "../meters/profiles/dataFiles.ts";
import { near } from "../meters/profiles/near.ts";

const scenario = parseScenario({
  ...{ name: "sweep", start: "2025-06-16", days: 1, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
  market: { rule: "sbba", importPrice: 300_000, exportPrice: 80_000 },
  agents: [
    { name: "homes", kind: "household", count: 3, ratedPowerW: 9_200 },
    { name: "solar", kind: "prosumer", count: 2, ratedPowerW: 11_000, solarPowerW: 6_000 },
  ],
});
const AXES = [
  { path: "market.slopePpm", values: [0, 500_000] },
  { path: "agents.homes.count", values: [2, 4] },
];

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("a sweep", () => {
  it("takes every combination in order, the last field running fastest, and leaves the scenario as it was", () => {
    const before = JSON.stringify(scenario);
    const found = combinationsOf(scenario, AXES);
    expect(found.map(({ values }) => labelOf(values))).to.deep.equal([
      "market.slopePpm=0, agents.homes.count=2",
      "market.slopePpm=0, agents.homes.count=4",
      "market.slopePpm=500000, agents.homes.count=2",
      "market.slopePpm=500000, agents.homes.count=4",
    ]);
    expect(found.map(({ scenario: { market, agents } }) => [market.slopePpm, agents[0]?.count])).to.deep.equal([
      [0, 2],
      [0, 4],
      [500_000, 2],
      [500_000, 4],
    ]);
    expect(JSON.stringify(scenario)).to.equal(before);
  });

  it("refuses a field that is not there, and a value that the scenario cannot have, by combination and field", () => {
    const vary = (path: string, value: number) => () => combinationsOf(scenario, [{ path, values: [value] }]);
    expect(errorOf(vary("agents.wind.count", 1))).to.include({ code: "SWEEP_FIELD_UNKNOWN" });
    expect(errorOf(vary("", 1))).to.include({ code: "SWEEP_FIELD_UNKNOWN" });
    expect(errorOf(vary("market.slope", 1)).values).to.include({ file: "market.slope=1", field: "market" });
    expect(errorOf(vary("agents.0.count", -1)).values).to.include({
      file: "agents.0.count=-1",
      field: "agents.0.count",
    });
  });

  it("has the same bytes whatever the number of threads", async () => {
    const combinations = combinationsOf(scenario, AXES);
    const one = JSON.stringify(await runSweep({ combinations, seeds: [1, 2, 3], threads: 1 }));
    let done = 0;
    const three = await runSweep({ combinations, seeds: [1, 2, 3], threads: 3, onDone: (count) => (done = count) });
    expect(JSON.stringify(three)).to.equal(one);
    expect(done).to.equal(12);
    const traded = three.map(({ runs }) => runs.map(({ steps }) => steps[1]?.measures.matchedWh ?? 0));
    expect(new Set(traded.flat()).size).to.be.greaterThan(5);
    three.forEach(({ steps }, place) => {
      const mean = (traded[place] ?? []).reduce((sum, value) => sum + value, 0) / 3;
      expect(steps[1]?.figures.matchedWh?.mean).to.satisfy(near(mean, 1e-6));
    });
  });

  it("ends with an error that names combination and seed when a run fails", async () => {
    const broken: Combination = {
      values: { "agents.0.profiles": "nowhere" },
      scenario: {
        ...scenario,
        agents: scenario.agents.map((group) => ({ ...group, profiles: "/nowhere" })),
      },
    };
    const error = await rejection(runSweep({ combinations: [broken], seeds: [5], threads: 2 }));
    expect(error).to.be.instanceOf(JouleworkError);
    const { code, values } = error as JouleworkError;
    expect(code).to.equal("SWEEP_FAILED");
    expect(values).to.include({ combination: "agents.0.profiles=nowhere", seed: 5 });
    expect(values.problem).to.contain("The data do not exist");
  });

  it("ends when it is told to", async () => {
    const controller = new AbortController();
    const combinations = combinationsOf(scenario, AXES);
    const seeds = Array.from({ length: 1_000 }, (_, seed) => seed);
    const sweep = runSweep({
      ...{ combinations, seeds, threads: 2, signal: controller.signal },
      onDone: () => {
        controller.abort();
      },
    });
    expect(await rejection(sweep)).to.include({ name: "AbortError" });
  });
});

describe("the options of a simulation", () => {
  it("name seeds and fields of a sweep as lists, ranges and values", () => {
    const { sweep, threads } = parseSimulateFlags({
      ...{ seeds: "-1..2", threads: "3" },
      vary: ["market.slopePpm=0,250000", "market.rule=sbba,midpoint", "agents.0.strategy.share=0.5"],
    });
    expect([sweep?.seeds, threads]).to.deep.equal([[-1, 0, 1, 2], 3]);
    expect(sweep?.axes).to.deep.equal([
      { path: "market.slopePpm", values: [0, 250_000] },
      { path: "market.rule", values: ["sbba", "midpoint"] },
      { path: "agents.0.strategy.share", values: [0.5] },
    ]);
    expect(parseSimulateFlags({ seeds: "4,1,4" }).sweep?.seeds).to.deep.equal([4, 1]);
    expect(parseSimulateFlags({ vary: ["days=1,2"] }).sweep?.seeds).to.equal(undefined);
    expect(parseSimulateFlags({}).sweep).to.equal(undefined);
    expect(parseSimulateFlags({ homes: "held-out" }).homes).to.equal("held-out");
    expect(parseSimulateFlags({ twin: "2" }).twin).to.include({ day: 2, agents: 24 });
  });

  it("are refused by name where they make no sense, alone or together", () => {
    const cases: [flags: SimulateFlags, name: string][] = [
      [{ days: "0" }, "days"],
      [{ seeds: "5..1" }, "seeds"],
      [{ seeds: "1..1000000000000" }, "seeds"],
      [{ seeds: "many" }, "seeds"],
      [{ vary: ["market.slopePpm"] }, "vary"],
      [{ vary: ["market.slopePpm=1,1"] }, "vary"],
      [{ csv: "runs.csv" }, "csv"],
      [{ threads: "2" }, "threads"],
      [{ seeds: "1,2", threads: "0" }, "threads"],
      [{ seeds: "1,2", seed: "1" }, "seed"],
      [{ agents: "9" }, "agents"],
      [{ homes: "some" }, "homes"],
      [{ twin: "1", seeds: "1,2" }, "seeds"],
      [{ twin: "1", html: "report.html" }, "html"],
    ];
    for (const [flags, name] of cases) {
      const error = errorOf(() => parseSimulateFlags(flags));
      expect(error.code, JSON.stringify(flags)).to.equal("OPTION_INVALID");
      expect(Object.keys(error.values), JSON.stringify(flags)).to.deep.equal([name]);
    }
  });
});

describe("estimates over seeds", () => {
  it("know Student's distribution as printed tables do", () => {
    // Two-sided 95 %: any table of t.
    for (const [freedom, quantile] of [
      [1, 12.706],
      [2, 4.303],
      [3, 3.182],
      [4, 2.776],
      [9, 2.262],
      [10, 2.228],
      [29, 2.045],
      [100, 1.984],
    ] as const) {
      expect(studentQuantile(freedom), String(freedom)).to.satisfy(near(quantile, 0.000_6));
    }
  });

  it("are those of a worked example", () => {
    // Mean 10, deviations 2, 0, 2: standard error 2 / sqrt(3), times 4.3027.
    expect(estimate([8, 10, 12])).to.satisfy(
      ({ mean, halfWidth }: ReturnType<typeof estimate>) => mean === 10 && near(4.968, 0.001)(halfWidth ?? 0),
    );
    expect(estimate([7])).to.deep.equal({ mean: 7, halfWidth: null });
  });
});
