import { expect } from "chai";
import fc from "fast-check";
import { communityMembers, type Member } from "../../src/community/members.ts";
import type { SlotTariff } from "../../src/chain/exchange.ts";
import type { MeterWord } from "../../src/market/meterWord.ts";
import { compareOrders } from "../../src/market/book.ts";
import { marketDomain, orderDigest, orderHash } from "../../src/market/messages.ts";
import { purchaseTicks } from "../../src/market/fees.ts";
import { dueForSlot } from "../../src/market/settlement.ts";
import { netSeries, parseScenario, simulate } from "../../src/simulation/index.ts";
import { placeOf, type ChainRecord } from "../../src/simulation/twin/chainRecord.ts";
import { compareTwin, type PlayedWindow } from "../../src/simulation/twin/compareTwin.ts";
import type { PlayedGame, SeasonStanding, Standing } from "../../src/simulation/twin/playTwinGame.ts";
import { recordRun, type RecordedRun } from "../../src/simulation/twin/recordRun.ts";
import { seasonOf as seasonParameters } from "../../src/simulation/twin/seasonOf.ts";
import { rebatePriceOf } from "../../src/game/seasonRewards.ts";
import { errorOf } from "../meters/profiles/dataFiles.ts";
import { sampleCounts, sampleDay } from "../../src/simulation/twin/sample.ts";
import { slotParts } from "../../src/simulation/twin/slotParts.ts";
import { twinCommunity } from "../../src/simulation/twin/twinCommunity.ts";
import { BASE_UNITS_PER_TICK } from "../../src/units.ts";

const scenario = parseScenario({
  ...{ name: "twin", start: "2025-06-16", days: 3, latitudeDeg: 47, longitudeDeg: 8, zones: 3 },
  market: { rule: "midpoint", importPrice: 300_000, exportPrice: 80_000 },
  agents: [
    { name: "homes", kind: "household", count: 30, ratedPowerW: 9_200, reluctance: [0.1, 0.1], forecastError: 0 },
    { name: "solar", kind: "prosumer", count: 12, ratedPowerW: 11_000, solarPowerW: 6_000, reluctance: [0.1, 0.1] },
    { name: "plant", kind: "hydro", count: 1, ratedPowerW: 8_000 },
  ],
});
const DOMAIN = marketDomain(31_337, `0x${"5a".repeat(20)}`);

describe("a sampled day", () => {
  it("has parts in proportion, one of each group as far as they go, and all where they fit", () => {
    expect(sampleCounts([30, 12, 1], 100)).to.deep.equal([30, 12, 1]);
    expect(sampleCounts([30, 12, 1], 10)).to.deep.equal([7, 2, 1]);
    expect(sampleCounts([30, 12, 1], 2)).to.deep.equal([1, 1, 0]);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 2, max: 200 }),
        (counts, most) => {
          const taken = sampleCounts(counts, most);
          const whole = counts.reduce((sum, count) => sum + count, 0);
          expect(taken.reduce((sum, count) => sum + count, 0)).to.equal(Math.min(most, whole));
          taken.forEach((count, place) => {
            expect(count).to.be.within(place < most ? 1 : 0, counts[place] ?? 0);
          });
        },
      ),
    );
  });

  it("is the scenario's own day with its loads and weather, and the day before it where there is one", () => {
    const { scenario: few, series, smaller } = sampleDay(scenario, 3, 10);
    expect([few.days, few.zones, smaller]).to.deep.equal([2, 2, true]);
    const whole = netSeries({ ...few, days: 3 });
    expect(series.firstSlot).to.equal(whole.firstSlot + 96);
    expect([...series.netWh.subarray(0, 192)]).to.deep.equal([...whole.netWh.subarray(96, 288)]);
    expect(sampleDay(scenario, 1, 10).scenario.days).to.equal(1);
    // One of each group are all in the first zone.
    expect(sampleDay(scenario, 1, 3).scenario.zones).to.equal(1);
  });
});

describe("the season of a sample", () => {
  const seasonWith = (rebatePrices: number[]): ReturnType<typeof seasonParameters> =>
    seasonParameters(sampleDay({ ...scenario, game: { ...scenario.game, rebatePrices } }, 2, 10));

  it("is its window, with the rebates of the scenario in all eight lanes", () => {
    const { seasonStart, seasonSlots, rebatePrices } = seasonWith([0, 3, 9]);
    expect([seasonStart, seasonSlots]).to.deep.equal([netSeries({ ...scenario, days: 1 }).firstSlot, 192]);
    const lanes = Array.from({ length: 8 }, (_, tier) => rebatePriceOf(rebatePrices, tier));
    expect(lanes).to.deep.equal([0, 3, 9, 9, 9, 9, 9, 9]);
  });

  it("is refused with rebates that the contracts would not take", () => {
    for (const rebatePrices of [[1], [0, 5, 4], [0, 100_001]]) {
      expect(errorOf(() => seasonWith(rebatePrices)).code).to.equal("TWIN_REBATES_INVALID");
    }
  });
});

