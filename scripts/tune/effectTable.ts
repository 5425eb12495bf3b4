import Table from "cli-table3";
import type { EffectRow, SeasonFigures, TunedSeason } from "../../src/tuning/season/index.ts";
import { percent } from "./percent.ts";

const credits = (value: number): string => value.toFixed(2);

const ROWS: Readonly<Record<keyof SeasonFigures, { readonly label: string; readonly write: (value: number) => string }>> = {
  peakW: { label: "peak, kW", write: (value) => (value / 1_000).toFixed(1) },
  costCredits: { label: "cost of all members, credits", write: credits },
  rewardCredits: { label: "paid by the season, credits", write: credits },
  gridCostCredits: { label: "the same energy without control", write: credits },
  cost: { label: "cost as a share of that", write: percent },
  cheating: { label: "cheating gain", write: percent },
};

/** Every figure as measured before, predicted, and measured afterwards. */
export function effectTable(rows: readonly EffectRow[], { season, nextSeason }: TunedSeason): string {
  const table = new Table({
    head: ["", `season ${String(season)}`, "predicted", `season ${String(nextSeason)}`, "difference"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { figure, before, predicted, measured, difference } of rows) {
    const { label, write } = ROWS[figure];
    table.push([label, ...[before, predicted, measured].map(write), `${difference < 0 ? "" : "+"}${write(difference)}`]);
  }
  const share = rows.find(({ figure }) => figure === "cost");
  const change = (to: number) => ((to - (share?.before ?? 0)) * 100).toFixed(1);
  return [
    `Season ${String(nextSeason)} under the new rules, measured from the chain:`,
    table.toString(),
    `Of what the grid's constant prices would have cost, predicted ${change(share?.predicted ?? 0)} and measured ${change(share?.measured ?? 0)} percentage points.`,
    "Weather and loads are those of other days; training left undone is not told by a chain.",
  ].join("\n");
}
