// A thread of a sweep: it plays the scenario that it is sent, answers, and waits for the next.
import { parentPort } from "node:worker_threads";
import { formatForUser } from "../../errors.ts";
import { compareSteps } from "../compare.ts";
import type { SweepAnswer, SweepTask } from "./runSweep.ts";

parentPort?.on("message", ({ index, scenario }: SweepTask) => {
  parentPort?.postMessage(answer(index, scenario));
});

function answer(index: number, scenario: SweepTask["scenario"]): SweepAnswer {
  try {
    return { index, steps: compareSteps(scenario).steps };
  } catch (error) {
    return { index, problem: formatForUser(error) };
  }
}
