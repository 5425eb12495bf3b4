import Table from "cli-table3";
import { stringify } from "csv-stringify/sync";
import type { Scenario } from "../../src/simulation/index.ts";
import { flatFigures, type Estimate, type SweptCombination } from "../../src/simulation/sweep/index.ts";
import { pageOf } from "./report/page.ts";
import type { Plot } from "./report/plot.ts";

/** A sweep as its files have it. */
export interface Sweep {
  readonly scenario: { readonly name: string; readonly days: number };
  readonly seeds: readonly number[];
  readonly combinations: readonly SweptCombination[];
}

/** What the table and the plots show of all figures: name, title, unit, and what a figure is divided by for it. */
const SHOWN = [
  { name: "matchedWh", title: "traded", unit: "kWh", divisor: 1_000 },
  { name: "gridImportWh", title: "from the grid", unit: "kWh", divisor: 1_000 },
  { name: "peakW", title: "peak", unit: "kW", divisor: 1_000 },
  { name: "selfSufficiency", title: "self-sufficiency", unit: "%", divisor: 0.01 },
  { name: "costCredits", title: "cost of all agents", unit: "credits", divisor: 1 },
  { name: "trainingInSurplus", title: "training in surplus slots", unit: "%", divisor: 0.01 },
] as const;
type Shown = (typeof SHOWN)[number];

const INTERVAL = "mean ± half of its 95 % confidence interval over seeds";

export function sweepTable(sweep: Sweep): string {
  const [head, ...rows] = sweepRows(sweep);
  const table = new Table({ head: head ?? [], style: { head: [], border: [] } });
  table.push(...rows);
  return [`${titleOf(sweep)}; ${INTERVAL}`, table.toString()].join("\n");
}

/** Every run and step in a row of its own. */
export function sweepCsv({ combinations }: Sweep): string {
  const rows = combinations.flatMap(({ values, runs }) =>
    runs.flatMap(({ seed, steps }) =>
      steps.map(({ step, measures }) => ({ ...values, seed, step, ...flatFigures(measures) })),
    ),
  );
  return stringify(rows, { header: true });
}

export function sweepPage(scenario: Scenario, source: string, sweep: Sweep): string {
  const [head = [], ...rows] = sweepRows(sweep);
  const lead = [scenario.description.trim(), `${titleOf(sweep)}.`].join(" ").trim();
  return pageOf(`Sweep: ${sweep.scenario.name}`, lead, [
    { heading: "Combinations", text: `Each figure is a ${INTERVAL}.`, table: { head, rows } },
    { heading: "Figures", plots: shownOf(sweep).map((shown) => plotOf(sweep, shown)) },
    { heading: "Scenario", text: `Seeds ${sweep.seeds.join(", ")}.`, source },
  ]);
}

function titleOf({ scenario, seeds, combinations }: Sweep): string {
  return `${scenario.name}: ${String(combinations.length)} combinations, ${String(seeds.length)} seeds, ${String(scenario.days)} days`;
}

/** Figures that any run has. */
function shownOf({ combinations }: Sweep): Shown[] {
  return SHOWN.filter(({ name }) =>
    combinations.some(({ steps }) => steps.some(({ figures }) => (figures[name]?.mean ?? 0) !== 0)),
  );
}

function sweepRows(sweep: Sweep): string[][] {
  const shown = shownOf(sweep);
  const varied = Object.keys(sweep.combinations[0]?.values ?? {});
  const head = [...varied, "step", ...shown.map(({ title, unit }) => `${title}, ${unit}`)];
  const rows = sweep.combinations.flatMap(({ values, steps }) =>
    steps.map(({ step, figures }) => [
      ...varied.map((path) => String(values[path])),
      step,
      ...shown.map(({ name, divisor }) => textOf(figures[name] ?? null, divisor)),
    ]),
  );
  return [head, ...rows];
}

function textOf(found: Estimate | null, divisor: number): string {
  if (found === null) return "-";
  const mean = (found.mean / divisor).toFixed(2);
  return found.halfWidth === null ? mean : `${mean} ± ${(found.halfWidth / divisor).toFixed(2)}`;
}

function plotOf({ combinations }: Sweep, { name, title, unit, divisor }: Shown): Plot {
  const steps = combinations[0]?.steps ?? [];
  const varied = Object.keys(combinations[0]?.values ?? {}).join(" / ");
  const column = (place: number, of: (found: Estimate) => number | null): (number | null)[] =>
    combinations.map((combination) => {
      const found = combination.steps[place]?.figures[name];
      const value = found === null || found === undefined ? null : of(found);
      return value === null ? null : value / divisor;
    });
  return {
    title: `${title}${varied === "" ? "" : ` by ${varied}`}: ${INTERVAL}`,
    ...{ kind: "line", labels: combinations.map(({ values }) => Object.values(values).join(" / ")), unit },
    series: steps.map(({ step }, place) => ({
      name: step,
      values: column(place, ({ mean }) => mean),
      halfWidths: column(place, ({ halfWidth }) => halfWidth),
    })),
  };
}
