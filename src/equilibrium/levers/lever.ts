import type { DrawnMarket, MarketPrices, PlacedOrder } from "../types.ts";

/** Orders that take the place of the honest ones, by the trader that places them. */
export type Deviation = ReadonlyMap<number, readonly PlacedOrder[]>;

/** One way to deviate: a plan that is made before anything is known of the other orders. */
export interface DeviationStrategy {
  readonly name: string;
  readonly deviate: (market: DrawnMarket, prices: MarketPrices) => Deviation;
}

/** A family of deviations on a grid. */
export interface Lever {
  readonly name: string;
  /** Whether the partner's payoff counts too. */
  readonly together: boolean;
  readonly strategies: readonly DeviationStrategy[];
}

/** A strategy of the focal trader alone. */
export function alone(
  name: string,
  orders: (trader: DrawnMarket["traders"][number], prices: MarketPrices) => readonly PlacedOrder[],
): DeviationStrategy {
  return {
    name,
    deviate({ traders, focal }, prices) {
      const trader = traders[focal];
      return new Map(trader === undefined ? [] : [[focal, orders(trader, prices)]]);
    },
  };
}

/** A share as whole percent. */
export function percent(share: number): string {
  return `${String(Math.round(share * 100))} %`;
}
