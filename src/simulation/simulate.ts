import type { ZoneTerms } from "../market/tariff.ts";
import { SLOTS_PER_DAY } from "../units.ts";
import { shiftLoads, store, train, type Outlook } from "./control.ts";
import { createFleet, STRATEGIES, type Fleet } from "./fleet.ts";
import { netSeries, type NetSeries } from "./netSeries.ts";
import { clearSides, OrderSide } from "./orders.ts";
import { zoneLimits, zoneTerms, type Scenario } from "./scenario.ts";
import { slotCostTicks, type SimulatedPrices } from "./settle.ts";
import { learn, placeOrders } from "./strategies.ts";
import { ZoneTariff } from "./tariffs.ts";

/** What of the suite is at work; each step has what the one before it has. */
export const STEPS = ["nothing", "trading", "moving prices"] as const;
export type Step = (typeof STEPS)[number];

/** Meters never peak together: a feeder is rated for this share of their ratings. */
const COINCIDENCE = 0.3;
/** Of the mean price that "cheap" and "dear" are measured against: a day. */
const MEAN_WEIGHT = 1 / SLOTS_PER_DAY;

/** What happened, zone after zone with `slots` entries each. Energies in Wh, prices in ticks per Wh, money in ticks. */
export interface Simulation {
  readonly scenario: Scenario;
  readonly step: Step;
  readonly fleet: Fleet;
  readonly firstSlot: number;
  readonly slots: number;
  readonly importPrice: Int32Array;
  readonly exportPrice: Int32Array;
  readonly clearingPrice: Int32Array;
  readonly scarcityPpm: Int32Array;
  readonly matchedWh: Float64Array;
  /** Sums of the agents' meters. */
  readonly importWh: Float64Array;
  readonly exportWh: Float64Array;
  /** Net import of the agents, and what was lost on the zone's lines. */
  readonly netWh: Float64Array;
  readonly lossWh: Float64Array;
  readonly trainingWh: Float64Array;
  /** Of each agent over the whole window. */
  readonly costTicks: Float64Array;
  readonly takenWh: Float64Array;
  readonly givenWh: Float64Array;
}

/** A slot of a zone that was settled; arrays are the run's own and of all agents, so copy what is kept. */
export interface SettledSlot {
  readonly zone: number;
  readonly slot: number;
  /** The zone's agents are [from, to). */
  readonly from: number;
  readonly to: number;
  /** Sorted, with their fills; undefined where nobody trades. */
  readonly bids: OrderSide | undefined;
  readonly offers: OrderSide | undefined;
  readonly netWh: Int32Array;
  readonly positionWh: Int32Array;
  readonly prices: Readonly<SimulatedPrices>;
  readonly scarcityPpm: number;
  /** Energy that waited for the slot when its prices were fixed. */
  readonly queuedWh: number;
}

/** What looks on while a scenario is played. */
export interface SlotWatcher {
  /** The orders of a slot before they are sorted: those of one price clear in the order in which they stand. */
  readonly placed?: (zone: number, slot: number, bids: OrderSide, offers: OrderSide) => void;
  readonly settled?: (slot: SettledSlot) => void;
}

/** Plays a scenario under one step. The same scenario gives the same numbers to the last one. */
export function simulate(
  scenario: Scenario,
  step: Step,
  series: NetSeries = netSeries(scenario),
  watcher: SlotWatcher = {},
): Simulation {
  const fleet = createFleet(scenario, series);
  const { slots, firstSlot } = series;
  const cells = scenario.zones * slots;
  const result: Simulation = {
    ...{ scenario, step, fleet, firstSlot, slots },
    importPrice: new Int32Array(cells),
    exportPrice: new Int32Array(cells),
    clearingPrice: new Int32Array(cells),
    scarcityPpm: new Int32Array(cells),
    matchedWh: new Float64Array(cells),
    importWh: new Float64Array(cells),
    exportWh: new Float64Array(cells),
    netWh: new Float64Array(cells),
    lossWh: new Float64Array(cells),
    trainingWh: new Float64Array(cells),
    costTicks: new Float64Array(fleet.count),
    takenWh: new Float64Array(fleet.count),
    givenWh: new Float64Array(fleet.count),
  };
  for (let zone = 0; zone < scenario.zones; ++zone) playZone(result, series, zone, watcher);
  return result;
}

interface Rows {
  readonly from: number;
  readonly to: number;
}

