import type { Scenario } from "../../src/simulation/scenario.ts";
import { tune, type Tuning } from "../../src/tuning/index.ts";
import { runsBar } from "../simulate/progress.ts";
import type { SearchOptions } from "./options.ts";
import { constantsText, tuningTable } from "./tuningTable.ts";

/** The seeds that the search sees and those that judge it. */
export function seedsOf({ seeds, heldOut }: Pick<SearchOptions, "seeds" | "heldOut">) {
  return { seeds: upFrom(1, seeds), heldOutSeeds: upFrom(seeds + 1, heldOut) };
}

/** What was found among the rules, and among the contracts' constants too where they are asked for. */
export interface Searched {
  readonly tuning: Tuning;
  readonly constants?: Tuning;
}

/**
 * Tunes and prints what was found; undefined where Ctrl-C ended it.
 *
 * @param heldOutScenario What the seeds that judge play, where it is another one.
 */
export async function search(
  scenario: Scenario,
  options: SearchOptions,
  heldOutScenario = scenario,
): Promise<Searched | undefined> {
  const scenarios = { scenario, heldOutScenario };
  const tuning = await searchWithBar(scenarios, options, false);
  if (tuning === undefined) return undefined;
  console.log(tuningTable(tuning));
  if (options.constants !== true) return { tuning };
  const constants = await searchWithBar(scenarios, options, true);
  if (constants === undefined) return undefined;
  console.log(constantsText(constants));
  return { tuning, constants };
}

async function searchWithBar(
  scenarios: { readonly scenario: Scenario; readonly heldOutScenario: Scenario },
  options: SearchOptions,
  constants: boolean,
): Promise<Tuning | undefined> {
  const { generations, threads, keep } = options;
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort(new Error("interrupted"));
  };
  process.once("SIGINT", interrupt);
  let bar: ReturnType<typeof runsBar> | undefined;
  try {
    return await tune({
      ...{ ...scenarios, generations, threads, keep, constants, signal: stop.signal, ...seedsOf(options) },
      onProgress: (done, total) => {
        bar ??= runsBar(total);
        bar.advance(done);
      },
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return undefined;
  } finally {
    process.off("SIGINT", interrupt);
    bar?.finish();
  }
}

function upFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
