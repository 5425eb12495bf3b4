import Table from "cli-table3";
import { formatSlot } from "../units.ts";
import type { BacktestRow } from "./backtest.ts";
import type { ZoneForecast } from "./forecastZone.ts";
import type { WeatherRelation } from "./weatherRelation.ts";

const PREVIEW = 4;

/** The table of a backtest, with what it says of the longest horizon. */
export function formatBacktest(rows: readonly BacktestRow[]): string {
  const table = new Table({
    head: ["series", "forecaster", "slots ahead", "forecasts", "MAE", "RMSE", "skill MAE", "skill RMSE", "better on"],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    table.push([
      row.kind,
      row.forecaster,
      row.horizon,
      row.forecasts,
      row.mae.toFixed(1),
      row.rmse.toFixed(1),
      percentage(row.skillMae),
      percentage(row.skillRmse),
      `${row.better} of ${row.series}`,
    ]);
  }
  return [table.toString(), ...conclusions(rows)].join("\n");
}

export function formatRelations(relations: readonly WeatherRelation[]): string {
  const lines = relations.map(
    ({ kind, column, correlation }) => `  ${kind.padEnd(8)}${column.padEnd(32)}${correlation.toFixed(2)}`,
  );
  return ["Correlation of daily sums with the weather's, season taken out:", ...lines].join("\n");
}

export function formatZoneForecast({ zone, series }: ZoneForecast): string {
  const table = new Table({
    head: ["series", "history", "forecaster", "first slot forecast", "next values"],
    style: { head: [], border: [] },
  });
  for (const { series: name, history, forecaster, firstSlot, values } of series) {
    const shown = values.slice(0, PREVIEW).join(", ");
    const rest = values.length > PREVIEW ? ` and ${values.length - PREVIEW} more` : "";
    table.push([name, history, forecaster ?? "less than a day", formatSlot(firstSlot), `${shown}${rest}`]);
  }
  return `Zone ${zone}: energy in Wh a slot, prices in ticks per Wh\n${table.toString()}`;
}

function conclusions(rows: readonly BacktestRow[]): string[] {
  const furthest = Math.max(...rows.map(({ horizon }) => horizon));
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const own = rows.filter((row) => row.kind === kind && row.horizon === furthest);
    const [baseline] = own;
    const best = own.reduce((least, row) => (row.mae < least.mae ? row : least));
    const lead = `${kind}, ${furthest} slots ahead:`;
    if (best === baseline) return `${lead} nothing beats the baseline (${best.forecaster}).`;
    return `${lead} ${best.forecaster} is best, skill ${percentage(best.skillMae)} by MAE, ${percentage(best.skillRmse)} by RMSE.`;
  });
}

function percentage(share: number | null): string {
  return share === null ? "none" : `${(100 * share).toFixed(1)} %`;
}
