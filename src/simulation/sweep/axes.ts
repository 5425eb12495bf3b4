import { JouleworkError } from "../../errors.ts";
import { parseScenario, type Scenario } from "../scenario.ts";

/** A field of the scenario and the values that a sweep gives it. */
export interface Axis {
  /** Such as `market.slopePpm` or `agents.homes.count`: a list is entered by place, or by the name of what stands in it. */
  readonly path: string;
  readonly values: readonly AxisValue[];
}

export type AxisValue = string | number | boolean;

/** One value of each axis. */
export interface Combination {
  readonly values: Readonly<Record<string, AxisValue>>;
  readonly scenario: Scenario;
}

/** All combinations of the axes, the last axis running fastest; every one is checked as a scenario of its own. */
export function combinationsOf(scenario: Scenario, axes: readonly Axis[]): Combination[] {
  let found: Combination[] = [{ values: {}, scenario }];
  for (const { path, values } of axes) {
    found = found.flatMap((before) =>
      values.map((value) => ({
        values: { ...before.values, [path]: value },
        scenario: withField(before.scenario, path, value),
      })),
    );
  }
  return found.map(({ values, scenario: changed }) => ({ values, scenario: parseScenario(changed, labelOf(values)) }));
}

/** A combination in words. */
export function labelOf(values: Combination["values"]): string {
  const parts = Object.entries(values).map(([path, value]) => `${path}=${String(value)}`);
  return parts.length === 0 ? "the scenario" : parts.join(", ");
}

function withField<Whole extends object>(whole: Whole, path: string, value: AxisValue): Whole {
  const copy = structuredClone(whole);
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let place: unknown = copy;
  for (const step of steps) place = isContainer(place) ? Reflect.get(place, keyIn(place, step)) : undefined;
  if (!isContainer(place) || last === "") {
    throw new JouleworkError({
      code: "SWEEP_FIELD_UNKNOWN",
      what: "The scenario has no such field to vary",
      values: { field: path },
      hint: "Name a field as docs/simulation.md does, such as market.slopePpm or agents.homes.count.",
    });
  }
  Reflect.set(place, keyIn(place, last), value);
  return copy;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The place of what has this name, where names stand in a list. */
function keyIn(container: object, step: string): string {
  if (!Array.isArray(container)) return step;
  const place = container.findIndex((entry: unknown) => isContainer(entry) && Reflect.get(entry, "name") === step);
  return place === -1 ? step : String(place);
}