describe("the parts of a slot's cost", () => {
  it("are those of the market's own settlement, and sum to what the simulator charges", () => {
    const price = fc.integer({ min: 0, max: 2 ** 22 });
    const energy = fc.integer({ min: -(2 ** 24) + 1, max: 2 ** 24 - 1 });
    const facts = fc.record({
      netWh: energy,
      positionWh: energy,
      ...{ importPrice: price, exportPrice: price, clearingPrice: price, levyPrice: price },
      networks: fc.tuple(price, price),
      feePpm: fc.integer({ min: 0, max: 50_000 }),
    });
    fc.assert(
      fc.property(facts, ({ netWh, positionWh, networks, ...given }) => {
        const [networkLocalPrice, networkGridPrice] = networks.sort((a, b) => a - b);
        const prices = { ...given, networkLocalPrice, networkGridPrice };
        const parts = slotParts(netWh, positionWh, prices);
        const lane = {
          side: positionWh > 0 ? ("bid" as const) : ("offer" as const),
          energyWh: Math.abs(positionWh),
        };
        const flow = { importedWh: Math.max(0, netWh), exportedWh: Math.max(0, -netWh) };
        const due = dueForSlot(positionWh === 0 ? null : lane, true, flow, prices);
        const bought = purchaseTicks(Math.max(0, positionWh), prices.clearingPrice, prices.feePpm);
        expect(Object.values(parts).map(BigInt)).to.deep.equal([
          ...[bought.costTicks, bought.feeTicks, due.proceedsTicks],
          ...[due.burnTicks, due.mintTicks, due.networkTicks, due.levyTicks],
        ]);
      }),
    );
  });
});

describe("a twin check", () => {
  const sample = sampleDay(scenario, 1, 10);
  const { members, community } = twinCommunity(sample);
  const agents = members.filter(({ kind }) => kind !== "feeder");
  const recorded = recordRun(
    sample,
    DOMAIN,
    agents.map(({ key }) => key.address),
  );

  it("registers every agent of the sample as a meter that can carry what it moves", () => {
    expect(agents).to.have.lengthOf(10);
    expect(members).to.have.lengthOf(10 + 2);
    expect(communityMembers(community, scenario.seed)).to.have.lengthOf(12);
    const { fleet } = recorded.run;
    agents.forEach(({ spec, zone }, agent) => {
      expect(spec.ratedPowerW).to.equal((fleet.limitWh[agent] ?? 0) * 4);
      expect(agent).to.be.within(fleet.zoneStart[zone - 1] ?? 0, (fleet.zoneStart[zone] ?? 0) - 1);
    });
  });

  it("clears ties in the order of the hashes that the chain will see", () => {
    let ties = 0;
    for (const { zone, slot, orders } of recorded.zones.flat()) {
      for (const side of ["bid", "offer"] as const) {
        const list = [...orders]
          .filter(([, order]) => order.side === side)
          .map(([agent, order]) => {
            const { energyWh, limitPrice } = order;
            const digest = orderDigest(DOMAIN, { zone, slot, side, energyWh, limitPrice });
            return { ...order, hash: orderHash(digest, agents[agent]?.key.address ?? "") };
          });
        // Kept in the order of the book: the chain's strict order.
        expect(list).to.deep.equal([...list].sort(compareOrders));
        ties += list.length - new Set(list.map(({ limitPrice }) => limitPrice)).size;
      }
    }
    expect(ties).to.be.greaterThan(50);
  });

  it("plays what the scenario plays: without ties the recorded run is the usual one", () => {
    const apart = {
      ...sample.scenario,
      agents: sample.scenario.agents.map((group) => ({ ...group, reluctance: [0, 1] as [number, number] })),
    };
    const usual = simulate(apart, "reputation and seasons", sample.series);
    const { run } = recordRun(
      { ...sample, scenario: apart },
      DOMAIN,
      agents.map(({ key }) => key.address),
    );
    expect([...run.costTicks]).to.deep.equal([...usual.costTicks]);
    expect([...run.clearingPrice]).to.deep.equal([...usual.clearingPrice]);
  });

  it("finds nothing on a chain that says the same, and every integer of any kind that is off by one", () => {
    const same = compareTwin(recorded, agents, chainOf(recorded, agents));
    expect(same.kept).to.deep.equal([]);
    for (const { kind, compared } of same.counts) expect(compared, kind).to.be.greaterThan(0);

    const reached = new Set<string>();
    for (const [kind, spoil] of Object.entries(SPOILED)) {
      const played = chainOf(recorded, agents);
      spoil(played);
      const found = compareTwin(recorded, agents, played);
      expect(found.different, kind).to.be.greaterThan(0);
      expect(
        found.kept.map((difference) => difference.kind),
        kind,
      ).to.include(kind);
      reached.add(kind);
    }
    expect([...reached].sort()).to.deep.equal(same.counts.map(({ kind }) => kind).sort());
  });
});

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends object ? Mutable<T[Key]> : T[Key] };

