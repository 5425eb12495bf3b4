import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import {
  admissibleOptions,
  comparePlacements,
  exactOptimum,
  formatPlacement,
  judge,
  parsePlacement,
  placementQubo,
  quboEnergy,
  randomPlacement,
  readPlacement,
} from "../../src/placement/index.ts";
import { assignments, bruteForceSurplus } from "./bruteForce.ts";

const CENTRE = { name: "one", capacityWh: [3_000, 3_000], prices: [100, 200], greenPpm: [900_000, 100_000] };
const JOB = { name: "a", slots: 1, energyWh: 1_000, priceLimit: 250 };

describe("placing jobs", () => {
  it("lists what a job may do on its own, with what it saves", () => {
    const problem = (job: object) =>
      admissibleOptions(parsePlacement({ name: "p", jobs: [{ ...JOB, ...job }], dataCentres: [CENTRE] }));
    expect(problem({})).to.deep.equal([
      { job: 0, dataCentre: 0, firstSlot: 0, surplusTicks: 150_000 },
      { job: 0, dataCentre: 0, firstSlot: 1, surplusTicks: 50_000 },
    ]);
    expect(problem({ deadline: 0 })).to.have.length(1);
    expect(problem({ minGreenPpm: 900_000 }).map(({ firstSlot }) => firstSlot)).to.deep.equal([0]);
    expect(problem({ minGreenPpm: 900_001 })).to.deep.equal([]);
    expect(problem({ priceLimit: 199 }).map(({ firstSlot }) => firstSlot)).to.deep.equal([0]);
    expect(problem({ slots: 2 })).to.deep.equal([{ job: 0, dataCentre: 0, firstSlot: 0, surplusTicks: 200_000 }]);
    // The mean of both slots counts: 50 % green, 150 ticks.
    expect(problem({ slots: 2, minGreenPpm: 500_000, priceLimit: 150 })).to.have.length(1);
    expect(problem({ slots: 2, minGreenPpm: 500_001 })).to.deep.equal([]);
    expect(problem({ slots: 2, priceLimit: 149 })).to.deep.equal([]);
    expect(problem({ energyWh: 3_001 })).to.deep.equal([]);
  });

  it("judges by the problem: a job once, a slot within its capacity", () => {
    const placement = parsePlacement({
      name: "p",
      jobs: [JOB, { ...JOB, name: "b", energyWh: 2_500 }],
      dataCentres: [CENTRE],
    });
    const options = admissibleOptions(placement);
    expect(options).to.have.length(4);
    expect(judge(placement, options, [true, false, false, true])).to.deep.equal({
      feasible: true,
      placedJobs: 2,
      surplusTicks: 150_000 + 2_500 * 50,
    });
    expect(judge(placement, options, [true, false, true, false]).feasible, "3,500 Wh in a slot of 3,000").to.equal(
      false,
    );
    expect(judge(placement, options, [true, true, false, false]).feasible, "a job twice").to.equal(false);
  });

  it("finds the optimum that trying everything finds", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const placement = randomPlacement({ jobs: 5, slots: 4, seed });
      const options = admissibleOptions(placement);
      const { feasible, surplusTicks } = judge(placement, options, await exactOptimum(placement, options));
      expect([feasible, surplusTicks], `seed ${seed}`).to.deep.equal([true, bruteForceSurplus(placement)]);
    }
  });

  it("has its QUBO's minimum at the optimum, each feasible choice at its surplus, and no violation as low", () => {
    let withSlack = 0;
    let seen = 0;
    for (let seed = 1; seed <= 60 && seen < 12; seed++) {
      const placement = randomPlacement({ jobs: 4, slots: 3, seed });
      const options = admissibleOptions(placement);
      const qubo = placementQubo(placement, options);
      if (qubo.linear.length > 15 || options.length === 0) continue;
      seen += 1;
      if (qubo.linear.length > options.length) withSlack += 1;
      // Over the slack bits the best energy of each choice is its surplus where it is feasible, and no minimum where it is not.
      const best = new Map<string, number>();
      for (const bits of assignments(qubo.linear.length)) {
        const key = bits.slice(0, options.length).join("");
        best.set(key, Math.min(best.get(key) ?? Infinity, quboEnergy(qubo, bits)));
      }
      const least = Math.min(...best.values());
      expect(least, `seed ${seed}`).to.equal(-bruteForceSurplus(placement));
      for (const [key, energy] of best) {
        const { feasible, surplusTicks } = judge(
          placement,
          options,
          Array.from(key, (bit) => bit === "1"),
        );
        if (feasible) expect(energy).to.equal(-surplusTicks);
        else expect(energy).to.be.greaterThan(least);
      }
    }
    expect([seen, withSlack > 0]).to.deep.equal([12, true]);
  });

  it("compares the methods by the problem, exactly solved, and says what the figures say", async () => {
    const placement = readPlacement("scenarios/placement/evening.yaml");
    const comparison = await comparePlacements(placement, { seed: 1 });
    expect(comparison.optimumTicks).to.equal(bruteForceSurplus(placement));
    const byMethod = new Map(comparison.results.map((result) => [result.method, result]));
    expect(byMethod.get("simulated annealing")?.quality).to.equal(1);
    expect(byMethod.get("simulated quantum annealing")?.quality).to.equal(1);
    expect(byMethod.has("QAOA, simulated")).to.equal(true);
    for (const { quality } of comparison.results) if (quality !== null) expect(quality).to.be.at.most(1);
    const text = formatPlacement(comparison);
    expect(text).to.include("1.210").and.to.include("The optimum was also found by simulated annealing");
  });

  it("gives the same figures for the same seed", async () => {
    const placement = randomPlacement({ jobs: 4, slots: 3, seed: 1 });
    const figures = async () =>
      (await comparePlacements(placement, { seed: 1 })).results.map(({ method, surplusTicks }) => [
        method,
        surplusTicks,
      ]);
    expect(await figures()).to.deep.equal(await figures());
  });

  it("leaves QAOA out where there are too many variables, and copes with jobs that nobody may take", async () => {
    const large = await comparePlacements(randomPlacement({ jobs: 8, slots: 8, seed: 1 }), { seed: 1 });
    expect(large.qaoa).to.equal(undefined);
    expect(formatPlacement(large)).to.include("QAOA was left out");
    const none = parsePlacement({ name: "p", jobs: [{ ...JOB, priceLimit: 1 }], dataCentres: [CENTRE] });
    const nothing = await comparePlacements(none, { seed: 1 });
    expect([nothing.variables, nothing.optimumTicks]).to.deep.equal([0, 0]);
    expect(formatPlacement(nothing)).to.include("No job may be placed anywhere.");
  });

  for (const [field, change] of [
    ["jobs.0.energyWh", { jobs: [{ ...JOB, energyWh: 0 }] }],
    ["jobs.0.deadline", { jobs: [{ ...JOB, deadline: 2 }] }],
    ["jobs", { jobs: [] }],
    ["dataCentres.0.greenPpm", { dataCentres: [{ ...CENTRE, greenPpm: [0] }] }],
    ["dataCentres.1.capacityWh", { dataCentres: [CENTRE, { ...CENTRE, capacityWh: [1, 2, 3] }] }],
  ] as const) {
    it(`names the field ${field} where it is wrong`, () => {
      const input = Object.assign({ name: "p", jobs: [JOB], dataCentres: [CENTRE] }, change);
      expect(() => parsePlacement(input))
        .to.throw(JouleworkError)
        .that.satisfies(({ code, values }: JouleworkError) => code === "PLACEMENT_INVALID" && values.field === field);
    });
  }
});
