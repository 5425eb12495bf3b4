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
  const players: Player[] = [];
  return {
    async run({ combinations, seeds, onDone }) {
      const tasks = combinations.flatMap(({ scenario }) => seeds.map((seed) => ({ ...scenario, seed })));
      while (players.length < Math.min(threads, tasks.length)) players.push(new Player());
      const nameOf = (index: number) => ({
        combination: labelOf(combinations[Math.floor(index / seeds.length)]?.values ?? {}),
        seed: seeds[index % seeds.length] ?? 0,
      });
      const found = await playAll({ tasks, players, nameOf, signal, onDone });
      return combinations.map(({ values }, place) => {
        const runs = seeds.map((seed, index) => ({ seed, steps: found[place * seeds.length + index] ?? [] }));
        return { values, steps: estimateSteps(runs), runs };
      });
    },
    close: async () => {
      await Promise.all(players.splice(0).map((player) => player.end()));
    },
  };
}

/** A thread that plays one scenario at a time. */
class Player {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url));
  #settle: { readonly resolve: (answer: SweepAnswer) => void; readonly reject: (error: unknown) => void } | undefined;

  constructor() {
    this.#worker.on("message", (answer: SweepAnswer) => this.#settle?.resolve(answer));
    this.#worker.on("error", (error) => this.#settle?.reject(error));
    this.#worker.on("exit", (code) => this.#settle?.reject(new Error(`its thread ended with code ${String(code)}`)));
  }

  play(task: SweepTask): Promise<SweepAnswer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(task);
    });
  }

  async end(): Promise<void> {
    this.#settle = undefined;
    await this.#worker.terminate();
  }
}

interface Play {
  readonly tasks: readonly Scenario[];
  readonly players: readonly Player[];
  readonly nameOf: (index: number) => { combination: string; seed: number };
  readonly signal: AbortSignal | undefined;
  readonly onDone: ((done: number) => void) | undefined;
}

async function playAll({ tasks, players, nameOf, signal, onDone }: Play): Promise<Comparison["steps"][]> {
  signal?.throwIfAborted();
  const found: Comparison["steps"][] = [];
  let next = 0;
  let done = 0;
  const playOn = async (player: Player): Promise<void> => {
    for (let index = next++; ; index = next++) {
      const scenario = tasks[index];
      if (scenario === undefined) return;
      const answer = await player.play({ index, scenario }).catch((error: unknown) => {
        throw failure(nameOf(index), error instanceof Error ? error.message : String(error), error);
      });
      if (answer.problem !== undefined) throw failure(nameOf(index), answer.problem);
      found[index] = answer.steps;
      onDone?.(++done);
    }
  };
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
  });
  await Promise.race([Promise.all(players.map(playOn)), aborted]);
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
