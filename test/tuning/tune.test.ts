import { expect } from "chai";
import { encodeProposal } from "../../src/chain/proposals.ts";
import { parseScenario, zoneTerms } from "../../src/simulation/scenario.ts";
import {
  CONSTANTS,
  objectivesOf,
  OBJECTIVES,
  paretoFront,
  readSettings,
  tune,
  TUNABLES,
  tuningProposal,
  withSettings,
  type Judged,
} from "../../src/tuning/index.ts";
import { compareSteps } from "../../src/simulation/compare.ts";

const SCENARIO = parseScenario({
  name: "a street",
  start: "2025-06-16",
  days: 2,
  latitudeDeg: 48,
  longitudeDeg: 11,
  zones: 1,
  market: { importPrice: 300_000, exportPrice: 80_000 },
  game: { seasonSlots: 96, giftCredits: 10 },
  agents: [
    { name: "homes", kind: "household", count: 6, ratedPowerW: 6_000, flexibleShare: 0.3 },
    {
      name: "roofs",
      kind: "prosumer",
      count: 6,
      ratedPowerW: 8_000,
      solarPowerW: 6_000,
      storage: { capacityWh: 8_000, powerW: 3_000, roundTripPpm: 900_000 },
      dishonest: { kind: "farming", share: 0.5 },
    },
  ],
});
const DEPLOYMENT = { network: "test", chainId: 31337, deployBlock: 0 };
const INPUT = { scenario: SCENARIO, seeds: [1], heldOutSeeds: [2], generations: 1 };

describe("settings that can be tuned", () => {
  it("are written where they are read, within the contracts' bounds", () => {
    for (const { name, lower, upper } of TUNABLES) {
      for (const value of [lower, upper]) {
        const settings = { ...readSettings(SCENARIO), [name]: value };
        const { market } = withSettings(SCENARIO, settings);
        expect(market.exportPrice).to.be.within(market.floorPrice, Math.min(market.exportCapPrice, market.importPrice));
        expect(market.importPrice).to.be.at.most(market.capPrice);
      }
    }
  });

  it("change nothing where they are what they were", () => {
    expect(withSettings(SCENARIO, readSettings(SCENARIO))).to.deep.equal(SCENARIO);
  });

  it("have no rebates where there are none, and shares of the usual ones beyond that", () => {
    const without = parseScenario({ ...SCENARIO, game: { ...SCENARIO.game, rebatePrices: [0, 0, 0] } });
    expect(readSettings(without).rebatePpm).to.equal(0);
    expect(withSettings(without, readSettings(without))).to.deep.equal(without);
    const half = withSettings(without, { ...readSettings(without), rebatePpm: 500_000 });
    expect(half.game.rebatePrices).to.deep.equal([0, 250, 500, 1_000, 2_000]);
  });

  it("keep the middle of the backstop prices where no bound is met", () => {
    const { market } = withSettings(SCENARIO, { ...readSettings(SCENARIO), spreadPpm: 500_000 });
    // By hand: the middle is 190,000; half of it apart is 47,500 to either side, and an export of 142,500 is below its cap.
    expect([market.importPrice, market.exportPrice]).to.deep.equal([237_500, 142_500]);
  });
});

describe("a Pareto front", () => {
  it("has what nothing else beats in everything, and of equals the first", () => {
    const points = [
      [1, 5],
      [2, 2],
      [3, 3],
      [5, 1],
      [2, 2],
    ];
    expect(paretoFront(points, (point) => point)).to.deep.equal([
      [1, 5],
      [2, 2],
      [5, 1],
    ]);
  });
});

