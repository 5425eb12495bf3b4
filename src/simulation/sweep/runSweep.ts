import { Worker } from "node:worker_threads";
import { JouleworkError } from "../../errors.ts";
import type { Comparison } from "../compare.ts";
import type { Scenario } from "../scenario.ts";
import { labelOf, type Combination } from "./axes.ts";
import { estimateSteps, type StepEstimates } from "./figures.ts";

export interface SweepTask {
  readonly index: number;
  readonly scenario: Scenario;
}

export type SweepAnswer =
  | { readonly index: number; readonly steps: Comparison["steps"]; readonly problem?: undefined }
  | { readonly index: number; readonly problem: string };

export interface SweepInput {
  readonly combinations: readonly Combination[];
  readonly seeds: readonly number[];
  readonly threads: number;
  /** Ends the sweep: its promise is rejected with the signal's reason once all threads are gone. */
  readonly signal?: AbortSignal;
  readonly onDone?: (done: number) => void;
}

export interface SweptCombination {
  readonly values: Combination["values"];
  /** Over all seeds. */
  readonly steps: readonly { readonly step: Comparison["steps"][number]["step"]; readonly figures: StepEstimates }[];
  readonly runs: readonly { readonly seed: number; readonly steps: Comparison["steps"] }[];
}

/**
 * Plays every combination with every seed in worker threads. Which thread plays what has no influence on the result, and a run's arrays
 * are gone when its figures are known.
 *
 * @throws JouleworkError SWEEP_FAILED if a run fails or a thread ends: it names combination and seed.
 */
export async function runSweep(input: SweepInput): Promise<SweptCombination[]> {
  const sweeps = openSweeps(input);
  try {
    return await sweeps.run(input);
  } finally {
    await sweeps.close();
  }
}

/** Threads for several sweeps one after the other, which are dear to start. */
export interface Sweeps {
  readonly run: (input: Pick<SweepInput, "combinations" | "seeds" | "onDone">) => Promise<SweptCombination[]>;
  readonly close: () => Promise<void>;
}

export function openSweeps({ threads, signal }: Pick<SweepInput, "threads" | "signal">): Sweeps {
  const workers: Worker[] = [];
  return {
    async run({ combinations, seeds, onDone }) {
      const tasks = combinations.flatMap(({ scenario }) => seeds.map((seed) => ({ ...scenario, seed })));
      while (workers.length < Math.min(threads, tasks.length)) workers.push(startWorker());
      const found = await playAll({ tasks, workers, signal, onDone }, (index) => {
        const combination = combinations[Math.floor(index / seeds.length)];
        return { combination: labelOf(combination?.values ?? {}), seed: seeds[index % seeds.length] ?? 0 };
      });
      return combinations.map(({ values }, place) => {
        const runs = seeds.map((seed, index) => ({ seed, steps: found[place * seeds.length + index] ?? [] }));
        return { values, steps: estimateSteps(runs), runs };
      });
    },
    close: async () => {
      await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
    },
  };
}

function startWorker(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url));
}

interface Play {
  readonly tasks: readonly Scenario[];
  readonly workers: readonly Worker[];
  readonly signal: AbortSignal | undefined;
  readonly onDone: ((done: number) => void) | undefined;
}

async function playAll(
  { tasks, workers, signal, onDone }: Play,
  nameOf: (index: number) => { combination: string; seed: number },
): Promise<Comparison["steps"][]> {
  signal?.throwIfAborted();
  if (tasks.length === 0) return [];
  const found: Comparison["steps"][] = [];
  let next = 0;
  let done = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
      for (const worker of workers) {
        let index = -1;
        const give = (): void => {
          const scenario = tasks[next];
          if (scenario === undefined) return;
          index = next++;
          worker.postMessage({ index, scenario } satisfies SweepTask);
        };
        const fail = (problem: string, cause?: unknown): void => {
          reject(failure(nameOf(index), problem, cause));
        };
        worker.on("message", (answer: SweepAnswer) => {
          if (answer.problem !== undefined) {
            fail(answer.problem);
            return;
          }
          found[answer.index] = answer.steps;
          onDone?.(++done);
          if (done === tasks.length) resolve();
          else give();
        });
        worker.on("error", (error) => {
          fail(error instanceof Error ? error.message : String(error), error);
        });
        worker.on("exit", (code) => {
          fail(`its thread ended with code ${String(code)}`);
        });
        give();
      }
    });
  } finally {
    for (const worker of workers) worker.removeAllListeners();
  }
  return found;
}

function failure(values: { combination: string; seed: number }, problem: string, cause?: unknown): JouleworkError {
  return new JouleworkError({
    code: "SWEEP_FAILED",
    what: "A run of the sweep failed",
    values: { ...values, problem },
    hint: "Play this combination alone to see what is wrong with it; fewer threads need less memory.",
    ...(cause === undefined ? {} : { cause }),
  });
}
