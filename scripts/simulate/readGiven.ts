import { parseScenario, partOfHomes, readScenario, type Scenario } from "../../src/simulation/index.ts";
import type { SimulateOptions } from "./options.ts";

/** The scenario of a file with what the options change of it. */
export function readGiven(file: string, { days, seed, profiles, homes }: SimulateOptions): Scenario {
  const scenario = readScenario(file);
  const changed = {
    ...scenario,
    ...(days === undefined ? {} : { days }),
    ...(seed === undefined ? {} : { seed }),
    agents: scenario.agents.map((group) =>
      group.profiles === undefined || profiles === undefined ? group : { ...group, profiles },
    ),
  };
  const parsed = parseScenario(changed, file);
  return homes === undefined ? parsed : partOfHomes(parsed, homes);
}
