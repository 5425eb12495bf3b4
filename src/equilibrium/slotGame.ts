import { OrderSide } from "../simulation/orders.ts";
import { slotCostTicks, type SimulatedPrices } from "../simulation/settle.ts";
import { PPM } from "../units.ts";
import { clearOrders, type Rule } from "./rules/clearOrders.ts";
import type { MarketPrices, PlacedOrder, Trader } from "./types.ts";

/** What a slot came to. */
export interface SlotOutcome {
  /** Of each trader against not trading at all, ticks. */
  readonly payoffTicks: Float64Array;
  /** Of the orders of each trader together, Wh. */
  readonly filledWh: Float64Array;
  /** Ticks per Wh; under pay-as-bid each order has its own instead. */
  readonly bidPrice: number;
  readonly offerPrice: number;
  /** What buyers paid for energy beyond what sellers got for it, ticks. */
  readonly surplusTicks: number;
  /** Worth of what was really used less worth of what was really given, and what the grid's part of it cost, ticks. */
  readonly welfareTicks: number;
  readonly tradedWh: number;
}

/**
 * One slot of a market: orders in, payoffs out, by a rule and the sums that meters are settled with. A slot is played millions
 * of times, so the memory of a game is used again.
 *
 * A trader's energy is flexible: what it does not buy it does not use, what it does not sell it keeps, and either leaves it as well off as
 * before. So its payoff is (value - price) for each delivered Wh, less the fee's part, and what orders beyond its energy cost.
 */
export class SlotGame {
  readonly #prices: MarketPrices;
  readonly #settled: SimulatedPrices;
  #bids = new OrderSide(0, true);
  #offers = new OrderSide(0, false);
  #orders: PlacedOrder[] = [];
  #owners: number[] = [];

  constructor(prices: MarketPrices) {
    this.#prices = prices;
    this.#settled = { ...prices, clearingPrice: 0 };
  }

  /** @param ordersOf The orders of each trader, in the order of `traders`. */
  play(rule: Rule, traders: readonly Trader[], ordersOf: readonly (readonly PlacedOrder[])[]): SlotOutcome {
    this.#place(ordersOf);
    const bids = this.#bids;
    const offers = this.#offers;
    const { bidPrice, offerPrice, paidAsBid } = clearOrders(rule, bids, offers, this.#prices);
    const of = { payoffTicks: new Float64Array(traders.length), filledWh: new Float64Array(traders.length) };
    const bought = this.#settle(bids, traders, of, paidAsBid ? undefined : bidPrice);
    const sold = this.#settle(offers, traders, of, paidAsBid ? undefined : offerPrice);
    return {
      ...of,
      bidPrice,
      offerPrice,
      surplusTicks: bought.paidTicks - sold.paidTicks,
      welfareTicks: bought.worthTicks + sold.worthTicks,
      tradedWh: bought.filledWh,
    };
  }

  #place(ordersOf: readonly (readonly PlacedOrder[])[]): void {
    const orders = this.#orders;
    const owners = this.#owners;
    orders.length = 0;
    owners.length = 0;
    ordersOf.forEach((own, trader) => {
      for (const order of own) {
        orders.push(order);
        owners.push(trader);
      }
    });
    if (this.#bids.fillsWh.length < orders.length) {
      this.#bids = new OrderSide(2 * orders.length, true);
      this.#offers = new OrderSide(2 * orders.length, false);
    }
    this.#bids.clear();
    this.#offers.clear();
    orders.forEach(({ buys, energyWh, limitPrice }, index) => {
      (buys ? this.#bids : this.#offers).add(index, energyWh, limitPrice);
    });
  }

  /** Settles every order of a side, at one price or at its own, and adds the payoffs up. */
  #settle(
    side: OrderSide,
    traders: readonly Trader[],
    { payoffTicks, filledWh: filledOf }: Pick<SlotOutcome, "payoffTicks" | "filledWh">,
    price: number | undefined,
  ): { paidTicks: number; worthTicks: number; filledWh: number } {
    const sum = { paidTicks: 0, worthTicks: 0, filledWh: 0 };
    const { importPrice, exportPrice } = this.#prices;
    for (let row = 0; row < side.count; ++row) {
      const filledWh = side.fillsWh[row] ?? 0;
      if (filledWh === 0) continue;
      const index = side.agent[row] ?? 0;
      const order = this.#orders[index];
      const owner = this.#owners[index] ?? 0;
      const value = traders[owner]?.value ?? 0;
      if (order === undefined) continue;
      const paid = price ?? order.limitPrice;
      const meteredWh = Math.min(filledWh, order.behindWh);
      const beyondWh = filledWh - meteredWh;
      payoffTicks[owner] = (payoffTicks[owner] ?? 0) + this.#payoff(order.buys, value, meteredWh, filledWh, paid);
      filledOf[owner] = (filledOf[owner] ?? 0) + filledWh;
      sum.paidTicks += filledWh * paid;
      sum.filledWh += filledWh;
      sum.worthTicks += order.buys
        ? meteredWh * value + beyondWh * exportPrice
        : -meteredWh * value - beyondWh * importPrice;
    }
    return sum;
  }

  #payoff(buys: boolean, value: number, meteredWh: number, filledWh: number, price: number): number {
    const prices = this.#settled;
    prices.clearingPrice = price;
    if (!buys) return -meteredWh * value - slotCostTicks(-meteredWh, -filledWh, prices);
    return meteredWh * worthOfUse(value, prices) - slotCostTicks(meteredWh, filledWh, prices);
  }
}

/** What a Wh is worth to a buyer, ticks: its value is a clearing price, so fee and charges of a local purchase come on top. */
export function worthOfUse(
  value: number,
  { feePpm, networkLocalPrice, levyPrice }: Pick<SimulatedPrices, "feePpm" | "networkLocalPrice" | "levyPrice">,
): number {
  return value + (value * feePpm) / PPM + networkLocalPrice + levyPrice;
}