/** An entry of a map that may be changed; of those in whose slot something was traded or flowed where it matters. */
function entry<Value>(map: ReadonlyMap<unknown, Value>, place = 40): Mutable<Value> {
  const found = [...map.values()][place];
  return found ?? expect.fail("the record is too small");
}

const SPOILED: Readonly<Record<string, (played: PlayedWindow) => void>> = {
  "import price": ({ tariffs }) => (entry(tariffs).importPrice += 1),
  "export price": ({ tariffs }) => (entry(tariffs).exportPrice += 1),
  scarcity: ({ tariffs }) => (entry(tariffs).scarcityPpm += 1),
  order: ({ chain }) => (entry(chain.fills).limitPrice += 1),
  "clearing price": ({ chain }) => (entry(chain.cleared).clearingPrice += 1),
  "matched energy": ({ chain }) => (entry(chain.cleared).matchedWh += 1),
  fill: ({ chain }) => (entry(chain.fills).filledWh += 1),
  fee: ({ chain }) => (entry(chain.fills).feeTicks += 1n),
  "network charge": ({ chain }) => (entry(chain.readings).line.networkTicks += 1n),
  levy: ({ chain }) => (entry(chain.readings).line.levyTicks += 1n),
  "bought from the grid": ({ chain }) => (entry(chain.readings).line.burnedTicks += 1n),
  "sold to the grid": ({ chain }) => (entry(chain.readings).line.mintedTicks += 1n),
  register: ({ chain }) => (entry(chain.readings).word.exportWh += 1),
  balance: ({ chain }) => (entry(chain.readings).word.balanceTicks += 1n),
  "energy of a slot": ({ chain }) => (entry(chain.closed).importWh += 1),
  reputation: ({ game }) => (entry(standingsOf(game), 0).efficiencyPpm += 1),
  score: ({ game }) => (entry(standingsOf(game), 0).scorePpm += 1),
  tier: ({ game }) => (entry(standingsOf(game), 0).tier += 1),
  points: ({ game }) => (entry(seasonOf(game), 0).points += 1n),
  reward: ({ game }) => (entry(seasonOf(game), 0).rebate += BASE_UNITS_PER_TICK),
  pool: ({ game }) => Object.assign(game, { pool: game.pool + 1n }),
  certificate: ({ certificates }) => {
    const [[place, issuedWh] = expect.fail("no certificates")] = [...(certificates ?? [])];
    (certificates as Map<string, number>).set(place, issuedWh + 1);
  },
  "cost of the window": ({ balancesAfter }) => {
    const [[meter, ticks] = expect.fail("no balances")] = [...balancesAfter];
    (balancesAfter as Map<string, bigint>).set(meter, ticks - 1n);
  },
};

function standingsOf({ standings }: PlayedGame): ReadonlyMap<number, Standing> {
  return new Map([...standings.values()].flat().entries());
}

function seasonOf({ season }: PlayedGame): ReadonlyMap<number, SeasonStanding> {
  return new Map(season.entries());
}

