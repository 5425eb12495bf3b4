import { OrderSide } from "../../src/simulation/orders.ts";
import type { MarketPrices, Trader } from "../../src/equilibrium/types.ts";

/** The prices of the worked example in docs/economics.md. */
export const PRICES: MarketPrices = {
  importPrice: 300_000,
  exportPrice: 80_000,
  feePpm: 10_000,
  networkLocalPrice: 10_000,
  networkGridPrice: 40_000,
  levyPrice: 5_000,
  capPrice: 600_000,
  floorPrice: 20_000,
};

/** No fee and no charges, so that sums can be done in the head. */
export const BARE_PRICES: MarketPrices = {
  ...PRICES,
  feePpm: 0,
  networkLocalPrice: 0,
  networkGridPrice: 0,
  levyPrice: 0,
};

export function buyer(energyWh: number, value: number): Trader {
  return { kind: "buyer", buys: true, energyWh, value, limitWh: 10 * energyWh };
}

export function seller(energyWh: number, value: number): Trader {
  return { kind: "seller", buys: false, energyWh, value, limitWh: 10 * energyWh };
}

/** Orders of one side, as energy and limit price. */
export function sideOf(buys: boolean, orders: readonly (readonly [energyWh: number, limitPrice: number])[]): OrderSide {
  const side = new OrderSide(orders.length, buys);
  orders.forEach(([energyWh, limitPrice], agent) => {
    side.add(agent, energyWh, limitPrice);
  });
  return side;
}

/** What each order of a side trades, in the order in which the sorted side has them. */
export function fillsOf(side: OrderSide): number[] {
  return [...side.fillsWh.subarray(0, side.count)];
}
