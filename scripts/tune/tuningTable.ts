import Table from "cli-table3";
import {
  CONSTANTS,
  OBJECTIVES,
  TUNABLES,
  type Judged,
  type Objectives,
  type Tunable,
  type Tuning,
} from "../../src/tuning/index.ts";
import { percent } from "./percent.ts";

const HEADS: Readonly<Record<keyof Objectives, string>> = {
  peak: "peak",
  cost: "cost",
  idleTraining: "training undone",
  cheating: "cheating gain",
};

/** The front and the present, each figure on the seeds of the search and, after the slash, on those held out. */
export function tuningTable(
  { present, front, chosen, evaluated }: Tuning,
  tunables: readonly Tunable[] = TUNABLES,
): string {
  const table = new Table({
    head: ["", ...tunables.map(({ name }) => name), ...OBJECTIVES.map((name) => HEADS[name])],
    colAligns: ["left", ...tunables.map(() => "right" as const), ...OBJECTIVES.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  const row = (label: string, { settings, objectives, heldOut }: Judged): string[] => [
    label,
    ...tunables.map(({ name }) => String(settings[name])),
    ...OBJECTIVES.map((name) => `${percent(objectives[name])} / ${percent(heldOut[name])}`),
  ];
  table.push(row("present", present));
  for (const one of front) table.push(row(one === chosen ? "chosen" : "", one));
  // What makes no difference was put back, so that it need not be on the front.
  if (chosen !== undefined && !front.includes(chosen)) table.push(row("chosen", chosen));
  return [
    `${String(evaluated)} settings looked at, ${String(front.length)} that no other beats in everything. Shares of the step without control,`,
    "by the seeds of the search / by seeds that it did not see:",
    table.toString(),
    verdict(present, front, chosen),
  ].join("\n");
}

/** What a search found that was free to change the contracts' constants: nothing that a community can vote on. */
export function constantsText(tuning: Tuning): string {
  const { present, chosen } = tuning;
  const found = chosen ?? present;
  const values = CONSTANTS.map(
    ({ name }) => `${name} ${String(present.settings[name])} -> ${String(found.settings[name])}`,
  );
  return [
    "\nWith the constants of a new deployment searched too, which no vote can change and no proposal holds:",
    tuningTable(tuning, [...TUNABLES, ...CONSTANTS]),
    `Constants: ${values.join(", ")}.`,
  ].join("\n");
}

function verdict(present: Judged, front: readonly Judged[], chosen: Judged | undefined): string {
  const gap = mean(front.map((one) => mean(OBJECTIVES.map((name) => gained(one, present, name)))));
  const lost = `On seeds that the search did not see the front gains ${percent(Math.abs(gap))} ${gap > 0 ? "less" : "more"}, on the mean of objectives.`;
  return chosen === undefined
    ? `${lost} Nothing found there is better in one objective and worse in none: leave the rules as they are.`
    : `${lost} The chosen settings are better there in at least one objective and worse in none.`;
}

/** How much more was gained on the seeds of the search than on the others: what over-fitting would show as. */
function gained(one: Judged, present: Judged, name: keyof Objectives): number {
  return one.heldOut[name] - present.heldOut[name] - (one.objectives[name] - present.objectives[name]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