/** What a chain would say of reputation and the season that agrees with the record. */
function gameOf({ run, syncs }: RecordedRun): PlayedGame {
  const standings = new Map<number, Standing[]>();
  for (const { agent, day, after } of syncs) {
    const { reliabilityPpm, efficiencyPpm, contributionPpm, tier } = after;
    const scorePpm = Math.floor((2 * reliabilityPpm + efficiencyPpm + contributionPpm) / 4);
    const list = standings.get(day) ?? [];
    list[agent] = { reliabilityPpm, efficiencyPpm, contributionPpm, scorePpm, tier };
    standings.set(day, list);
  }
  const { points, rewardTicks, pooledTicks } = run.game ?? expect.fail("no game");
  const season = Array.from(points, (earned, agent) => ({
    points: BigInt(earned),
    reward: BigInt(rewardTicks[agent] ?? 0) * BASE_UNITS_PER_TICK + 7n,
    rebate: 0n,
  }));
  return { standings, season, pool: BigInt(pooledTicks) * BASE_UNITS_PER_TICK };
}

/** What a chain would say that agrees with the record, by the market's own sums in whole numbers. */
function chainOf(recorded: RecordedRun, agents: readonly Member[]): PlayedWindow {
  const { zones } = recorded;
  const slots = zones.flat();
  const start = 10n ** 15n;
  const balances = new Map(agents.map(({ key }) => [key.address, start]));
  const now = new Map(balances);
  const registers = new Map(agents.map(({ key }) => [key.address, { importWh: 0, exportWh: 0 }]));
  const tariffs = new Map<string, SlotTariff>();
  const certificates = new Map<string, number>();
  const cleared = new Map<string, object>();
  const closed = new Map<string, object>();
  const fills = new Map<string, object>();
  const readings = new Map<string, object>();
  const clear = (slot: RecordedRun["zones"][number][number]): void => {
    const { prices, orders, zone } = slot;
    for (const [agent, order] of orders) {
      const { address } = agents[agent]?.key ?? expect.fail("no such agent");
      const bought = order.side === "bid" ? order.filledWh : 0;
      const { costTicks, feeTicks } = purchaseTicks(bought, prices.clearingPrice, prices.feePpm);
      const balanceTicks = (now.get(address) ?? 0n) - costTicks - feeTicks;
      now.set(address, balanceTicks);
      fills.set(placeOf(zone, slot.slot, address), { ...order, feeTicks, balanceTicks });
    }
    const matchedWh = [...orders.values()].reduce((sum, order) => sum + (order.side === "bid" ? order.filledWh : 0), 0);
    cleared.set(placeOf(zone, slot.slot), { clearingPrice: prices.clearingPrice, matchedWh });
  };
  slots.forEach((slot, place) => {
    const { prices, zone, scarcityPpm, netWh, positionWh, from } = slot;
    if (slots[place - 1]?.zone !== zone) clear(slot);
    const next = slots[place + 1];
    if (next?.zone === zone) clear(next);
    const at = placeOf(zone, slot.slot);
    const { importPrice, exportPrice } = prices;
    tariffs.set(at, { importPrice, exportPrice, scarcityPpm } as SlotTariff);
    const sums = { importWh: 0, exportWh: 0 };
    netWh.forEach((net, index) => {
      const { address } = agents[from + index]?.key ?? expect.fail("no such agent");
      if (recorded.run.fleet.renewables.includes(from + index) && net < 0) {
        certificates.set(placeOf(zone, slot.slot, address), -net);
      }
      const position = positionWh[index] ?? 0;
      const flow = { importedWh: Math.max(0, net), exportedWh: Math.max(0, -net) };
      const lane = { side: position > 0 ? ("bid" as const) : ("offer" as const), energyWh: Math.abs(position) };
      const due = dueForSlot(position === 0 ? null : lane, true, flow, prices);
      const paid = due.burnTicks + due.networkTicks + due.levyTicks - due.mintTicks - due.proceedsTicks;
      const balanceTicks = (now.get(address) ?? 0n) - paid;
      now.set(address, balanceTicks);
      const register = registers.get(address) ?? expect.fail("no register");
      register.importWh += flow.importedWh;
      register.exportWh += flow.exportedWh;
      sums.importWh += flow.importedWh;
      sums.exportWh += flow.exportedWh;
      readings.set(placeOf(zone, slot.slot, address), {
        word: { ...register, balanceTicks } as MeterWord,
        line: {
          mintedTicks: due.mintTicks,
          burnedTicks: due.burnTicks,
          networkTicks: due.networkTicks,
          levyTicks: due.levyTicks,
        },
      });
    });
    closed.set(at, sums);
  });
  const orders = slots.reduce((sum, slot) => sum + slot.orders.size, 0);
  const chain = { cleared, closed, fills, readings, refusals: [] } as unknown as ChainRecord;
  return { chain, tariffs, balances, balancesAfter: now, orders, game: gameOf(recorded), certificates };
}
