import Table from "cli-table3";
import { netCostTicks, type MeterTotals, type RunSummary } from "../../src/community/summariseRun.ts";
import { TICKS_PER_CREDIT } from "../../src/units.ts";

const WH_PER_KWH = 1_000;
/** Ticks per Wh of one credit per kWh. */
const UNIT_PRICE = 1_000_000;

const COLUMNS = ["meters", "import kWh", "export kWh", "bought kWh", "sold kWh", "paid per kWh", "got per kWh"];

/** Energy, money and mean prices by kind of site, and of the whole community. */
export function kindTable({ meters }: RunSummary): string {
  const table = new Table({
    head: ["site", ...COLUMNS, "net cost"],
    colAligns: ["left", ...COLUMNS.map(() => "right" as const), "right"],
    style: { head: [], border: [], compact: true },
  });
  const members = meters.filter(({ member }) => member.siteKind !== "feeder");
  for (const kind of new Set(members.map(({ member }) => member.siteKind))) {
    table.push([kind, ...rowOf(members.filter(({ member }) => member.siteKind === kind))]);
  }
  table.push(["all", ...rowOf(members)]);
  return `Energy and money by kind of site (prices and costs in credits)\n${table.toString()}`;
}

function rowOf(meters: readonly MeterTotals[]): string[] {
  const energy = (pick: (meter: MeterTotals) => number): number => meters.reduce((sum, meter) => sum + pick(meter), 0);
  const money = (pick: (meter: MeterTotals) => bigint): bigint => meters.reduce((sum, meter) => sum + pick(meter), 0n);
  const boughtWh = energy((meter) => meter.boughtWh);
  const soldWh = energy((meter) => meter.soldWh);
  return [
    String(meters.length),
    kWh(energy(({ importWh }) => importWh)),
    kWh(energy(({ exportWh }) => exportWh)),
    kWh(boughtWh),
    kWh(soldWh),
    meanPrice(
      money(({ boughtTicks }) => boughtTicks),
      boughtWh,
    ),
    meanPrice(
      money(({ soldTicks }) => soldTicks),
      soldWh,
    ),
    (Number(money(netCostTicks)) / Number(TICKS_PER_CREDIT)).toFixed(2),
  ];
}

function kWh(energyWh: number): string {
  return (energyWh / WH_PER_KWH).toFixed(1);
}

function meanPrice(ticks: bigint, energyWh: number): string {
  return energyWh === 0 ? "-" : (Number(ticks) / energyWh / UNIT_PRICE).toFixed(3);
}
