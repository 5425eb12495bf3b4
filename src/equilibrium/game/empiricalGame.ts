import { noiseWord } from "../../simulation/noise.ts";
import { Draws } from "../draws.ts";
import { plannedGain, type PlannedGain } from "../gain.ts";
import type { Rule } from "../rules/clearOrders.ts";
import { SlotGame, type SlotOutcome } from "../slotGame.ts";
import type { DrawnMarket, PlacedOrder, Population, Trader } from "../types.ts";
import { regretOf, restPoints, type Mixture, type PayoffMatrix } from "./matrixGame.ts";
import { optimalWelfare } from "./optimum.ts";
import { GAME_STRATEGIES } from "./strategies.ts";

/** Purposes of draws among those of a seed. */
const CHOICES = 5;
/** Markets of the verification are not those of the matrix. */
const FRESH = 0x0f2e5;
/** Players of a market whose payoffs are looked at, each by itself. */
const PROBES = 4;

/** A mixture in which the dynamics of the matrix come to rest. */
export interface FoundEquilibrium {
  readonly mixture: Mixture;
  /** In the matrix, as a share of the band. */
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
  /** Mean payoff of one player (row) where all others play the column, for each Wh that it has, as a share of the band. */
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
  const matrix = payoffMatrix(rule, population, drawn);
  const best = await optimalWelfare(fresh.map(({ traders }) => traders));
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

/** One player plays the row, all others the column. Players have equal weight whatever their size: payoffs are for each Wh. */
function payoffMatrix(rule: Rule, population: Population, markets: readonly DrawnMarket[]): PayoffMatrix {
  const game = new SlotGame(population.prices);
  const sums = GAME_STRATEGIES.map(() => GAME_STRATEGIES.map(() => 0));
  for (const market of markets) {
    const { traders } = market;
    const ordersBy = GAME_STRATEGIES.map(({ orders }) => traders.map((trader) => orders(trader, population.prices)));
    for (const probe of probesOf(market)) {
      ordersBy.forEach((others, column) => {
        ordersBy.forEach((own, row) => {
          const profile = others.slice();
          profile[probe] = own[probe] ?? [];
          const sum = sums[row];
          if (sum === undefined) return;
          sum[column] = (sum[column] ?? 0) + perWh(game.play(rule, traders, profile), traders, probe);
        });
      });
    }
  }
  const { importPrice, exportPrice } = population.prices;
  const weight = 1 / ((importPrice - exportPrice) * markets.length * PROBES);
  return sums.map((row) => row.map((sum) => sum * weight));
}

/** What a player gains by a single strategy where everybody else draws from the mixture, of what the mixture gets. */
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
  markets.forEach((market, index) => {
    const { traders } = market;
    const others = mixedProfile(traders, population, mixture, seed, index);
    const payoffs = GAME_STRATEGIES.map(() => 0);
    for (const probe of probesOf(market)) {
      const own = traders[probe];
      if (own === undefined) continue;
      GAME_STRATEGIES.forEach(({ orders }, strategy) => {
        const profile = others.slice();
        profile[probe] = orders(own, population.prices);
        payoffs[strategy] = (payoffs[strategy] ?? 0) + perWh(game.play(rule, traders, profile), traders, probe);
      });
    }
    const base = payoffs.reduce((sum, payoff, strategy) => sum + payoff * (mixture[strategy] ?? 0), 0);
    bases.push(base);
    payoffs.forEach((payoff, strategy) => gains[strategy]?.push(payoff - base));
  });
  const wattHours = markets.map(() => PROBES);
  return plannedGain({ names: GAME_STRATEGIES.map(({ name }) => name), gains, bases, energiesWh: wattHours });
}

function probesOf({ traders, focal }: DrawnMarket): number[] {
  return Array.from({ length: PROBES }, (_, probe) => (focal + probe) % traders.length);
}

function perWh({ payoffTicks }: SlotOutcome, traders: readonly Trader[], player: number): number {
  return (payoffTicks[player] ?? 0) / (traders[player]?.energyWh ?? 1);
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
    const profile = mixedProfile(market.traders, population, mixture, seed, index);
    return sum + game.play(rule, market.traders, profile).welfareTicks;
  }, 0);
}

/** Every trader draws a strategy; the same market and seed give the same profile. */
function mixedProfile(
  traders: readonly Trader[],
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
