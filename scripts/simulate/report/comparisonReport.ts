import {
  compareSteps,
  comparisonRows,
  type Comparison,
  type Scenario,
  type Step,
} from "../../../src/simulation/index.ts";
import { formatSlot, slotOf, SLOTS_PER_DAY } from "../../../src/units.ts";
import { gainBins, type Gains } from "./gains.ts";
import { pageOf, type Section } from "./page.ts";
import type { Plot } from "./plot.ts";
import { gainsOf, stepFigures, type Curves, type StepFigures } from "./stepFigures.ts";

/** A comparison with everything that its report plots. */
export interface ComparisonFigures extends Comparison {
  readonly figures: readonly StepFigures[];
  /** What agents gained a day over the first step, by step from the second on. */
  readonly gains: readonly (Gains & { readonly step: Step })[];
}

export function comparisonFigures(scenario: Scenario, onStep?: (step: Step) => void): ComparisonFigures {
  const figures: StepFigures[] = [];
  const gains: { readonly step: Step; readonly values: number[] }[] = [];
  let first: Float64Array | undefined;
  const comparison = compareSteps(scenario, onStep, (run) => {
    figures.push(stepFigures(run));
    if (first === undefined) first = run.costTicks;
    else gains.push({ step: run.step, values: gainsOf(first, run).map((gain) => gain / scenario.days) });
  });
  const bins = gainBins(gains.map(({ values }) => values));
  return {
    ...comparison,
    figures,
    gains: gains.flatMap(({ step }, place) => {
      const found = bins[place];
      return found === undefined ? [] : [{ step, ...found }];
    }),
  };
}

/** The report as one page; `source` is the scenario's own text. */
export function comparisonPage(scenario: Scenario, source: string, found: ComparisonFigures): string {
  const { steps, figures } = found;
  const { agents } = found.scenario;
  const lead = `${String(agents)} agents, ${String(scenario.days)} days from ${scenario.start}, seed ${String(scenario.seed)}.`;
  const trains = figures.some(({ trainingKw }) => trainingKw.some((power) => power > 0));
  const sections: Section[] = [
    {
      heading: "Steps compared",
      text: "Each step has what the one before it has; ratios in brackets are to the first one. No step can trade more than its ceiling of perfect netting but by errors of forecasts.",
      table: { head: ["figure", ...steps.map(({ step }) => step)], rows: comparisonRows(found) },
    },
    { heading: "Mean day", plots: dayPlots(figures) },
    { heading: "Whole time", plots: timePlots(figures, scenario.start) },
    { heading: "Energy mix", plots: mixPlots(found) },
    { heading: "Cost", plots: [costPlot(found)] },
    { heading: "Gains", plots: found.gains.length === 0 ? [] : [gainsPlot(found.gains)] },
    ...(trains ? [{ heading: "Training", plots: [trainingPlot(figures)] }] : []),
    {
      heading: "Scenario",
      text: `Played with seed ${String(scenario.seed)} over ${String(scenario.days)} days.`,
      source,
    },
  ];
  const description = scenario.description.trim();
  return pageOf(`Simulation: ${scenario.name}`, description === "" ? lead : `${description} ${lead}`, sections);
}

const CLOCK = Array.from(
  { length: SLOTS_PER_DAY },
  (_, slot) => `${String(Math.floor(slot / 4)).padStart(2, "0")}:${String((slot % 4) * 15).padStart(2, "0")}`,
);

function dayPlots(figures: readonly StepFigures[]): Plot[] {
  return curvePlots("by hour of the mean day, universal time", CLOCK, (one) => one.day, figures);
}

function timePlots(figures: readonly StepFigures[], start: string): Plot[] {
  const [first] = figures;
  if (first === undefined) return [];
  const { slotsAPoint, netKw } = first.time;
  const from = slotOf(Date.parse(`${start}T00:00:00Z`) / 1_000);
  const labels = netKw.map((_, point) => formatSlot(from + point * slotsAPoint).slice(5, 16));
  return curvePlots("over the whole time", labels, (one) => one.time, figures);
}

function curvePlots(
  along: string,
  labels: readonly string[],
  of: (figures: StepFigures) => Curves,
  figures: readonly StepFigures[],
): Plot[] {
  return [
    {
      title: `Power taken from the grid ${along}; below zero it is given`,
      ...({ kind: "line", labels, unit: "kW" } as const),
      series: figures.map((one) => ({ name: one.step, values: of(one).netKw })),
    },
    {
      title: `Backstop prices ${along}; dashed is what the grid pays`,
      ...({ kind: "line", labels, unit: "cr/kWh" } as const),
      series: [
        ...figures.map((one) => ({ name: one.step, values: of(one).importPrice })),
        ...figures.map((one, colour) => ({ name: one.step, values: of(one).exportPrice, dashed: true, colour })),
      ],
    },
  ];
}

function mixPlots({ steps, figures }: ComparisonFigures): Plot[] {
  const labels = figures.map(({ step }) => step);
  const groups = figures[0]?.mix.map(({ group }) => group) ?? [];
  const stack = "mix";
  const bars = (what: "takenKwh" | "givenKwh") =>
    groups.map((name, place) => ({ name, stack, values: figures.map(({ mix }) => mix[place]?.[what] ?? 0) }));
  const grid = (of: "gridImportWh" | "gridExportWh") => ({
    ...{ name: "grid", stack },
    values: steps.map(({ measures }) => measures[of] / 1_000),
  });
  const shape = { kind: "bar", labels, unit: "kWh" } as const;
  return [
    { title: "Where energy came from", ...shape, series: [...bars("givenKwh"), grid("gridImportWh")] },
    { title: "Where energy went, losses left out", ...shape, series: [...bars("takenKwh"), grid("gridExportWh")] },
  ];
}

function costPlot({ steps }: ComparisonFigures): Plot {
  const groups = Object.keys(steps[0]?.measures.costs ?? {});
  return {
    title: "Cost by group of agents; below zero is earned",
    ...{ kind: "bar", labels: groups, unit: "credits" },
    series: steps.map(({ step, measures }) => ({
      name: step,
      values: groups.map((group) => measures.costs[group] ?? 0),
    })),
  };
}

function gainsPlot(gains: ComparisonFigures["gains"]): Plot {
  const [{ from, width, counts } = { from: 0, width: 1, counts: [] }] = gains;
  return {
    title: "How many agents gained how many credits a day over the first step; each bar is named by its lower end",
    ...{
      kind: "bar",
      labels: counts.map((_, bin) => String(Number((from + bin * width).toPrecision(6)))),
      unit: "agents",
    },
    series: gains.map(({ step, counts: values }) => ({ name: step, values })),
  };
}

function trainingPlot(figures: readonly StepFigures[]): Plot {
  return {
    title: "When training runs, by hour of the mean day, universal time",
    ...{ kind: "line", labels: CLOCK, unit: "kW" },
    series: figures.map(({ step, trainingKw }) => ({ name: step, values: trainingKw })),
  };
}
