import Table from "cli-table3";
import { formatWh } from "../units.ts";
import type { Comparison } from "./compare.ts";
import type { Measures } from "./measures.ts";

const percent = (share: number | null): string => (share === null ? "-" : `${(share * 100).toFixed(1)} %`);
const power = (watts: number): string => `${(watts / 1_000).toFixed(1)} kW`;
const credits = (amount: number): string => amount.toFixed(2);

/** A line of the table: its figure, and how to show it. Ratios to the first step follow where a figure has them. */
const LINES: readonly (readonly [
  title: string,
  show: (measures: Measures) => string,
  of?: (measures: Measures) => number,
])[] = [
  ["taken by meters", ({ importWh }) => formatWh(importWh), ({ importWh }) => importWh],
  ["given by meters", ({ exportWh }) => formatWh(exportWh), ({ exportWh }) => exportWh],
  ["traded", ({ matchedWh }) => formatWh(matchedWh)],
  ["ceiling of perfect netting", ({ nettingWh }) => formatWh(nettingWh)],
  ["from the grid", ({ gridImportWh }) => formatWh(gridImportWh), ({ gridImportWh }) => gridImportWh],
  ["to the grid", ({ gridExportWh }) => formatWh(gridExportWh), ({ gridExportWh }) => gridExportWh],
  ["lost in lines", ({ lossWh }) => formatWh(lossWh), ({ lossWh }) => lossWh],
  ["peak", ({ peakW }) => power(peakW), ({ peakW }) => peakW],
  ["ramping", ({ rampingW }) => power(rampingW), ({ rampingW }) => rampingW],
  ["load factor", ({ loadFactor }) => percent(loadFactor), ({ loadFactor }) => loadFactor],
  ["self-sufficiency", ({ selfSufficiency }) => percent(selfSufficiency), ({ selfSufficiency }) => selfSufficiency],
  ["self-consumption", ({ selfConsumption }) => percent(selfConsumption), ({ selfConsumption }) => selfConsumption],
  ["CO2 of the grid's energy", ({ co2Kg }) => `${co2Kg.toFixed(1)} kg`, ({ co2Kg }) => co2Kg],
  ["cost of all agents", ({ costCredits }) => `${credits(costCredits)} cr`, ({ costCredits }) => costCredits],
  ["mean clearing price", ({ meanClearingPrice: price }) => (price === null ? "-" : `${price.toFixed(4)} cr/kWh`)],
  ["spread of import prices", ({ priceSpread }) => `${priceSpread.toFixed(4)} cr/kWh`],
  ["training", ({ trainingWh }) => formatWh(trainingWh), ({ trainingWh }) => trainingWh],
  ["of it in surplus slots", ({ trainingInSurplus }) => percent(trainingInSurplus)],
  ["of it matched by certificates", ({ trainingMatched }) => percent(trainingMatched)],
  ["pay for training", ({ trainingPayCredits }) => `${credits(trainingPayCredits)} cr`],
  ["certificates", ({ certificateCredits }) => `${credits(certificateCredits)} cr`],
  ["given by batteries", ({ batteryGivenWh }) => formatWh(batteryGivenWh), ({ batteryGivenWh }) => batteryGivenWh],
  ["given by vehicles", ({ vehicleGivenWh }) => formatWh(vehicleGivenWh)],
  ["load that waited", ({ shiftedWh }) => formatWh(shiftedWh)],
  ["lost in storage", ({ storageLossWh }) => formatWh(storageLossWh), ({ storageLossWh }) => storageLossWh],
  [
    "curtailed",
    ({ curtailedWh, curtailedCredits }) => `${formatWh(curtailedWh)}, ${credits(curtailedCredits)} cr`,
    ({ curtailedWh }) => curtailedWh,
  ],
  [
    "not served",
    ({ unservedWh, unservedCredits }) => `${formatWh(unservedWh)}, ${credits(unservedCredits)} cr`,
    ({ unservedWh }) => unservedWh,
  ],
  ["exergy destroyed", ({ destroyedWh }) => formatWh(destroyedWh), ({ destroyedWh }) => destroyedWh],
  ["second-law efficiency", ({ exergyEfficiency }) => percent(exergyEfficiency)],
  ["gains from trade", ({ welfareCredits }) => `${credits(welfareCredits)} cr`],
  ["rewards of seasons", ({ rewardCredits }) => `${credits(rewardCredits)} cr`],
  ["mean score", ({ meanScorePpm }) => (meanScorePpm === null ? "-" : `${meanScorePpm.toFixed(0)} ppm`)],
  ["inequality of gains", ({ gainInequality }) => (gainInequality === null ? "-" : gainInequality.toFixed(3))],
  ["inequality of unit costs", ({ costInequality }) => costInequality.toFixed(3)],
];

/** The table's rows: a figure's title, then how it shows in each step, with its ratio to the first one. */
export function comparisonRows({ steps }: Comparison): string[][] {
  const base = steps[0]?.measures;
  const rows = LINES.map(([title, show, of]) => [
    title,
    ...steps.map(({ measures }, place) => `${show(measures)}${place === 0 ? "" : ratio(base, measures, of)}`),
  ]);
  const costs = Object.keys(base?.costs ?? {}).map((group) => [
    `cost of ${group}`,
    ...steps.map(({ measures }) => `${credits(measures.costs[group] ?? 0)} cr`),
  ]);
  const conducts = (base?.conducts ?? []).map(({ group, conduct, agents }, place) => [
    `unit cost of ${group}, ${conduct} (${String(agents)})`,
    ...steps.map(({ measures }) => {
      const cost = measures.conducts[place]?.creditsPerKwh ?? null;
      return cost === null ? "-" : `${cost.toFixed(4)} cr/kWh`;
    }),
  ]);
  // A line that no step has anything in says nothing.
  const told = rows.filter(([, ...cells]) => cells.some((cell) => /[1-9]/.test(cell)));
  return [...told, ...costs, ...conducts];
}

/** The comparison for people: a column a step, each figure with its ratio to the step without anything. */
export function formatComparison(comparison: Comparison): string {
  const { scenario, steps } = comparison;
  const table = new Table({
    head: ["", ...steps.map(({ step }) => step)],
    colAligns: ["left", ...steps.map(() => "right" as const)],
    style: { head: [], border: [] },
  });
  table.push(...comparisonRows(comparison));
  return [
    `${scenario.name}: ${String(scenario.agents)} agents, ${String(scenario.days)} days, seed ${String(scenario.seed)}`,
    table.toString(),
    "Trading moves no energy. What differs in energy between the steps comes from storage, shifted loads and training that waits.",
  ].join("\n");
}

function ratio(
  base: Measures | undefined,
  measures: Measures,
  of: ((measures: Measures) => number) | undefined,
): string {
  const whole = base === undefined || of === undefined ? 0 : of(base);
  return whole === 0 || of === undefined ? "" : ` (${(of(measures) / whole).toFixed(3)})`;
}
