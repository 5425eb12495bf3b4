import { randomStream } from "../meters/profiles/randomStream.ts";
import type { Comparison } from "../simulation/compare.ts";
import type { Scenario } from "../simulation/scenario.ts";
import { openSweeps, type SweepInput, type Sweeps } from "../simulation/sweep/index.ts";
import { createCmaEs } from "./cmaEs.ts";
import { meanObjectives, objectivesOf, valuesOf, type Objectives } from "./objectives.ts";
import { paretoFront } from "./paretoFront.ts";
import {
  CONSTANTS,
  fromUnit,
  readSettings,
  TUNABLES,
  toUnit,
  withSettings,
  type Settings,
  type Tunable,
} from "./tunables.ts";

export interface TuneInput extends Pick<SweepInput, "threads" | "signal"> {
  readonly scenario: Scenario;
  /** Seeds that the search sees, and those that judge what it found; no seed may be in both. */
  readonly seeds: readonly number[];
  readonly heldOutSeeds: readonly number[];
  /** What the held-out seeds play, where it is not the scenario itself: the same with measured homes that the search does not see. */
  readonly heldOutScenario?: Scenario;
  /** Whether the contracts' constants are searched too, which only a new deployment can have otherwise. */
  readonly constants?: boolean;
  /** What is to stay as it is. */
  readonly keep?: readonly Tunable["name"][];
  /** Generations of the search along each direction. */
  readonly generations: number;
  /** After every generation: settings looked at so far, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Evaluated {
  readonly settings: Settings;
  readonly objectives: Objectives;
}

export interface Judged extends Evaluated {
  /** The same on the seeds, and homes, that the search did not see. */
  readonly heldOut: Objectives;
}

export interface Tuning {
  readonly present: Judged;
  readonly evaluated: number;
  /** What no other found setting beats in every objective on the seeds of the search. */
  readonly front: readonly Judged[];
  /**
   * Of the front, what is on the held-out seeds better than the present in one objective and worse in none, with the least sum; every setting that
   * makes no difference to it is what it was.
   */
  readonly chosen: Judged | undefined;
}

/** Weights of the objectives: each by itself above the others, and all alike. */
const DIRECTIONS = [
  [1, 1, 1, 1],
  [4, 1, 1, 1],
  [1, 4, 1, 1],
  [1, 1, 4, 1],
  [1, 1, 1, 4],
] as const;
const FIRST_SIGMA = 0.25;
const POPULATION = 6;
/** What is closer than this to the present value is not called worse: a share of the step without control. */
const INDIFFERENCE = 0.001;

/**
 * Searches settings that a community may prefer: CMA-ES along several weightings of the objectives, all that was looked at in one archive,
 * its Pareto front judged on seeds that the search never saw. The same input gives the same result on any number of threads.
 */
export async function tune(input: TuneInput): Promise<Tuning> {
  const sweeps = openSweeps(input);
  try {
    return await search(input, sweeps);
  } finally {
    await sweeps.close();
  }
}

async function search(input: TuneInput, sweeps: Sweeps): Promise<Tuning> {
  const { scenario, heldOutScenario = scenario, seeds, heldOutSeeds } = input;
  const { generations, constants = false, keep = [], onProgress } = input;
  const searched = constants ? [...TUNABLES, ...CONSTANTS] : TUNABLES;
  const total = 1 + DIRECTIONS.length * generations * POPULATION;
  const start = readSettings(scenario);
  const kept = Object.fromEntries(keep.map((name) => [name, start[name]]));
  const seen = await groundOf({ scenario, sweeps, seeds }, start);
  const unseen = await groundOf({ scenario: heldOutScenario, sweeps, seeds: heldOutSeeds }, start);
  const archive = new Map<string, Evaluated>();
  let done = 0;
  const look = async (all: readonly Settings[]): Promise<Evaluated[]> => {
    const fresh = [...new Map(all.map((settings) => [keyOf(settings), settings]))].filter(([key]) => !archive.has(key));
    const found = await evaluate(
      fresh.map(([, settings]) => settings),
      seen,
    );
    fresh.forEach(([key], index) => {
      const one = found[index];
      if (one !== undefined) archive.set(key, one);
    });
    onProgress?.((done += all.length), total);
    return all.flatMap((settings) => archive.get(keyOf(settings)) ?? []);
  };

  const [present = unevaluated()] = await look([start]);
  for (const [index, weights] of DIRECTIONS.entries()) {
    const random = randomStream(scenario.seed, "tuning", index);
    const strategy = createCmaEs({
      start: toUnit(start, searched),
      sigma: FIRST_SIGMA,
      population: POPULATION,
      normal: () => random.normal(),
    });
    for (let generation = 0; generation < generations; ++generation) {
      const found = await look(strategy.ask().map((point) => ({ ...start, ...fromUnit(point, searched), ...kept })));
      strategy.tell(found.map(({ objectives }) => weighted(objectives, present.objectives, weights)));
    }
  }

  const front = paretoFront([...archive.values()], ({ objectives }) => valuesOf(objectives));
  const judges = await evaluate(
    [present, ...front].map(({ settings }) => settings),
    unseen,
  );
  const judged = [present, ...front].map((one, index) => ({ ...one, heldOut: (judges[index] ?? one).objectives }));
  const [now = { ...present, heldOut: present.objectives }, ...others] = judged;
  const best = choose(now, others);
  const chosen = best === undefined ? undefined : await withoutIdle(best, now, { seen, unseen, searched });
  return { present: now, evaluated: archive.size, front: others, chosen };
}

