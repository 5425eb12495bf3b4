import Table from "cli-table3";
import type { EffectRow, SeasonFigures, TunedSeason } from "../../src/tuning/season/index.ts";
import { percent } from "./percent.ts";

/** How a figure and a change of it are written. */
interface Row {
  readonly label: string;
  readonly write: (value: number) => string;
  readonly writeChange?: (value: number) => string;
}

const credits = (value: number): string => value.toFixed(2);
const points = (value: number): string => `${(value * 100).toFixed(1)} pp`;

const ROWS: Readonly<Record<keyof SeasonFigures, Row>> = {
  peakW: { label: "peak, kW", write: (value) => (value / 1_000).toFixed(1) },
  costCredits: { label: "cost of all members, credits", write: credits },
  rewardCredits: { label: "paid by the season, credits", write: credits },
  gridCostCredits: { label: "the same energy without control", write: credits },
  cost: { label: "cost as a share of that", write: percent, writeChange: points },
  cheating: { label: "cheating gain", write: percent, writeChange: points },
};

/** Every figure of the season after a change, and how far it changed beside how far it was said to. */
export function effectTable(rows: readonly EffectRow[], { season, nextSeason }: TunedSeason): string {
  const head = ["measured", "under the old rules", "change", "predicted change", "difference"];
  const table = new Table({
    head: [`season ${String(nextSeason)}`, ...head],
    colAligns: ["left", ...head.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { figure, measured, unchanged, measuredChange, predictedChange, difference } of rows) {
    const { label, write, writeChange = write } = ROWS[figure];
    const signed = (value: number): string => withSign(writeChange(value));
    table.push([
      label,
      write(measured),
      write(unchanged),
      ...[measuredChange, predictedChange, difference].map(signed),
    ]);
  }
  return [
    `Season ${String(nextSeason)}, measured from the chain, beside the same days under the old rules, by simulation; predicted was the change of season ${String(season)}:`,
    table.toString(),
    "Peak power under the old rules is that of the same energy, since nothing that was measured moves; training left undone is not told by a chain.",
  ].join("\n");
}

/** What is written as zero has no sign. */
function withSign(written: string): string {
  const bare = written.replace(/^-/, "");
  if (!/[1-9]/.test(bare)) return bare;
  return bare === written ? `+${bare}` : written;
}
