import { invalid, type Scenario } from "./scenario.ts";

/** Part of the measured homes: all, those that a rule may be tuned on, or those that are held back to judge it. */
export type HomesPart = Scenario["agents"][number]["homes"];

/** Every third home is held back. */
const HELD_BACK_EVERY = 3;

/** Whether the home at this place of a folder, from 0, belongs to a part. */
export function isInPart(place: number, part: HomesPart): boolean {
  if (part === "all") return true;
  return (place % HELD_BACK_EVERY === HELD_BACK_EVERY - 1) === (part === "held-out");
}

/**
 * The scenario with one part of the measured homes that its groups play, others as they are: what is tuned on `kept` homes is judged on the `held-out`
 * ones, which it has never seen. Throws `SCENARIO_INVALID` where no home is measured, a group has none in the part, or is a part itself.
 */
export function partOfHomes(scenario: Scenario, part: HomesPart): Scenario {
  if (part !== "all" && scenario.agents.every(({ kind }) => kind !== "measured")) {
    throw invalid(scenario.name, "agents", "none of them is measured, so no home can be held back");
  }
  const agents = scenario.agents.map((group, index) => {
    if (group.kind !== "measured") return group;
    if (group.homes !== "all") throw invalid(scenario.name, `agents.${String(index)}.homes`, "it names a part already");
    const count = Array.from({ length: group.count }, (_, place) => place).filter((place) =>
      isInPart(place, part),
    ).length;
    if (count === 0) throw invalid(scenario.name, `agents.${String(index)}.count`, `no home of so few is ${part}`);
    return { ...group, homes: part, count };
  });
  return { ...scenario, agents };
}

export interface SplitHomes {
  readonly kept: Scenario;
  readonly heldOut: Scenario;
}

/** A scenario by kept homes and the same by those held back; undefined where it measures none, names a part already, or has a group too small for it. */
export function splitHomes(scenario: Scenario): SplitHomes | undefined {
  const measured = scenario.agents.filter(({ kind }) => kind === "measured");
  const divisible = measured.every(({ homes, count }) => homes === "all" && count >= HELD_BACK_EVERY);
  if (measured.length === 0 || !divisible) return undefined;
  return { kept: partOfHomes(scenario, "kept"), heldOut: partOfHomes(scenario, "held-out") };
}
