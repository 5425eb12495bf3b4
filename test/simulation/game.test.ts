import { expect } from "chai";
import fc from "fast-check";
import { reputationScore, syncReputation, NEW_REPUTATION } from "../../src/game/reputation.ts";
import { tallySite, type TalliedReading } from "../../src/game/seasonTally.ts";
import { shareSeason } from "../../src/game/seasonRewards.ts";
import { DEFAULT_TIER_RULES } from "../../src/game/tiers.ts";
import { purchaseTicks, shareFee } from "../../src/market/fees.ts";
import { NEUTRAL_RELIABILITY, NO_FLAGS, withDelivery, type MeterWord } from "../../src/market/meterWord.ts";
import { powerClassFor } from "../../src/market/powerClass.ts";
import { cautionOf } from "../../src/simulation/caution.ts";
import { store } from "../../src/simulation/control.ts";
import { PriceView } from "../../src/simulation/prices.ts";
import { netSeries, parseScenario, simulate } from "../../src/simulation/index.ts";
import { near } from "../meters/profiles/near.ts";
import { fuzzedScenario } from "./fuzzedScenario.ts";

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const GAME = "reputation and seasons";

const COMMUNITY = {
  ...{ name: "game", start: "2025-06-16", days: 4, latitudeDeg: 47, longitudeDeg: 8, zones: 2 },
  market: { rule: "midpoint", importPrice: 300_000, exportPrice: 80_000, feePpm: 20_000 },
  game: { seasonSlots: 192, giftCredits: 3, rebatePrices: [100, 700, 1_500], feeDiscountsPpm: [0, 100_000, 300_000] },
  agents: [
    { name: "homes", kind: "household", count: 9, ratedPowerW: 9_200 },
    { name: "solar", kind: "prosumer", count: 7, ratedPowerW: 11_000, solarPowerW: 6_000 },
    { name: "wind", kind: "wind", count: 2, ratedPowerW: 30_000 },
  ],
};

const WORD: MeterWord = {
  ...{ importWh: 0, exportWh: 0, lastSlot: 0, laneEven: null, laneOdd: null, balanceTicks: 0n },
  ...{ reliability: NEUTRAL_RELIABILITY, tier: 0, flags: NO_FLAGS, powerClass: 0, zone: 1 },
};

