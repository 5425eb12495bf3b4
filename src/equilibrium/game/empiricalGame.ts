import { noiseWord } from "../../simulation/noise.ts";
import { Draws } from "../draws.ts";
import { plannedGain, type PlannedGain } from "../gain.ts";
import type { Rule } from "../rules/clearOrders.ts";
import { SlotGame } from "../slotGame.ts";
import type { DrawnMarket, PlacedOrder, Population } from "../types.ts";
import { regretOf, restPoints, type Mixture, type PayoffMatrix } from "./matrixGame.ts";
import { optimalWelfare } from "./optimum.ts";
import { GAME_STRATEGIES } from "./strategies.ts";

/** Purposes of draws among those of a seed. */
const CHOICES = 5;
/** Markets of the verification are not those of the matrix. */
const FRESH = 0x0f2e5;

/** A mixture in which the dynamics of the matrix come to rest. */
export interface FoundEquilibrium {
  readonly mixture: Mixture;
  /** In the matrix, as a share of a player's part of the best welfare. */
  readonly matrixRegret: number;
  /** In the game of all players on fresh markets: what the best single strategy gains on the mixture. */
  readonly gameRegret: PlannedGain;
  /** Of the best welfare. */
  readonly efficiency: number;
}

export interface EmpiricalGame {
  readonly rule: Rule;
  readonly population: string;
  readonly players: number;
  readonly strategies: readonly string[];
  /** Mean payoff of one player (row) where all others play the column, as a share of its part of the best welfare. */
  readonly matrix: PayoffMatrix;
  readonly equilibria: readonly FoundEquilibrium[];
  /** Welfare of everybody being truthful, of the best welfare. */
  readonly truthfulEfficiency: number;
  /** Best welfare over the welfare of the worst mixture found; null where that is none. */
  readonly priceOfAnarchy: number | null;
}

/**
 * Plays the game of a rule: payoffs from simulation, equilibria from the replicator dynamics of their matrix, and both regret and
 * welfare measured again in the full game.
 *
 * A symmetric game of n players and S strategies has too many profiles. It is reduced to two as in Wiedenbeck and Wellman,
 * "Scaling simulation-based game analysis through deviation-preserving reduction" (AAMAS 2012): one player keeps its choice, the other stands
 * for the n - 1 that choose alike. A deviation from a common strategy is exact; what a mixture loses by the reduction, its regret in the full game shows.
 */
export async function playEmpiricalGame({
  rule,
  population,
  players,
  markets,
  seed,
}: {
  readonly rule: Rule;
  readonly population: Population;
  readonly players: number;
  readonly markets: number;
  readonly seed: number;
}): Promise<EmpiricalGame> {
  const drawn = drawMarkets(population, players, markets, seed);
  const fresh = drawMarkets(population, players, markets, seed ^ FRESH);
  const optimum = async (of: readonly DrawnMarket[]): Promise<number> =>
    optimalWelfare(of.map(({ traders }) => traders));
  const partTicks = (await optimum(drawn)) / (players * markets);
  const matrix = payoffMatrix(rule, population, drawn).map((row) => row.map((ticks) => ticks / partTicks));
  const best = await optimum(fresh);
  const truthful = GAME_STRATEGIES.map((_, place) => (place === 0 ? 1 : 0));
  const equilibria = restPoints(matrix).map((mixture): FoundEquilibrium => ({
    mixture,
    matrixRegret: regretOf(matrix, mixture),
    gameRegret: gameRegret(rule, population, fresh, mixture, seed),
    efficiency: welfareOf(rule, population, fresh, mixture, seed) / best,
  }));
  const worst = Math.min(...equilibria.map(({ efficiency }) => efficiency));
  return {
    ...{ rule, population: population.name, players, matrix, equilibria },
    strategies: GAME_STRATEGIES.map(({ name }) => name),
    truthfulEfficiency: welfareOf(rule, population, fresh, truthful, seed) / best,
    priceOfAnarchy: worst > 0 ? 1 / worst : null,
  };
}

function drawMarkets(population: Population, players: number, markets: number, seed: number): DrawnMarket[] {
  return Array.from({ length: markets }, (_, index) =>
    population.draw(undefined, players, noiseWord(seed, players, index)),
  );
}

/** The focal player plays the row, all others the column. */
function payoffMatrix(rule: Rule, population: Population, markets: readonly DrawnMarket[]): PayoffMatrix {
  const game = new SlotGame(population.prices);
  const sums = GAME_STRATEGIES.map(() => GAME_STRATEGIES.map(() => 0));
  for (const { traders, focal } of markets) {
    const ordersBy = GAME_STRATEGIES.map(({ orders }) => traders.map((trader) => orders(trader, population.prices)));
    ordersBy.forEach((others, column) => {
      ordersBy.forEach((own, row) => {
        const profile = others.slice();
        profile[focal] = own[focal] ?? [];
        const sum = sums[row];
        if (sum !== undefined) {
          sum[column] = (sum[column] ?? 0) + (game.play(rule, traders, profile).payoffTicks[focal] ?? 0);
        }
      });
    });
  }
  return sums.map((row) => row.map((sum) => sum / markets.length));
}

/** What the focal player gains by a single strategy where everybody else draws from the mixture, of what the mixture gets. */
function gameRegret(
  rule: Rule,
  population: Population,
  markets: readonly DrawnMarket[],
  mixture: Mixture,
  seed: number,
): PlannedGain {
  const game = new SlotGame(population.prices);
  const bases: number[] = [];
  const gains = GAME_STRATEGIES.map((): number[] => []);
  markets.forEach(({ traders, focal }, index) => {
    const profile = mixedProfile({ traders, focal }, population, mixture, seed, index);
    const payoffs = GAME_STRATEGIES.map(({ orders }) => {
      const own = traders[focal];
      if (own !== undefined) profile[focal] = orders(own, population.prices);
      return game.play(rule, traders, profile).payoffTicks[focal] ?? 0;
    });
    const base = payoffs.reduce((sum, payoff, strategy) => sum + payoff * (mixture[strategy] ?? 0), 0);
    bases.push(base);
    payoffs.forEach((payoff, strategy) => gains[strategy]?.push(payoff - base));
  });
  const energiesWh = markets.map(({ traders, focal }) => traders[focal]?.energyWh ?? 0);
  return plannedGain({ names: GAME_STRATEGIES.map(({ name }) => name), gains, bases, energiesWh });
}

/** Sum over the markets, ticks. */
function welfareOf(
  rule: Rule,
  population: Population,
  markets: readonly DrawnMarket[],
  mixture: Mixture,
  seed: number,
): number {
  const game = new SlotGame(population.prices);
  return markets.reduce((sum, market, index) => {
    const profile = mixedProfile(market, population, mixture, seed, index);
    return sum + game.play(rule, market.traders, profile).welfareTicks;
  }, 0);
}

/** Every trader draws a strategy; the same market and seed give the same profile. */
function mixedProfile(
  { traders }: Pick<DrawnMarket, "traders" | "focal">,
  population: Population,
  mixture: Mixture,
  seed: number,
  index: number,
): (readonly PlacedOrder[])[] {
  const draws = new Draws(noiseWord(seed, CHOICES, index), CHOICES);
  return traders.map((trader) => {
    let left = draws.next();
    const chosen = mixture.findIndex((share) => (left -= share) < 0);
    const { orders } = GAME_STRATEGIES[chosen === -1 ? 0 : chosen] ?? { orders: () => [] };
    return orders(trader, population.prices);
  });
}
