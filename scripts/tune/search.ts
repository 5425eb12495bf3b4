import type { Scenario } from "../../src/simulation/scenario.ts";
import { tune, type Tuning } from "../../src/tuning/index.ts";
import { runsBar } from "../simulate/progress.ts";
import type { SearchOptions } from "./options.ts";

/** The seeds that the search sees and those that judge it. */
export function seedsOf({ seeds, heldOut }: Pick<SearchOptions, "seeds" | "heldOut">) {
  return { seeds: upFrom(1, seeds), heldOutSeeds: upFrom(seeds + 1, heldOut) };
}

/** A tuning with a progress bar, which Ctrl-C ends: undefined then. */
export async function search(scenario: Scenario, options: SearchOptions): Promise<Tuning | undefined> {
  const { generations, threads, keep } = options;
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort(new Error("interrupted"));
  };
  process.once("SIGINT", interrupt);
  let bar: ReturnType<typeof runsBar> | undefined;
  try {
    return await tune({
      ...{ scenario, generations, threads, keep, signal: stop.signal, ...seedsOf(options) },
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
