import Table from "cli-table3";
import { stringify } from "csv-stringify/sync";
import { formatPpm, formatSlot, formatWh } from "../units.ts";
import type { EnergyLedger } from "./energyLedger.ts";
import type { BalanceTotals } from "./types.ts";

const LINES: readonly (readonly [title: string, of: (totals: BalanceTotals) => string])[] = [
  ["generation", ({ generationWh }) => formatWh(generationWh)],
  ["surplus of mixed connections", ({ surplusWh }) => formatWh(surplusWh)],
  ["consumption", ({ consumptionWh }) => formatWh(consumptionWh)],
  ["of it met locally, storage included", ({ localWh }) => formatWh(localWh)],
  ["import through feeders", ({ importWh }) => formatWh(importWh)],
  ["export through feeders", ({ exportWh }) => formatWh(exportWh)],
  ["into storage", ({ storageInWh }) => formatWh(storageInWh)],
  ["out of storage", ({ storageOutWh }) => formatWh(storageOutWh)],
  ["storage holds more by", ({ storedWh }) => formatWh(storedWh)],
  ["lost in storage", ({ storageLossWh }) => formatWh(storageLossWh)],
  ["lost in lines", ({ lineLossWh }) => formatWh(lineLossWh)],
  ["curtailed", ({ curtailedWh }) => formatWh(curtailedWh)],
  ["exergy destroyed", ({ destroyedWh }) => formatWh(destroyedWh)],
  ["second-law efficiency", ({ efficiencyPpm }) => share(efficiencyPpm)],
  ["self-sufficiency", ({ selfSufficiencyPpm }) => share(selfSufficiencyPpm)],
];

/** The ledger for people: a column a zone, one for all, and one for all without what incentives moved. */
export function formatLedger(ledger: EnergyLedger): string {
  const { zones, totals, withoutMarket, rows, incomplete, gap, differences, negativeLosses, saved } = ledger;
  if (rows.length === 0) return "Energy: nothing has been read yet.";
  const columns = [...zones, totals, withoutMarket];
  const table = new Table({
    head: ["energy", ...zones.map(({ zone }) => `zone ${String(zone)}`), "all", "without market"],
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: [] },
  });
  for (const [title, of] of LINES) table.push([title, ...columns.map(of)]);
  const slots = rows.map(({ slot }) => slot);
  const [first, last] = [Math.min(...slots), Math.max(...slots)];
  const text = [
    `Energy of slots ${String(first)} to ${String(last)}, from ${formatSlot(first)} until ${formatSlot(last + 1)}: ` +
      `${String(totals.slots)} balances of a zone and slot, ${String(incomplete)} left out because something was not read.`,
    table.toString(),
  ];
  if (gap.readings > 0) {
    text.push(
      `${String(gap.readings)} readings span several slots and are in none: ` +
        `${formatWh(gap.importWh)} imported, ${formatWh(gap.exportWh)} exported.`,
    );
  }
  if (negativeLosses > 0)
    text.push(`In ${String(negativeLosses)} balances the meters gave more than the feeder confirms.`);
  for (const { meter, registersWh, readingsWh } of differences) {
    text.push(
      `DIFFERENCE ${meter}: registers rose by ${String(registersWh.importWh)} and ${String(registersWh.exportWh)} Wh, ` +
        `readings sum to ${String(readingsWh.importWh)} and ${String(readingsWh.exportWh)} Wh.`,
    );
  }
  text.push(
    differences.length === 0
      ? "The first law closes to the watt-hour: readings sum to what every meter's registers rose by."
      : "The first law does NOT close.",
    `Incentives saved ${formatWh(saved.importWh)} of import and ${formatWh(saved.lineLossWh)} of line losses, ` +
      `and kept ${formatWh(saved.localWh)} more local.`,
  );
  return text.join("\n");
}

/** A line for each zone and slot, in Wh. */
export function ledgerCsv({ rows }: EnergyLedger): string {
  return stringify(
    rows.map(({ complete, lineLossWh, ...row }) => ({
      ...row,
      start: formatSlot(row.slot),
      lineLossWh: lineLossWh ?? "",
      complete: complete ? 1 : 0,
    })),
    { header: true },
  );
}

function share(ppm: number | null): string {
  return ppm === null ? "-" : formatPpm(ppm);
}