describe("a tuning", () => {
  it("gives the same on one thread and on two, and a front that nothing looked at beats", async () => {
    const one = await tune({ ...INPUT, threads: 1 });
    const two = await tune({ ...INPUT, threads: 2 });
    expect(two).to.deep.equal(one);
    expect(one.evaluated).to.be.within(20, 31);
    expect(paretoFront(one.front, ({ objectives }) => OBJECTIVES.map((name) => objectives[name]))).to.deep.equal(
      one.front,
    );
  });

  it("leaves alone what is to stay", async () => {
    const { front, present } = await tune({ ...INPUT, threads: 1, keep: ["spreadPpm", "rebatePpm"] });
    for (const { settings } of front) expect(settings).to.include({ ...present.settings, slopePpm: settings.slopePpm });
  });

  it("changes nothing that makes no difference", async () => {
    const scenario = { ...SCENARIO, agents: SCENARIO.agents.map((group) => ({ ...group, dishonest: undefined })) };
    const { chosen, present } = await tune({ ...INPUT, scenario, threads: 1 });
    if (chosen === undefined) throw new Error("nothing was found");
    const judged = (settings: Judged["settings"]): number[] => {
      const of = (played: typeof SCENARIO) => compareSteps({ ...played, seed: 2 }).steps;
      const objectives = objectivesOf(of(withSettings(scenario, settings)), of(scenario));
      return OBJECTIVES.map((name) => objectives[name] - present.heldOut[name]);
    };
    const changed = TUNABLES.filter(({ name }) => chosen.settings[name] !== present.settings[name]);
    expect(changed.length).to.be.greaterThan(0);
    // Without any one of its changes it would be worse in an objective, or no improvement any more.
    const own = judged(chosen.settings);
    for (const { name } of changed) {
      const less = judged({ ...chosen.settings, [name]: present.settings[name] });
      const isWorse = less.some((change, place) => change > (own[place] ?? 0) + 1e-9);
      const isNone = less.some((change) => change > 0.001) || less.every((change) => change >= -0.001);
      expect(isWorse || isNone, name).to.equal(true);
    }
  });

  it("searches the contracts' constants only where it is asked to", async () => {
    const valuesOf = (found: Awaited<ReturnType<typeof tune>>) =>
      new Set(found.front.map(({ settings }) => CONSTANTS.map(({ name }) => settings[name]).join("/")));
    expect([...valuesOf(await tune({ ...INPUT, threads: 1 }))]).to.deep.equal(["8/8/5"]);
    const searched = await tune({ ...INPUT, threads: 1, constants: true });
    expect([...valuesOf(searched)].some((values) => values !== "8/8/5")).to.equal(true);
    for (const { settings } of searched.front) expect(settings.pointShares).to.be.at.least(5);
  });

  it("judges by seeds that the search did not see", async () => {
    const { present } = await tune({ ...INPUT, threads: 1 });
    const [one, two] = [1, 2].map((seed) => compareSteps({ ...SCENARIO, seed }).steps);
    expect(present.objectives).to.deep.equal(objectivesOf(one ?? [], one ?? []));
    expect(present.heldOut).to.deep.equal(objectivesOf(two ?? [], two ?? []));
  });

  it("judges by another scenario where homes are held back for it", async () => {
    const heldOutScenario = { ...SCENARIO, latitudeDeg: 60 };
    const { present } = await tune({ ...INPUT, heldOutScenario, threads: 1 });
    const [one, other] = [
      { ...SCENARIO, seed: 1 },
      { ...heldOutScenario, seed: 2 },
    ].map((played) => compareSteps(played));
    expect(present.objectives).to.deep.equal(objectivesOf(one?.steps ?? [], one?.steps ?? []));
    expect(present.heldOut).to.deep.equal(objectivesOf(other?.steps ?? [], other?.steps ?? []));
  });

  it("tells of a scenario that has nothing to compare with", async () => {
    const [, roofs] = SCENARIO.agents;
    if (roofs === undefined) throw new Error("no roofs");
    const sunny = { ...SCENARIO, agents: [{ ...roofs, ratedPowerW: 60_000, solarPowerW: 60_000 }] };
    let problem: unknown;
    await tune({ ...INPUT, scenario: sunny, threads: 1 }).catch((error: unknown) => (problem = error));
    expect(problem).to.include({ code: "TUNING_BASELINE" });
  });
});

describe("a proposal of a tuning", () => {
  const judged = (settings: Judged["settings"], peak: number): Judged => {
    const objectives = { peak, cost: 0.9, idleTraining: 0, cheating: -0.1 };
    return { settings, objectives, heldOut: objectives };
  };
  const present = judged(readSettings(SCENARIO), 0.95);
  const chosen = judged({ ...present.settings, slopePpm: 800_000, rebatePpm: 2_000_000 }, 0.9);
  const proposal = tuningProposal({
    ...{ scenario: SCENARIO, present, chosen, fromSlot: 1_950_000, heldOutSeeds: 3 },
    terms: new Map([[4, zoneTerms(SCENARIO)]]),
  });

  it("sets the terms of every zone, and the rebates, in calls that the contracts decode", () => {
    expect(proposal.calls.map(({ call }) => call)).to.deep.equal(["setZoneTerms", "setRebatePrices"]);
    const [terms, rebates] = proposal.calls;
    expect(terms?.args[1]).to.include({ slopePpm: 800_000, fromSlot: 1_950_000, feePpm: 10_000, rule: 1 });
    // Doubled: 0, 1,000, 2,000, 4,000 and 8,000 for tier 4 and above.
    const lanes = BigInt(String(rebates?.args[0]));
    const prices = Array.from({ length: 8 }, (_, tier) => Number((lanes >> BigInt(32 * tier)) & 0xffffffffn));
    expect(prices).to.deep.equal([0, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
    const contracts = { EnergyExchange: `0x${"11".repeat(20)}`, Seasons: `0x${"22".repeat(20)}` };
    const { targets } = encodeProposal({ ...DEPLOYMENT, contracts }, proposal.calls, proposal.description);
    expect(targets).to.deep.equal([contracts.EnergyExchange, contracts.Seasons]);
  });

  it("says what changes and what is expected", () => {
    expect(proposal.description).to.match(/slopePpm 500000 -> 800000/);
    expect(proposal.description).to.match(/peak power -5\.00/);
  });
});