describe("the simulator's game", () => {
  it("gives points, scores, tiers, rewards and rebates as the game's own functions do on the same readings", () => {
    const scenario = parseScenario(COMMUNITY);
    const series = netSeries(scenario);
    const words = new Map<number, MeterWord>();
    const sites = new Map<number, typeof NEW_REPUTATION>();
    const readings = new Map<number, TalliedReading[]>();
    const rewards = new Map<number, bigint>();
    let pool = 3_000_000_000n;
    let zonesDone = 0;

    const endSeason = (lastSlot: number): void => {
      const shares = [...readings.entries()].map(([site, proved]) => {
        const total = { importWh: 0, exportWh: 0 };
        for (const { importWh, exportWh } of proved) {
          total.importWh += importWh;
          total.exportWh += exportWh;
        }
        const meters = [{ start: { importWh: 0, exportWh: 0 }, end: total, proved }];
        const { points, importWh } = tallySite({ firstSlot: lastSlot - 191, lastSlot, meters });
        const before = sites.get(site) ?? NEW_REPUTATION;
        sites.set(site, { ...before, flexibleWh: before.flexibleWh + Number(points) });
        // A fifth of 20,000 + 10,000 bounds what a point pays.
        const rebatePrice = Math.min(6_000, [100, 700, 1_500][Math.min(2, before.tier)] ?? 0);
        return { site, points, importWh, pointPrice: 6_000, rebatePrice };
      });
      for (const { site, reward, rebate } of shareSeason(pool * 1_000_000_000n, shares).shares) {
        const ticks = (reward + rebate) / 1_000_000_000n;
        pool -= ticks;
        rewards.set(site, (rewards.get(site) ?? 0n) + ticks);
      }
      readings.clear();
    };

    const run = simulate(scenario, GAME, series, {
      settled: ({ slot, from, to, netWh, positionWh, prices, scarcityPpm, feePpmOf, run: { fleet } }) => {
        let fees = 0n;
        for (let agent = from; agent < to; ++agent) {
          const net = netWh[agent] ?? 0;
          const position = positionWh[agent] ?? 0;
          const flow = { importWh: Math.max(0, net), exportWh: Math.max(0, -net) };
          readings.set(agent, [...(readings.get(agent) ?? []), { slot, scarcityPpm, ...flow }]);
          if (position > 0) fees += purchaseTicks(position, prices.clearingPrice, feePpmOf(agent)).feeTicks;
          const powerClass = powerClassFor((fleet.limitWh[agent] ?? 0) * 4);
          const word = words.get(agent) ?? { ...WORD, powerClass };
          const metered = position > 0 ? flow.importWh : flow.exportWh;
          words.set(agent, position === 0 ? word : withDelivery(word, Math.abs(position), metered));
        }
        pool += shareFee(fees).seasonTicks;
        if (slot % 96 !== 95) return;
        for (let agent = from; agent < to; ++agent) {
          const { after } = syncReputation({
            ...{ before: sites.get(agent) ?? NEW_REPUTATION, day: Math.floor(slot / 96), faults: 0 },
            meters: [
              {
                meter: "meter",
                reliability: words.get(agent)?.reliability ?? NEUTRAL_RELIABILITY,
                slotLimitWh: fleet.limitWh[agent] ?? 0,
              },
            ],
            ...{ noted: new Map(), rules: DEFAULT_TIER_RULES },
          });
          sites.set(agent, after);
          const word = words.get(agent);
          if (word !== undefined) words.set(agent, { ...word, reliability: NEUTRAL_RELIABILITY });
        }
        if ((slot - series.firstSlot + 1) % 192 !== 0 || ++zonesDone < 2) return;
        zonesDone = 0;
        endSeason(slot);
        if (slot - series.firstSlot + 1 < series.slots) pool += 3_000_000_000n;
      },
    });

    expect(run.game?.leftTicks).to.equal(Number(pool));
    expect(sum(run.game?.rewardTicks ?? [])).to.be.greaterThan(0);
    expect(Math.max(...(run.game?.tier ?? []))).to.be.greaterThan(0);
    for (let agent = 0; agent < run.fleet.count; ++agent) {
      const site = sites.get(agent) ?? NEW_REPUTATION;
      expect(run.game?.scorePpm[agent], `score of ${String(agent)}`).to.equal(reputationScore(site));
      expect(run.game?.tier[agent]).to.equal(site.tier);
      expect(run.game?.rewardTicks[agent]).to.equal(Number(rewards.get(agent)));
    }
  });

  it("charges the fee of a tier from the second slot after its sync on: the first one's book was cleared before", () => {
    const scenario = parseScenario(COMMUNITY);
    const synced = new Map<number, number>();
    const paying = new Map<number, number>();
    let discounted = 0;
    simulate(scenario, GAME, netSeries(scenario), {
      synced: ({ agent, after }) => synced.set(agent, after.tier),
      settled: ({ slot, from, to, feePpmOf }) => {
        for (let agent = from; agent < to; ++agent) {
          if (slot % 96 === 1) paying.set(agent, synced.get(agent) ?? 0);
          const discount = [0, 100_000, 300_000][Math.min(2, paying.get(agent) ?? 0)] ?? 0;
          if (discount > 0) discounted += 1;
          expect(feePpmOf(agent)).to.equal((20_000 * (1_000_000 - discount)) / 1_000_000);
        }
      },
    });
    expect(discounted).to.be.greaterThan(0);
  });

  it("pays no more out of its pools than came in, in any community", () => {
    fc.assert(
      fc.property(fuzzedScenario, (scenario) => {
        const { game, fleet } = simulate(scenario, GAME);
        expect(game).to.not.equal(undefined);
        if (game === undefined) return;
        expect(sum(game.rewardTicks) + game.leftTicks).to.equal(game.pooledTicks);
        expect(game.leftTicks).to.be.at.least(0);
        for (let agent = 0; agent < fleet.count; ++agent) {
          expect(game.scorePpm[agent]).to.be.within(0, 1_000_000);
          expect(game.rewardTicks[agent]).to.be.at.least(0);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("lets who values its standing deliver more of what it trades", () => {
    const careless = parseScenario(COMMUNITY);
    const careful = parseScenario({
      ...COMMUNITY,
      agents: COMMUNITY.agents.map((group) => ({ ...group, standingPrice: 200_000 })),
    });
    const scoreOf = (scenario: typeof careless): number => sum(simulate(scenario, GAME).game?.scorePpm ?? []);
    expect(scoreOf(careful)).to.be.greaterThan(scoreOf(careless));
  });

  it("orders at the newsvendor's quantile: standing worth the band leaves a quarter, 0.6745 standard errors below", () => {
    expect(cautionOf(220_000, 0, [0], 220_000)).to.satisfy(near(0.67449, 1e-4));
    expect(cautionOf(0, 0, [0], 220_000)).to.equal(0);
    // From tier 0 to tier 1 are 50,000 ppm of score: 1,000 ticks a Wh of rebate make 10,000 an undelivered Wh.
    expect(cautionOf(0, 0, [0, 1_000], 220_000)).to.satisfy(near(cautionOf(10_000, 0, [0], 220_000), 1e-9));
  });

  it("weighs points: where they pay well, training moves to slots of lower scarcity", () => {
    const scenario = parseScenario({
      ...COMMUNITY,
      days: 8,
      game: { seasonSlots: 96, giftCredits: 1_000 },
      market: {
        ...{ ...COMMUNITY.market, slopePpm: 50_000 },
        ...{ networkLocalPrice: 900_000, networkGridPrice: 900_000, levyPrice: 900_000 },
      },
      agents: [
        ...COMMUNITY.agents,
        {
          ...{ name: "centres", kind: "data centre", count: 2, ratedPowerW: 40_000 },
          training: { dailyWh: 90_000, powerW: 12_000, placement: "either" },
        },
      ],
    });
    const series = netSeries(scenario);
    const meanScarcity = (step: "moving prices" | typeof GAME): number => {
      const { scarcityPpm, trainingWh } = simulate(scenario, step, series);
      return sum(trainingWh.map((wh, cell) => wh * (scarcityPpm[cell] ?? 0))) / sum(trainingWh);
    };
    expect(meanScarcity(GAME)).to.be.lessThan(meanScarcity("moving prices") - 10_000);
  });

  it("lets a battery go by the price with points in it, as long as its agent may still have points", () => {
    const view = new PriceView(100, 0, 2, undefined);
    view.see(0, 90);
    const filled = [0, 1].map((playing) => {
      const netWh = Int32Array.of(0);
      const rewards = { playing: Uint8Array.of(playing), prices: view };
      const outlook = { priceRatio: 1.2, scarcityPpm: -500_000, slotOfDay: 0, priced: true, rewards };
      store(
        {
          ...{ agent: Int32Array.of(0), capacityWh: Int32Array.of(8_000), limitWh: Int32Array.of(1_000) },
          ...{ roundTripPpm: Int32Array.of(900_000), storedWh: new Int32Array(1), remainder: new Float64Array(1) },
          ...{ takenWh: new Float64Array(1), givenWh: new Float64Array(1) },
        },
        ...([0, 1, netWh, Int32Array.of(2_000), outlook] as const),
      );
      return netWh[0];
    });
    expect(filled).to.deep.equal([0, 1_000]);
  });
});
