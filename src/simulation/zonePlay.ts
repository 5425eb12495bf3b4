import type { Forecaster } from "../forecasts/index.ts";
import type { AuctionResult } from "../market/clearing.ts";
import type { ZoneLimits, ZoneTerms } from "../market/tariff.ts";
import { PPM, SLOTS_PER_DAY } from "../units.ts";
import { shiftLoads, store, train } from "./control.ts";
import { farmPoints, makeGood, serveZone } from "./dispatch.ts";
import { PLACEMENTS, STRATEGIES, type Fleet } from "./fleet.ts";
import type { Game } from "./game.ts";
import { keepWithin, lineLimits, type LineLimits } from "./limits.ts";
import type { NetSeries } from "./netSeries.ts";
import { clearSides, OrderSide } from "./orders.ts";
import { Planner } from "./planning.ts";
import { PriceView, type Outlook } from "./prices.ts";
import type { Simulation, SlotWatcher } from "./run.ts";
import { zoneLimits, zoneTerms } from "./scenario.ts";
import { slotCostTicks, type SimulatedPrices } from "./settle.ts";
import { foresee, learn, placeOrders } from "./strategies.ts";
import { ZoneTariff } from "./tariffs.ts";
import { chargeVehicles } from "./vehicles.ts";
import { WithheldReadings } from "./withheld.ts";

/** Meters never peak together: a feeder is rated for this share of their ratings. */
const COINCIDENCE = 0.3;

export interface ZonePlayInput {
  readonly result: Simulation;
  readonly series: NetSeries;
  readonly zone: number;
  readonly watcher: SlotWatcher;
  readonly forecaster: Forecaster;
  /** Reputation and seasons, where they are at work. */
  readonly game: Game | undefined;
}

/** Rows [from, to) of a column. */
interface Rows {
  readonly from: number;
  readonly to: number;
}

type Part = "flexible" | "training" | "batteries" | "planned" | "zoneBatteries" | "farming" | "vehicles" | "renewables";

/** A zone that is played from its first slot to its last, some slots at a time. */
export class ZonePlay {
  readonly #result: Simulation;
  readonly #series: NetSeries;
  readonly #zone: number;
  readonly #watcher: SlotWatcher;
  readonly #game: Game | undefined;
  readonly #from: number;
  readonly #to: number;
  readonly #rows: Readonly<Record<Part, Rows>>;
  readonly #priced: boolean;
  readonly #terms: ZoneTerms;
  readonly #limits: ZoneLimits;
  readonly #line: LineLimits | undefined;
  readonly #tariff: ZoneTariff;
  readonly #prices: SimulatedPrices;
  readonly #usual: PriceView;
  readonly #rewarded: PriceView | undefined;
  /** Published scarcity, where training goes by it. */
  readonly #scarcity: PriceView | undefined;
  readonly #bids: OrderSide;
  readonly #offers: OrderSide;
  readonly #netWh: Int32Array;
  readonly #foreseenWh: Float64Array;
  readonly #positionWh: Int32Array;
  /** Net energy before storage moved any; needed where batteries make good what would not be delivered. */
  readonly #unstoredWh: Int32Array;
  readonly #planner: Planner;
  readonly #withheld: WithheldReadings;
  readonly #feederWh: number;
  readonly #learning: boolean;
  readonly #feePpmOf: (agent: number) => number;