/** Zones do not touch one another, so each is played from its first slot to its last, in memory that stays warm. */
function playZone(result: Simulation, series: NetSeries, zone: number, watcher: SlotWatcher): void {
  const { scenario, step, fleet, slots, firstSlot } = result;
  const from = fleet.zoneStart[zone] ?? 0;
  const to = fleet.zoneStart[zone + 1] ?? from;
  const rows = {
    flexible: rowsOf(fleet.flexible.agent, from, to),
    training: rowsOf(fleet.training.agent, from, to),
    batteries: rowsOf(fleet.batteries.agent, from, to),
  };
  const priced = step === "moving prices";
  const terms: ZoneTerms = priced ? zoneTerms(scenario) : { ...zoneTerms(scenario), slopePpm: 0 };
  const tariff = new ZoneTariff(zoneLimits(scenario), terms, slots);
  const prices: SimulatedPrices = { ...terms, clearingPrice: 0 };
  const bids = new OrderSide(to - from, true);
  const offers = new OrderSide(to - from, false);
  const netWh = new Int32Array(fleet.count);
  const positionWh = new Int32Array(fleet.count);
  const feederWh = ratedFlow(fleet, from, to);
  const learning = fleet.strategy.subarray(from, to).includes(STRATEGIES.zip);
  let meanPrice = terms.importPrice;

  for (let place = 0; place < slots; ++place) {
    const slot = firstSlot + place;
    const queuedWh = waitingTraining(fleet, rows.training);
    tariff.fix(place, queuedWh);
    const { importPrice, exportPrice, scarcityPpm } = tariff;
    prices.importPrice = importPrice;
    prices.exportPrice = exportPrice;
    const slotOfDay = place % SLOTS_PER_DAY;
    const outlook: Outlook = { priceRatio: importPrice / meanPrice, scarcityPpm, slotOfDay, priced };
    meanPrice += (importPrice - meanPrice) * MEAN_WEIGHT;

    measure(fleet, series, from, to, place, netWh);
    shiftLoads(fleet.flexible, rows.flexible.from, rows.flexible.to, netWh, fleet.limitWh, outlook);
    const trained = train(fleet.training, rows.training.from, rows.training.to, netWh, fleet.limitWh, outlook);
    store(fleet.batteries, rows.batteries.from, rows.batteries.to, netWh, outlook);

    const cell = zone * slots + place;
    if (step !== "nothing") {
      const range = { from, to, seed: scenario.seed, slot };
      placeOrders(fleet, range, netWh, prices, bids, offers);
      watcher.placed?.(zone, slot, bids, offers);
      const { price, volumeWh } = clearSides(terms.rule, bids, offers);
      prices.clearingPrice = price;
      result.clearingPrice[cell] = price;
      result.matchedWh[cell] = volumeWh;
      takePositions(bids, offers, positionWh, from, to);
      if (learning) {
        learn(fleet, bids, true, price, importPrice - exportPrice);
        learn(fleet, offers, false, price, importPrice - exportPrice);
      }
    }
    settleZone(result, from, to, netWh, positionWh, prices, cell);
    const orders = step === "nothing" ? { bids: undefined, offers: undefined } : { bids, offers };
    watcher.settled?.({ zone, slot, from, to, ...orders, netWh, positionWh, prices, scarcityPpm, queuedWh });
    tariff.record(place, result.importWh[cell] ?? 0, result.exportWh[cell] ?? 0);
    const flow = result.netWh[cell] ?? 0;
    result.lossWh[cell] = Math.floor((flow * flow * scenario.lossPpm) / 1e6 / feederWh);
    result.trainingWh[cell] = trained;
    result.importPrice[cell] = importPrice;
    result.exportPrice[cell] = exportPrice;
    result.scarcityPpm[cell] = scarcityPpm;
  }
}

/** What the agents' meters would show without storage, shifting and training. */
function measure(fleet: Fleet, series: NetSeries, from: number, to: number, place: number, netWh: Int32Array): void {
  const { shape, size, limitWh } = fleet;
  for (let agent = from; agent < to; ++agent) {
    const net = Math.trunc((series.netWh[(shape[agent] ?? 0) + place] ?? 0) * (size[agent] ?? 1));
    const limit = limitWh[agent] ?? 0;
    netWh[agent] = net > limit ? limit : net < -limit ? -limit : net;
  }
}

function takePositions(bids: OrderSide, offers: OrderSide, positionWh: Int32Array, from: number, to: number): void {
  positionWh.fill(0, from, to);
  for (let row = 0; row < bids.count; ++row) positionWh[bids.agent[row] ?? 0] = bids.fillsWh[row] ?? 0;
  for (let row = 0; row < offers.count; ++row) positionWh[offers.agent[row] ?? 0] = -(offers.fillsWh[row] ?? 0);
}

function settleZone(
  { costTicks, takenWh, givenWh, importWh, exportWh, netWh: zoneNetWh }: Simulation,
  from: number,
  to: number,
  netWh: Int32Array,
  positionWh: Int32Array,
  prices: SimulatedPrices,
  cell: number,
): void {
  let imported = 0;
  let exported = 0;
  for (let agent = from; agent < to; ++agent) {
    const net = netWh[agent] ?? 0;
    if (net > 0) {
      imported += net;
      takenWh[agent] = (takenWh[agent] ?? 0) + net;
    } else {
      exported -= net;
      givenWh[agent] = (givenWh[agent] ?? 0) - net;
    }
    costTicks[agent] = (costTicks[agent] ?? 0) + slotCostTicks(net, positionWh[agent] ?? 0, prices);
  }
  importWh[cell] = imported;
  exportWh[cell] = exported;
  zoneNetWh[cell] = imported - exported;
}

/** Training energy that waits for cheap slots; with constant prices nothing waits. */
function waitingTraining({ training }: Fleet, { from, to }: Rows): number {
  let sum = 0;
  for (let row = from; row < to; ++row) sum += training.leftWh[row] ?? 0;
  return sum;
}

/** The rows of a column of agents, which rises, that belong to [from, to). */
function rowsOf(agents: Int32Array, from: number, to: number): Rows {
  const at = (bound: number): number => {
    const place = agents.findIndex((agent) => agent >= bound);
    return place === -1 ? agents.length : place;
  };
  return { from: at(from), to: at(to) };
}

function ratedFlow({ limitWh }: Fleet, from: number, to: number): number {
  let sum = 0;
  for (let agent = from; agent < to; ++agent) sum += limitWh[agent] ?? 0;
  return Math.max(1, sum * COINCIDENCE);
}
