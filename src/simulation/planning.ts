import { PPM, SLOTS_PER_DAY } from "../units.ts";
import { store } from "./control.ts";
import { pricesFor, type Outlook, type PriceView } from "./prices.ts";
import { giveOut, takeIn, type Batteries } from "./storage.ts";

/** Charges that a plan tells apart are this many equal parts of the capacity. */
const PARTS = 32;
const LEVELS = PARTS + 1;
/** Flows that are compared for the slot itself, in each direction. */
const FLOWS = 6;

/** Batteries that plan, with what their meters would have shown without them in each quarter hour of the last day. */
export interface PlanningBatteries extends Batteries {
  /** Row after row, a day of slots each. */
  readonly dayNetWh: Int32Array;
}

/** What a Wh costs beside its price where it is taken, and by how much its price falls short where it is given, ticks. */
export interface BackstopCosts {
  readonly chargesPrice: number;
  readonly spreadPrice: number;
}

/**
 * Batteries that plan a day ahead. By dynamic programming (Bellman, 1957), from the last slot of the forecast back, the least cost of what follows is found for each charge: with the prices
 * forecast, the meter's net energy of a day ago, and the backstop's costs of taking and giving. The slot's flow is then the one with the least cost together with what follows. What is
 * stored at the end is worth the cheapest price, after losses. Until there is a forecast they answer to the price as others do. Changes `netWh`.
 */
export class Planner {
  readonly #costs: BackstopCosts;
  #following = new Float64Array(LEVELS);
  #here = new Float64Array(LEVELS);
  /** What it costs to move this many parts in a slot, none in the middle. */
  readonly #moveCost = new Float64Array(2 * PARTS + 1);

  constructor(costs: BackstopCosts) {
    this.#costs = costs;
  }

  storeAhead(
    batteries: PlanningBatteries,
    from: number,
    to: number,
    netWh: Int32Array,
    limitWh: Int32Array,
    outlook: Outlook,
  ): void {
    for (let row = from; row < to; ++row) {
      const agent = batteries.agent[row] ?? 0;
      const net = netWh[agent] ?? 0;
      const prices = pricesFor(outlook, agent);
      if (!outlook.priced || prices === undefined || prices.next.length === 0) {
        store(batteries, row, row + 1, netWh, limitWh, outlook);
      } else {
        const flow = this.#bestFlow(batteries, row, net, limitWh[agent] ?? 0, prices, outlook.slotOfDay);
        netWh[agent] = net + (flow > 0 ? takeIn(batteries, row, flow) : -giveOut(batteries, row, -flow));
      }
      batteries.dayNetWh[row * SLOTS_PER_DAY + outlook.slotOfDay] = net;
    }
  }

  /** The flow of the slot, positive into the battery, that costs least with what follows. */
  #bestFlow(
    batteries: PlanningBatteries,
    row: number,
    net: number,
    meterLimit: number,
    prices: PriceView,
    slotOfDay: number,
  ): number {
    this.#lookAhead(batteries, row, prices, slotOfDay);
    const capacity = batteries.capacityWh[row] ?? 0;
    const stored = batteries.storedWh[row] ?? 0;
    const efficiency = (batteries.roundTripPpm[row] ?? PPM) / PPM;
    const limit = batteries.limitWh[row] ?? 0;
    const most = Math.min(limit, meterLimit - net, Math.floor((capacity - stored) / efficiency));
    const least = -Math.min(limit, meterLimit + net, stored);
    let best = 0;
    let bestCost = Infinity;
    const consider = (wanted: number): void => {
      const flow = Math.round(Math.min(most, Math.max(least, wanted)));
      const after = stored + (flow > 0 ? flow * efficiency : flow);
      const cost = this.#costOf(net + flow, prices.now) + this.#valueAt(after, capacity);
      if (cost < bestCost) [best, bestCost] = [flow, cost];
    };
    consider(0);
    // What leaves nothing to be bought or sold is where the price of a Wh changes.
    consider(-net);
    for (let part = 1; part <= FLOWS; ++part) {
      consider((most * part) / FLOWS);
      consider((least * part) / FLOWS);
    }
    return best;
  }

  /** Least cost of the slots after this one by what is stored then. */
  #lookAhead(batteries: PlanningBatteries, row: number, prices: PriceView, slotOfDay: number): void {
    const capacity = batteries.capacityWh[row] ?? 0;
    const efficiency = (batteries.roundTripPpm[row] ?? PPM) / PPM;
    const limit = batteries.limitWh[row] ?? 0;
    const partWh = capacity / PARTS;
    const up = Math.min(PARTS, Math.max(1, Math.floor((limit * efficiency) / partWh)));
    const down = Math.min(PARTS, Math.max(1, Math.floor(limit / partWh)));
    const cheapest = (prices.sorted[0] ?? 0) + this.#costs.chargesPrice;
    for (let level = 0; level < LEVELS; ++level) this.#following[level] = -level * partWh * efficiency * cheapest;
    for (let ahead = prices.next.length - 1; ahead >= 0; --ahead) {
      const price = prices.next[ahead] ?? 0;
      const net = batteries.dayNetWh[row * SLOTS_PER_DAY + ((slotOfDay + 1 + ahead) % SLOTS_PER_DAY)] ?? 0;
      const moveCost = this.#moveCost;
      for (let parts = -down; parts <= up; ++parts) {
        const moved = parts * partWh;
        moveCost[PARTS + parts] = this.#costOf(net + (moved > 0 ? moved / efficiency : moved), price);
      }
      const [following, here] = [this.#following, this.#here];
      for (let level = 0; level < LEVELS; ++level) {
        let least = Infinity;
        const last = Math.min(PARTS, level + up);
        for (let target = Math.max(0, level - down); target <= last; ++target) {
          const cost = (moveCost[PARTS + target - level] ?? 0) + (following[target] ?? 0);
          if (cost < least) least = cost;
        }
        here[level] = least;
      }
      [this.#following, this.#here] = [here, following];
    }
  }

  #valueAt(storedWh: number, capacityWh: number): number {
    const place = Math.min(PARTS, (storedWh / capacityWh) * PARTS);
    const below = Math.min(PARTS - 1, Math.floor(place));
    const [low, high] = [this.#following[below] ?? 0, this.#following[below + 1] ?? 0];
    return low + (high - low) * (place - below);
  }

  #costOf(netWh: number, price: number): number {
    return netWh * (netWh > 0 ? price + this.#costs.chargesPrice : price - this.#costs.spreadPrice);
  }
}
