import { fileURLToPath } from "node:url";
import { JouleworkError } from "../../src/errors.ts";
import { netSeries, readScenario, simulate, type Step } from "../../src/simulation/index.ts";
import { evenNoise } from "../../src/simulation/noise.ts";
import { clearSides, OrderSide } from "../../src/simulation/orders.ts";
import { plainAuction, type PlainOrder } from "./plainAuction.ts";

const SCENARIO = fileURLToPath(new URL("../../scenarios/city.yaml", import.meta.url));
/** Of learners, plans, vehicles and cheats. */
const MIXED_SCENARIO = fileURLToPath(new URL("../../scenarios/suburb.yaml", import.meta.url));
const DAYS = 10;
const RUNS = 5;
const ORDERS = 10_000;
const AUCTIONS = 200;
const PLAIN_AUCTIONS = 10;
const BAND = { lowest: 80_000, width: 220_000 };

export interface SimulationFigures {
  /** Update, clearing and settlement of the city's 10,060 agents, a slot each; drawing weather and loads is not in it. */
  readonly agentSlotsPerCpuSecond: number;
  /** The same of the suburb, where agents learn, plan and cheat, with reputation and seasons. */
  readonly mixedAgentSlotsPerCpuSecond: number;
  /** Auctions of 10,000 orders a CPU second, sorting and fills included, against a plain version on objects and big integers. */
  readonly auctionRatio: number;
}

/** The simulator's speed after one run to warm up: of the best of several, since others use the machine's caches too. */
export function benchSimulation(): SimulationFigures {
  return {
    agentSlotsPerCpuSecond: agentSlotsPerCpuSecond(SCENARIO, "moving prices"),
    mixedAgentSlotsPerCpuSecond: agentSlotsPerCpuSecond(MIXED_SCENARIO, "reputation and seasons"),
    auctionRatio: auctionRatio(),
  };
}

function agentSlotsPerCpuSecond(file: string, step: Step): number {
  const scenario = { ...readScenario(file), days: DAYS };
  const series = netSeries(scenario);
  simulate(scenario, step, series);
  let best = 0;
  for (let run = 0; run < RUNS; ++run) {
    let agentSlots = 0;
    const seconds = cpuSeconds(() => {
      const { fleet, slots } = simulate(scenario, step, series);
      agentSlots = fleet.count * slots;
    });
    best = Math.max(best, agentSlots / seconds);
  }
  return Math.round(best);
}

function auctionRatio(): number {
  const orders = Array.from({ length: ORDERS }, (_, agent) => ({
    agent,
    buys: evenNoise(1, agent, 0) < 0.5,
    energyWh: 1 + Math.floor(evenNoise(1, agent, 1) * 2_000),
    limitPrice: BAND.lowest + Math.floor(evenNoise(1, agent, 2) * BAND.width),
  }));
  const bids = new OrderSide(ORDERS, true);
  const offers = new OrderSide(ORDERS, false);
  const fast = (): number => {
    bids.clear();
    offers.clear();
    for (const { agent, buys, energyWh, limitPrice } of orders) (buys ? bids : offers).add(agent, energyWh, limitPrice);
    return clearSides("midpoint", bids, offers).price;
  };
  const plain = orders.map(({ energyWh, limitPrice, ...order }): PlainOrder & { readonly buys: boolean } => ({
    ...order,
    energyWh: BigInt(energyWh),
    limitPrice: BigInt(limitPrice),
  }));
  const slow = (): number => {
    const { price } = plainAuction(
      plain.filter(({ buys }) => buys),
      plain.filter(({ buys }) => !buys),
    );
    return Number(price);
  };
  requireSame(fast(), slow());
  const ours = cpuSeconds(() => repeat(AUCTIONS, fast)) / AUCTIONS;
  const theirs = cpuSeconds(() => repeat(PLAIN_AUCTIONS, slow)) / PLAIN_AUCTIONS;
  return Math.round((theirs / ours) * 10) / 10;
}

function repeat(times: number, run: () => unknown): void {
  for (let index = 0; index < times; ++index) run();
}

function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function requireSame(fast: number, plain: number): void {
  if (fast === plain) return;
  throw new JouleworkError({
    code: "BENCH_AUCTIONS_DIFFER",
    what: "The two auctions that are compared cleared at different prices",
    values: { fast, plain },
    hint: "One of them is wrong: run the tests of the simulator.",
  });
}
