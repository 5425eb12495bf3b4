// A thread of a sweep: it plays the scenario that it is sent, answers, and waits for the next.
import { parentPort } from "node:worker_threads";
import { formatForUser } from "../../errors.ts";
import { compareSteps } from "../compare.ts";
import type { ProfileData } from "../../meters/profiles/profileData.ts";
import { readProfiles } from "../../meters/profiles/readProfiles.ts";
import type { ReadMeasurements } from "../profiles/measuredShapes.ts";
import type { SweepAnswer, SweepTask } from "./runSweep.ts";

/** What the thread has read: a sweep plays the same measurements again and again. */
const known = new Map<string, ProfileData>();

const readOnce: ReadMeasurements = (path, options) => {
  const key = JSON.stringify([path, options]);
  const found = known.get(key) ?? readProfiles(path, options);
  known.set(key, found);
  return found;
};

parentPort?.on("message", ({ index, scenario }: SweepTask) => {
  parentPort?.postMessage(answer(index, scenario));
});

function answer(index: number, scenario: SweepTask["scenario"]): SweepAnswer {
  try {
    return { index, steps: compareSteps(scenario, undefined, undefined, readOnce).steps };
  } catch (error) {
    return { index, problem: formatForUser(error) };
  }
}
