import { noiseWord } from "../simulation/noise.ts";
import type { Lever } from "./levers/lever.ts";
import { honestOrder } from "./levers/orders.ts";
import { gainOf, mean, plannedGain, type Gain, type PlannedGain } from "./gain.ts";
import type { Rule } from "./rules/clearOrders.ts";
import { SlotGame } from "./slotGame.ts";
import type { PlacedOrder, Population } from "./types.ts";

/** What the best deviation of a lever brings. */
export interface DeviationGain {
  /** The clearing rule, or the rule of pay for what is not traded. */
  readonly rule: string;
  readonly lever: string;
  readonly kind: string;
  readonly size: number;
  /** The strategy that was best on one half of the markets, and what it gains on the other half. */
  readonly planned: PlannedGain;
  /** What whoever sees all other orders gains: the best of the strategies, or nothing, in each market. */
  readonly informed: Gain;
  /** Share of the markets in which some strategy gains more than a watt-hour's rounding can bring. */
  readonly exposed: number;
  /** Mean of honest play, ticks a slot. */
  readonly honestTicks: number;
}

export interface DeviationParameters {
  readonly population: Population;
  readonly kind: string;
  readonly size: number;
  readonly rules: readonly Rule[];
  readonly levers: readonly Lever[];
  /** Markets, at least four. */
  readonly markets: number;
  readonly seed: number;
}

/**
 * Measures every lever under every rule on the same markets: the same traders, honest and deviating, so that nothing but the deviation
 * differs. Choosing the best of a grid on the markets that it is measured on would flatter it; so even markets choose, odd ones measure.
 */
export function measureDeviations(parameters: DeviationParameters): DeviationGain[] {
  const { population, kind, size, rules, levers, markets, seed } = parameters;
  const drawn = Array.from({ length: markets }, (_, index) => {
    const market = population.draw(kind, size, noiseWord(seed, size, index));
    return { market, orders: market.traders.map((trader) => [honestOrder(trader)]) };
  });
  const energiesWh = drawn.map(({ market: { traders, focal } }) => traders[focal]?.energyWh ?? 0);
  const game = new SlotGame(population.prices);
  return rules.flatMap((rule) =>
    levers.map((lever): DeviationGain => {
      const bases: number[] = [];
      const gains = lever.strategies.map((): number[] => []);
      for (const { market, orders } of drawn) {
        const { traders, focal, partner } = market;
        const payoff = (ordersOf: readonly (readonly PlacedOrder[])[]): number => {
          const { payoffTicks } = game.play(rule, traders, ordersOf);
          return (payoffTicks[focal] ?? 0) + (lever.together ? (payoffTicks[partner] ?? 0) : 0);
        };
        const honest = payoff(orders);
        bases.push(honest);
        lever.strategies.forEach(({ deviate }, place) => {
          const deviating: (readonly PlacedOrder[])[] = orders.slice();
          for (const [trader, own] of deviate(market, population.prices)) deviating[trader] = own;
          gains[place]?.push(payoff(deviating) - honest);
        });
      }
      const best = drawn.map((_, market) => Math.max(0, ...gains.map((of) => of[market] ?? 0)));
      return {
        ...{ rule, lever: lever.name, kind, size },
        planned: plannedGain({ names: lever.strategies.map(({ name }) => name), gains, bases, energiesWh }),
        informed: gainOf(best, bases, energiesWh),
        exposed: best.filter((gain) => gain > population.prices.importPrice).length / markets,
        honestTicks: mean(bases),
      };
    }),
  );
}
