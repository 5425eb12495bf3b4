import type { Scenario } from "../simulation/scenario.ts";
import { playEmpiricalGame, type EmpiricalGame } from "./game/empiricalGame.ts";
import { MARKET_LEVERS } from "./levers/marketLevers.ts";
import { measureDeviations, type DeviationGain } from "./measureDeviations.ts";
import { measurePointFarming, seasonSlots } from "./pointFarming.ts";
import { RULES, type Rule } from "./rules/clearOrders.ts";
import { marketPrices, scenarioPopulation } from "./scenarioPopulation.ts";
import { measureShirking, TRAINING_COSTS } from "./training.ts";
import type { Population } from "./types.ts";
import { unitPopulation } from "./unitPopulation.ts";
import { measureWithheldReadings, READING_RULES } from "./withheldReading.ts";

/** Units that divide well, and units that do not divide at all. */
export const UNITS_WH = [1_000, 1] as const;
/** The levers that are not orders. */
const READING = "reading";
const FARMING = "point farming";
const TRAINING = "training";
export const LEVERS: readonly string[] = [...MARKET_LEVERS.map(({ name }) => name), READING, FARMING, TRAINING];
/** Players of an empirical game. */
export const GAME_PLAYERS = 16;
/** Homes and rounds of the levers that need time, at most: they differ less from one another than markets do. */
const MOST_SEASONS = 60;
const FARMING_KIND = "prosumer";
/** Workers' places of a job, as the contract has them. */
const MOST_WORKERS = 16;

export interface StudyOptions {
  readonly scenario: Scenario;
  readonly rules: readonly Rule[];
  readonly levers: readonly string[];
  readonly sizes: readonly number[];
  /** Markets of each measurement. */
  readonly seeds: number;
  /** What all markets are drawn from. */
  readonly seed: number;
  readonly game: boolean;
}

/** A part of a study that can be computed by itself, on any thread. */
export type StudyTask =
  | { readonly what: "deviations"; readonly population: number; readonly kind: string; readonly size: number }
  | { readonly what: "farming" }
  | { readonly what: "training"; readonly size: number; readonly cost: number }
  | { readonly what: "game"; readonly population: number; readonly rule: Rule };

export interface StudyResult {
  readonly gains: readonly DeviationGain[];
  readonly games: readonly EmpiricalGame[];
}

/** Where the traders of a study come from: units, then the scenario. */
export interface Study {
  readonly options: StudyOptions;
  readonly populations: readonly Population[];
}

export function openStudy(options: StudyOptions): Study {
  const prices = marketPrices(options.scenario);
  return {
    options,
    populations: [...UNITS_WH.map((unitWh) => unitPopulation(prices, unitWh)), scenarioPopulation(options.scenario)],
  };
}

/** What a study has to compute, in the order of its results. */
export function planStudy({ options, populations }: Study): StudyTask[] {
  const { levers, rules, sizes, game } = options;
  const traded = MARKET_LEVERS.some(({ name }) => levers.includes(name));
  const read = levers.includes(READING) && READING_RULES.some((rule) => rules.includes(rule));
  const tasks: StudyTask[] = [];
  // The largest markets first, so that no thread is left with one at the end.
  for (const size of [...sizes].sort((a, b) => b - a)) {
    if (!traded && !read) break;
    populations.forEach(({ kinds }, population) => {
      for (const kind of kinds) tasks.push({ what: "deviations", population, kind, size });
    });
  }
  if (levers.includes(FARMING) && populations.some(({ kinds }) => kinds.includes(FARMING_KIND))) {
    tasks.push({ what: "farming" });
  }
  if (levers.includes(TRAINING)) {
    for (const size of sizes.filter((workers) => workers <= MOST_WORKERS)) {
      for (const cost of TRAINING_COSTS) tasks.push({ what: "training", size, cost });
    }
  }
  if (game) {
    populations.forEach((_, population) => {
      // Units that do not divide differ from those that do by rounding alone.
      if (UNITS_WH[population] === 1) return;
      for (const rule of rules) tasks.push({ what: "game", population, rule });
    });
  }
  return tasks;
}

export async function runTask({ options, populations }: Study, task: StudyTask): Promise<StudyResult> {
  const { levers, rules, seeds, seed } = options;
  switch (task.what) {
    case "deviations": {
      const { kind, size } = task;
      const population = populationOf(populations, task.population);
      const parameters = { population, kind, size, rules, markets: seeds, seed };
      const chosen = MARKET_LEVERS.filter(({ name }) => levers.includes(name));
      const gains = measureDeviations({ ...parameters, levers: chosen });
      return {
        gains: levers.includes(READING) ? [...gains, ...measureWithheldReadings(parameters)] : gains,
        games: [],
      };
    }
    case "farming": {
      const homes = Math.min(MOST_SEASONS, seeds);
      const season = seasonSlots(options.scenario);
      return { gains: [measurePointFarming({ season, kind: FARMING_KIND, homes, seed })], games: [] };
    }
    case "training":
      return { gains: [measureShirking({ size: task.size, cost: task.cost, rounds: seeds, seed })], games: [] };
    case "game": {
      const population = populationOf(populations, task.population);
      const { rule } = task;
      return {
        gains: [],
        games: [await playEmpiricalGame({ rule, population, players: GAME_PLAYERS, markets: seeds, seed })],
      };
    }
  }
}

/** The parts of a study as one, sorted by rule, lever and kind, with rising sizes. */
export function joinResults(parts: readonly StudyResult[]): StudyResult {
  const rank = (rule: string): number => {
    const place = (RULES as readonly string[]).indexOf(rule);
    return place === -1 ? RULES.length : place;
  };
  const gains = parts.flatMap((part) => part.gains);
  const kinds = [...new Set(gains.map(({ kind }) => kind))];
  return {
    gains: gains.sort(
      (a, b) =>
        rank(a.rule) - rank(b.rule) ||
        LEVERS.indexOf(a.lever) - LEVERS.indexOf(b.lever) ||
        kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
        a.size - b.size,
    ),
    games: parts.flatMap((part) => part.games),
  };
}

function populationOf(populations: readonly Population[], place: number): Population {
  const population = populations[place];
  if (population === undefined) throw new RangeError(`no population ${String(place)}`);
  return population;
}
