import Table from "cli-table3";
import { stringify } from "csv-stringify/sync";
import { formatCredits, formatSlot } from "../units.ts";
import type { Bill, BillAmounts } from "./types.ts";

const WH_PER_KWH = 1_000;
const DECIMALS = 4;

/** A bill for people: a block a meter and one for the site. Credits that the site pays are negative. */
export function formatBill(bill: Bill): string {
  const { site, zone, owner, fromSlot, toSlot, lines, total, openPositions } = bill;
  const table = new Table({
    head: ["", "kWh", "credits"],
    colAligns: ["left", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const line of lines) table.push([{ content: `meter ${line.meter}`, colSpan: 3 }], ...rowsOf(line));
  table.push([{ content: `site ${String(site)}`, colSpan: 3 }], ...rowsOf(total));
  const period = `slots ${String(fromSlot)} to ${String(toSlot)}, from ${formatSlot(fromSlot)} until ${formatSlot(toSlot + 1)}`;
  const open =
    openPositions === 0 ? "" : `\n${String(openPositions)} positions of this period wait for their readings.`;
  return `Bill of site ${String(site)} in zone ${String(zone)}, owner ${owner}\n${period}\n${table.toString()}${open}`;
}

/** The same with a line a meter and one for the site; energies in Wh, money in credits, exactly. */
export function billCsv({ site, fromSlot, toSlot, lines, total }: Bill): string {
  const rows = [...lines, { meter: "total", ...total }].map(({ meter, ...amounts }) => ({
    site,
    fromSlot,
    toSlot,
    meter,
    ...exactly(amounts),
  }));
  return stringify(rows, { header: true });
}

/** The same as JSON; money in ticks, as text because JSON's numbers are not exact. */
export function billJson(bill: Bill): string {
  return JSON.stringify(
    bill,
    (_, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value),
    2,
  );
}

function exactly(amounts: BillAmounts): Record<string, string | number> {
  const cells: Record<string, string | number> = {};
  for (const [name, amount] of Object.entries<number | bigint>({ ...amounts })) {
    if (typeof amount === "bigint") cells[name.replace(/Ticks$/, "Credits")] = formatCredits(amount);
    else cells[name] = amount;
  }
  return cells;
}

function rowsOf(amounts: BillAmounts): string[][] {
  const asideTicks = amounts.balanceChangeTicks - amounts.totalTicks;
  return [
    ["  imported", kWh(amounts.importWh), ""],
    ["  exported", kWh(amounts.exportWh), ""],
    ["  bought", kWh(amounts.boughtWh), money(-amounts.boughtTicks)],
    ["  sold", kWh(amounts.soldWh), money(amounts.soldTicks)],
    ["  short, from the grid", kWh(amounts.shortWh), money(-amounts.shortTicks)],
    ["  long, to the grid", kWh(amounts.longWh), money(amounts.longTicks)],
    ["  trading fee", "", money(-amounts.feeTicks)],
    ["  network charge", "", money(-amounts.networkTicks)],
    ["  levy", "", money(-amounts.levyTicks)],
    ...(amounts.otherTicks === 0n ? [] : [["  placed orders and corrections", "", money(amounts.otherTicks)]]),
    ["  total", "", money(amounts.totalTicks)],
    ...(asideTicks === 0n ? [] : [["  of it claims, bond and debt", "", money(-asideTicks)]]),
  ];
}

function kWh(energyWh: number): string {
  return (energyWh / WH_PER_KWH).toFixed(3);
}

function money(ticks: bigint): string {
  return formatCredits(ticks, DECIMALS);
}