  constructor({ result, series, zone, watcher, forecaster, game }: ZonePlayInput) {
    const { scenario, step, fleet, firstSlot, slots } = result;
    const from = fleet.zoneStart[zone] ?? 0;
    const to = fleet.zoneStart[zone + 1] ?? from;
    this.#result = result;
    this.#series = series;
    this.#zone = zone;
    this.#watcher = watcher;
    this.#game = game;
    this.#from = from;
    this.#to = to;
    this.#rows = {
      flexible: rowsOf(fleet.flexible.agent, from, to),
      training: rowsOf(fleet.training.agent, from, to),
      batteries: rowsOf(fleet.batteries.agent, from, to),
      planned: rowsOf(fleet.planned.agent, from, to),
      zoneBatteries: rowsOf(fleet.zoneBatteries.agent, from, to),
      farming: rowsOf(fleet.farming.agent, from, to),
      vehicles: rowsOf(fleet.vehicles.agent, from, to),
      renewables: rowsOf(fleet.renewables, from, to),
    };
    this.#priced = step === "moving prices" || step === "reputation and seasons";
    this.#terms = this.#priced ? zoneTerms(scenario) : { ...zoneTerms(scenario), slopePpm: 0 };
    this.#limits = zoneLimits(scenario);
    this.#line = lineLimits(scenario);
    this.#tariff = new ZoneTariff(this.#limits, this.#terms, slots, {
      dayBefore: series.dayBefore?.[zone],
      stepDivisor: scenario.constants.stepDivisor,
    });
    this.#prices = { ...this.#terms, clearingPrice: 0 };
    const asked = this.#priced && this.#plansAhead() ? forecaster : undefined;
    const view = (): PriceView => new PriceView(this.#terms.importPrice, firstSlot, slots, asked);
    this.#usual = view();
    this.#rewarded = game === undefined ? undefined : view();
    this.#scarcity =
      this.#priced && this.#places(PLACEMENTS.green) ? new PriceView(PPM, firstSlot, slots, forecaster) : undefined;
    this.#bids = new OrderSide(to - from, true);
    this.#offers = new OrderSide(to - from, false);
    this.#netWh = new Int32Array(fleet.count);
    this.#foreseenWh = new Float64Array(fleet.count);
    this.#positionWh = new Int32Array(fleet.count);
    this.#unstoredWh = new Int32Array(game === undefined ? 0 : fleet.count);
    const { importPrice, exportPrice, networkGridPrice, levyPrice } = this.#terms;
    this.#planner = new Planner({ chargesPrice: networkGridPrice + levyPrice, spreadPrice: importPrice - exportPrice });
    const { agents, seed } = scenario;
    this.#withheld = new WithheldReadings(fleet, from, step === "nothing" ? from : to, seed, (agent) => {
      const dishonest = agents[fleet.group[agent] ?? 0]?.dishonest;
      return dishonest?.kind === "withholding" ? dishonest.often : 0;
    });
    this.#feePpmOf = (agent) => game?.feePpmOf(agent) ?? this.#terms.feePpm;
    this.#feederWh = ratedFlow(fleet, from, to);
    const strategies = fleet.strategy.subarray(from, to);
    this.#learning = strategies.includes(STRATEGIES.zip) || strategies.includes(STRATEGIES["roth-erev"]);
  }

  /** Plays the slots at the places [first, end) of the window. */
  play(first: number, end: number): void {
    const { fleet, firstSlot, slots } = this.#result;
    const game = this.#game;
    for (let place = first; place < end; ++place) {
      const cell = this.#zone * slots + place;
      const slot = firstSlot + place;
      const queuedWh = waitingTraining(fleet, this.#rows.training);
      const outlook = this.#look(place, queuedWh);
      this.#useEnergy(place, slot, cell, outlook);
      if (this.#result.step !== "nothing") this.#trade(slot, cell);
      if (game !== undefined && this.#line === undefined) {
        const { batteries, planned } = this.#rows;
        makeGood(fleet.batteries, batteries.from, batteries.to, this.#netWh, this.#positionWh, this.#unstoredWh);
        makeGood(fleet.planned, planned.from, planned.to, this.#netWh, this.#positionWh, this.#unstoredWh);
      }
      this.#settle(place, slot, cell, end - place - 1, queuedWh);
      if (outlook.slotOfDay === 0) game?.renewFees(this.#from, this.#to);
      if (game !== undefined && outlook.slotOfDay === SLOTS_PER_DAY - 1) {
        game.endDay(Math.floor(slot / SLOTS_PER_DAY), this.#from, this.#to);
      }
    }
  }

  /** Whether anybody in the zone asks for a forecast of prices. */
  #plansAhead(): boolean {
    const { planned, zoneBatteries, vehicles } = this.#rows;
    const { plans } = this.#result.fleet.zoneBatteries;
    return (
      this.#places(PLACEMENTS.price) ||
      plans.subarray(zoneBatteries.from, zoneBatteries.to).includes(1) ||
      [planned, vehicles].some(({ from, to }) => from < to)
    );
  }

  /** Whether training of the zone is placed in this way. */
  #places(placement: number): boolean {
    const { from, to } = this.#rows.training;
    return this.#result.fleet.training.placement.subarray(from, to).includes(placement);
  }

  /** Fixes the slot's prices and says what agents see. */
  #look(place: number, queuedWh: number): Outlook {
    const tariff = this.#tariff;
    tariff.fix(place, queuedWh);
    const { importPrice, exportPrice, scarcityPpm } = tariff;
    this.#prices.importPrice = importPrice;
    this.#prices.exportPrice = exportPrice;
    this.#prices.clearingPrice = 0;
    this.#usual.see(place, importPrice);
    this.#scarcity?.see(place, scarcityPpm);
    const game = this.#game;
    const rewarded = this.#rewarded;
    if (game !== undefined) rewarded?.see(place, importPrice + (game.pointValue * scarcityPpm) / PPM);
    return {
      priceRatio: this.#usual.ratio,
      scarcityPpm,
      slotOfDay: place % SLOTS_PER_DAY,
      priced: this.#priced,
      prices: this.#usual,
      scarcity: this.#scarcity,
      rewards: game === undefined || rewarded === undefined ? undefined : { playing: game.playing, prices: rewarded },
    };
  }

  /** What the agents' meters measure: loads and plants, then what is moved and stored, within the zone's line. */
  #useEnergy(place: number, slot: number, cell: number, outlook: Outlook): void {
    const { fleet, trainingWh, curtailedWh, unservedWh } = this.#result;
    const { flexible, training, batteries, planned, zoneBatteries, farming, vehicles } = this.#rows;
    const [from, to, netWh, limitWh] = [this.#from, this.#to, this.#netWh, fleet.limitWh];
    measure(fleet, this.#series, from, to, place, netWh);
    shiftLoads(fleet.flexible, flexible.from, flexible.to, netWh, limitWh, outlook);
    trainingWh[cell] = train(fleet.training, training.from, training.to, netWh, limitWh, outlook);
    chargeVehicles(fleet.vehicles, vehicles.from, vehicles.to, netWh, limitWh, slot, outlook);
    if (this.#game === undefined) {
      store(fleet.farming, farming.from, farming.to, netWh, limitWh, outlook);
    } else {
      this.#unstoredWh.set(netWh.subarray(from, to), from);
      farmPoints(fleet.farming, farming.from, farming.to, netWh, limitWh, outlook.scarcityPpm);
    }
    store(fleet.batteries, batteries.from, batteries.to, netWh, limitWh, outlook);
    this.#planner.storeAhead(fleet.planned, planned.from, planned.to, netWh, limitWh, outlook);
    if (zoneBatteries.from < zoneBatteries.to) {
      const zoneWh = sum(netWh, from, to);
      serveZone(fleet.zoneBatteries, zoneBatteries.from, zoneBatteries.to, netWh, outlook, zoneWh);
    }
    if (this.#line === undefined) return;
    const limited = keepWithin(this.#line, from, to, netWh);
    curtailedWh[cell] = limited.curtailedWh;
    unservedWh[cell] = limited.unservedWh;
  }

  #trade(slot: number, cell: number): void {
    const { fleet, scenario, clearingPrice, matchedWh, welfareTicks } = this.#result;
    const [from, to, netWh, bids, offers, prices] = [
      ...([this.#from, this.#to, this.#netWh] as const),
      ...([this.#bids, this.#offers, this.#prices] as const),
    ];
    this.#withheld.standAside(netWh);
    const bidders = { from, to, seed: scenario.seed, slot };
    foresee(fleet, bidders, netWh, this.#foreseenWh);
    this.#withheld.rejoin(netWh);
    placeOrders(fleet, bidders, this.#foreseenWh, prices, bids, offers);
    this.#watcher.placed?.(this.#zone, slot, bids, offers);
    const cleared = clearSides(this.#terms.rule, bids, offers);
    const { price, volumeWh } = cleared;
    prices.clearingPrice = price;
    clearingPrice[cell] = price;
    matchedWh[cell] = volumeWh;
    this.#positionWh.fill(0, from, to);
    if (volumeWh > 0) {
      welfareTicks[cell] = takePositions(fleet.reluctance, cleared, bids, offers, this.#positionWh, prices);
    }
    if (this.#learning) {
      learn(fleet, bids, true, price, prices);
      learn(fleet, offers, false, price, prices);
    }
  }

  #settle(place: number, slot: number, cell: number, slotsLeft: number, queuedWh: number): void {
    const { importWh, exportWh, netWh: zoneNetWh, lossWh, importPrice, exportPrice, scarcityPpm } = this.#result;
    const { scenario, costTicks, takenWh, givenWh } = this.#result;
    const [from, to, netWh, positionWh, prices, withheld] = [
      ...([this.#from, this.#to, this.#netWh] as const),
      ...([this.#positionWh, this.#prices, this.#withheld] as const),
    ];
    const scarcity = this.#tariff.scarcityPpm;
    if (withheld.count > 0) {
      withheld.settle(slot, netWh, positionWh, prices, this.#limits, costTicks, this.#feePpmOf, (late) => {
        this.#game?.noteLate(late, prices);
      });
    }
    settleZone(this.#result, from, to, netWh, positionWh, prices, cell, this.#game);
    prices.feePpm = this.#terms.feePpm;
    this.#game?.noteSlot({ from, to, slotsLeft }, netWh, positionWh, prices, scarcity);
    this.#certify(cell);
    // Prices go by what was read in time.
    this.#tariff.record(place, importWh[cell] ?? 0, exportWh[cell] ?? 0);
    if (withheld.count > 0) {
      withheld.reveal(netWh, (agent, net) => {
        const [sums, totals] = net > 0 ? [importWh, takenWh] : [exportWh, givenWh];
        sums[cell] = (sums[cell] ?? 0) + Math.abs(net);
        totals[agent] = (totals[agent] ?? 0) + Math.abs(net);
      });
    }
    const flow = (importWh[cell] ?? 0) - (exportWh[cell] ?? 0);
    zoneNetWh[cell] = flow;
    lossWh[cell] = Math.floor((flow * flow * scenario.lossPpm) / 1e6 / this.#feederWh);
    importPrice[cell] = prices.importPrice;
    exportPrice[cell] = prices.exportPrice;
    scarcityPpm[cell] = scarcity;
    if (this.#watcher.settled !== undefined) {
      const orders =
        this.#result.step === "nothing"
          ? { bids: undefined, offers: undefined }
          : { bids: this.#bids, offers: this.#offers };
      const facts = { run: this.#result, zone: this.#zone, slot, from, to, scarcityPpm: scarcity, queuedWh };
      this.#watcher.settled({ ...facts, ...orders, netWh, positionWh, prices, feePpmOf: this.#feePpmOf });
    }
  }

  /** Certificates of the slot: each exported Wh of a plant has one, and training matches its energy with those of the very slot. */
  #certify(cell: number): void {
    const { scenario, step, fleet, certifiedWh, matchedTrainingWh, trainingWh, certificateTicks } = this.#result;
    const { renewables, training } = this.#rows;
    const price = step === "nothing" ? 0 : scenario.certificatePrice;
    let certified = 0;
    for (let row = renewables.from; row < renewables.to; ++row) {
      const agent = fleet.renewables[row] ?? 0;
      const given = Math.max(0, -(this.#netWh[agent] ?? 0));
      certified += given;
      certificateTicks[agent] = (certificateTicks[agent] ?? 0) + given * price;
    }
    const trained = trainingWh[cell] ?? 0;
    const matched = Math.min(certified, trained);
    certifiedWh[cell] = certified;
    matchedTrainingWh[cell] = matched;
    if (matched === 0 || price === 0) return;
    let before = 0;
    let paid = 0;
    for (let row = training.from; row < training.to; ++row) {
      const agent = fleet.training.agent[row] ?? 0;
      before += fleet.training.nowWh[row] ?? 0;
      const through = Math.floor((before * matched) / trained);
      certificateTicks[agent] = (certificateTicks[agent] ?? 0) - (through - paid) * price;
      paid = through;
    }
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

/**
 * Writes what each agent traded, and returns what the trades were worth: of each buyer and seller what its valuation, the backstop price less or more its reluctance, differs from
 * the clearing price on its energy.
 */
function takePositions(
  reluctance: Float64Array,
  traded: AuctionResult,
  bids: OrderSide,
  offers: OrderSide,
  positionWh: Int32Array,
  { importPrice, exportPrice }: SimulatedPrices,
): number {
  const band = importPrice - exportPrice;
  let worth = 0;
  for (let row = 0; row < traded.bids.groupEnd; ++row) {
    const filled = bids.fillsWh[row] ?? 0;
    const agent = bids.agent[row] ?? 0;
    positionWh[agent] = filled;
    worth += filled * (importPrice - band * (reluctance[agent] ?? 0));
  }
  for (let row = 0; row < traded.offers.groupEnd; ++row) {
    const filled = offers.fillsWh[row] ?? 0;
    const agent = offers.agent[row] ?? 0;
    positionWh[agent] = -filled;
    worth -= filled * (exportPrice + band * (reluctance[agent] ?? 0));
  }
  return worth;
}

function settleZone(
  { costTicks, takenWh, givenWh, importWh, exportWh }: Simulation,
  from: number,
  to: number,
  netWh: Int32Array,
  positionWh: Int32Array,
  prices: SimulatedPrices,
  cell: number,
  game: Game | undefined,
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
    if (game !== undefined) prices.feePpm = game.feePpmOf(agent);
    costTicks[agent] = (costTicks[agent] ?? 0) + slotCostTicks(net, positionWh[agent] ?? 0, prices);
  }
  importWh[cell] = imported;
  exportWh[cell] = exported;
}

/** Training energy that waits for cheap slots; with constant prices nothing waits. */
function waitingTraining({ training }: Fleet, { from, to }: Rows): number {
  return sum(training.leftWh, from, to);
}

function sum(values: Int32Array, from: number, to: number): number {
  let total = 0;
  for (let row = from; row < to; ++row) total += values[row] ?? 0;
  return total;
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
  return Math.max(1, sum(limitWh, from, to) * COINCIDENCE);
}
