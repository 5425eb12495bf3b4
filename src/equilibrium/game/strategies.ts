import { percent } from "../levers/lever.ts";
import { honestOrder, resizedOrder, shadedPrice } from "../levers/orders.ts";
import type { MarketPrices, PlacedOrder, Trader } from "../types.ts";

/** How a trader plays in every market, whatever its part in it. */
export interface GameStrategy {
  readonly name: string;
  readonly orders: (trader: Trader, prices: MarketPrices) => readonly PlacedOrder[];
}

const moved = (name: string, share: number): GameStrategy => ({
  name,
  orders: (trader, prices) => [{ ...honestOrder(trader), limitPrice: shadedPrice(trader, share, prices) }],
});
const resized = (factor: number): GameStrategy => ({
  name: `order ${percent(factor)}`,
  orders: (trader) => resizedOrder(trader, factor),
});

/** The strategies of the empirical game; the first is honest. */
export const GAME_STRATEGIES: readonly GameStrategy[] = [
  { name: "truthful", orders: (trader) => [honestOrder(trader)] },
  moved("overbid 30 %", -0.3),
  moved("shade 10 %", 0.1),
  moved("shade 25 %", 0.25),
  moved("shade 50 %", 0.5),
  resized(0.8),
  resized(1.5),
];