/** Puts back, one after the other, what makes no difference: nobody should have to vote on it. */
async function withoutIdle(
  best: Judged,
  present: Judged,
  { seen, unseen, searched }: { readonly seen: Ground; readonly unseen: Ground; readonly searched: readonly Tunable[] },
): Promise<Judged> {
  let chosen = best;
  for (const { name } of searched) {
    const settings = { ...chosen.settings, [name]: present.settings[name] };
    if (keyOf(settings) === keyOf(chosen.settings)) continue;
    const [[found], [judge]] = [await evaluate([settings], seen), await evaluate([settings], unseen)];
    if (found === undefined || judge === undefined) continue;
    const without = { ...found, heldOut: judge.objectives };
    const lost = changesFrom(best, without);
    if (lost.every((change) => change <= INDIFFERENCE) && isBetter(present, without)) chosen = without;
  }
  return chosen;
}

function unevaluated(): never {
  throw new Error("the present settings were not evaluated");
}

/** Steps by seed. */
type StepsBySeed = ReadonlyMap<number, Comparison["steps"]>;

/** On what settings are played. */
interface Played {
  readonly scenario: Scenario;
  readonly seeds: readonly number[];
  readonly sweeps: Sweeps;
}

interface Ground extends Played {
  /** Of the present settings. */
  readonly present: StepsBySeed;
}

async function groundOf(played: Played, start: Settings): Promise<Ground> {
  const [present = new Map<number, Comparison["steps"]>()] = await playSettings([start], played);
  return { ...played, present };
}

/** Objectives of each setting, means over the seeds. */
async function evaluate(all: readonly Settings[], ground: Ground): Promise<Evaluated[]> {
  const played = await playSettings(all, ground);
  return all.map((settings, index) => {
    const bySeed = [...(played[index] ?? [])];
    const objectives = bySeed.map(([seed, steps]) => objectivesOf(steps, ground.present.get(seed) ?? []));
    return { settings, objectives: meanObjectives(objectives) };
  });
}

async function playSettings(all: readonly Settings[], { scenario, seeds, sweeps }: Played): Promise<StepsBySeed[]> {
  const combinations = all.map((settings) => ({ values: { ...settings }, scenario: withSettings(scenario, settings) }));
  const swept = await sweeps.run({ combinations, seeds });
  return swept.map(({ runs }) => new Map(runs.map(({ seed, steps }) => [seed, steps])));
}

/** Augmented Chebyshev distance from the present: the worst weighted change, and a little of their sum. */
function weighted(found: Objectives, present: Objectives, weights: readonly number[]): number {
  const now = valuesOf(present);
  const changes = valuesOf(found).map((value, index) => (weights[index] ?? 1) * (value - (now[index] ?? 0)));
  return Math.max(...changes) + 0.05 * changes.reduce((sum, change) => sum + change, 0);
}

function choose(present: Judged, front: readonly Judged[]): Judged | undefined {
  const sumOf = (one: Judged) => changesFrom(present, one).reduce((sum, change) => sum + change, 0);
  return front.filter((one) => isBetter(present, one)).sort((a, b) => sumOf(a) - sumOf(b))[0];
}

/** Whether one is better on the held-out seeds in an objective and worse in none. */
function isBetter(present: Judged, one: Judged): boolean {
  const changes = changesFrom(present, one);
  return changes.every((change) => change <= INDIFFERENCE) && changes.some((change) => change < -INDIFFERENCE);
}

/** What changes from one to the other on the held-out seeds, in the order of the objectives. */
function changesFrom(one: Judged, other: Judged): number[] {
  const before = valuesOf(one.heldOut);
  return valuesOf(other.heldOut).map((value, index) => value - (before[index] ?? 0));
}

function keyOf(settings: Settings): string {
  return [...TUNABLES, ...CONSTANTS].map(({ name }) => settings[name]).join("/");
}
