import asciichart from "asciichart";
import Table from "cli-table3";
import { formatAudit, formatFailure, type AuditReport } from "../../src/audit/index.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { RunReport } from "../../src/community/runReport.ts";
import type { MeterTotals, RunSummary } from "../../src/community/summariseRun.ts";
import type { CommunitySpec } from "../../src/community/types.ts";
import { TICKS_PER_CREDIT } from "../../src/units.ts";

const CHART_HEIGHT = 8;
const CHART_WIDTH = 96;
const WH_PER_KWH = 1_000;
/** Ticks per Wh of one credit per kWh. */
const UNIT_PRICE = 1_000_000;

export interface PrintResultInput {
  readonly summary: RunSummary;
  readonly report: RunReport;
  readonly audited: AuditReport;
  readonly community: CommunitySpec;
}

/** What happened, for people: table by kind of site, an example bill, price and load over the day, the audit. */
export function printResult({ summary, report, audited }: PrintResultInput): void {
  console.log(`\n${kindTable(summary)}`);
  const bill = exampleBill(summary);
  if (bill !== undefined) console.log(`\n${bill}`);
  console.log(`\n${charts(summary)}`);
  console.log(`\n${formatAudit(audited)}`);
  for (const check of audited.checks)
    for (const failure of check.failures.slice(0, 5)) console.log(formatFailure(failure));
  const orders = `${String(report.orders)} orders and ${String(report.readings)} readings`;
  const skipped = `${String(report.skippedOrders)} orders and ${String(report.skippedReadings)} readings were skipped`;
  const traded = `${kWh(report.matchedWh)} kWh of ${kWh(report.importWh)} kWh imported were traded between neighbours`;
  console.log(`\n${orders} in ${String(report.slots)} slots; ${skipped}.\n${traded}.`);
  console.log(report.audit.passed ? "The audit passed." : `The audit FAILED in ${String(report.audit.failed)} checks.`);
}

/** How to reach the chain while it runs. */
export function printConnection(url: string, { chainId, contracts }: Deployment): void {
  console.log(`\nThe chain is running. RPC ${url}, chain id ${String(chainId)}.`);
  for (const [name, address] of Object.entries(contracts)) console.log(`  ${name.padEnd(18)} ${address}`);
  console.log("Press Ctrl-C to stop it.");
}

function kindTable({ meters }: RunSummary): string {
  const table = new Table({
    head: [
      "site",
      "meters",
      "import kWh",
      "export kWh",
      "bought",
      "sold",
      "paid per kWh bought",
      "got per kWh sold",
      "net cost",
    ],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  const kinds = [...new Set(meters.map(({ member }) => member.siteKind))].filter((kind) => kind !== "feeder");
  for (const kind of kinds) {
    const of = meters.filter(({ member }) => member.siteKind === kind);
    const total = (pick: (meter: MeterTotals) => number): number => of.reduce((sum, meter) => sum + pick(meter), 0);
    const money = (pick: (meter: MeterTotals) => bigint): bigint => of.reduce((sum, meter) => sum + pick(meter), 0n);
    const bought = total(({ boughtWh }) => boughtWh);
    const sold = total(({ soldWh }) => soldWh);
    table.push([
      kind,
      of.length,
      kWh(total(({ importWh }) => importWh)),
      kWh(total(({ exportWh }) => exportWh)),
      kWh(bought),
      kWh(sold),
      meanPrice(
        money(({ boughtTicks }) => boughtTicks),
        bought,
      ),
      meanPrice(
        money(({ soldTicks }) => soldTicks),
        sold,
      ),
      credits(money(netCost)),
    ]);
  }
  return `Energy and money by kind of site (prices and costs in credits)\n${table.toString()}`;
}

/** The household that bought and sold most, as it would see it. */
function exampleBill({ meters }: RunSummary): string | undefined {
  const [home] = meters
    .filter(({ member }) => member.siteKind.startsWith("household"))
    .sort((a, b) => Math.min(b.boughtWh, b.soldWh) - Math.min(a.boughtWh, a.soldWh));
  if (home === undefined) return undefined;
  const table = new Table({ colAligns: ["left", "right", "right"], style: { head: [], border: [] } });
  table.push(
    ["bought from neighbours", `${kWh(home.boughtWh)} kWh`, credits(home.boughtTicks)],
    ["sold to neighbours", `${kWh(home.soldWh)} kWh`, credits(-home.soldTicks)],
    ["taken from the grid beyond that", "", credits(home.burnedTicks)],
    ["given to the grid beyond that", "", credits(-home.mintedTicks)],
    ["trading fee", "", credits(home.feeTicks)],
    ["network charge", "", credits(home.networkTicks)],
    ["levy", "", credits(home.levyTicks)],
    ["to pay", "", credits(netCost(home))],
  );
  return `Bill of ${home.member.name} (${home.member.siteKind}): ${kWh(home.importWh)} kWh in, ${kWh(home.exportWh)} kWh out\n${table.toString()}`;
}

function charts({ slots }: RunSummary): string {
  const every = Math.max(1, Math.ceil(slots.length / CHART_WIDTH));
  const rows = slots.filter((_, index) => index % every === 0);
  let last = 0;
  const price = rows.map(({ matchedWh, tradedTicks }) => {
    if (matchedWh > 0) last = Number(tradedTicks) / matchedWh / UNIT_PRICE;
    return last;
  });
  const net = rows.map(({ feederWh }) => (feederWh * 4) / WH_PER_KWH);
  const plot = (values: number[], digits: number): string =>
    asciichart.plot(values, { height: CHART_HEIGHT, format: (value: number) => value.toFixed(digits).padStart(9) });
  return `Mean clearing price, credits per kWh\n${plot(price, 3)}\n\nNet load at the feeders, kW\n${plot(net, 1)}`;
}

function netCost(of: MeterTotals): bigint {
  const paid = of.boughtTicks + of.burnedTicks + of.feeTicks + of.networkTicks + of.levyTicks;
  return paid - of.soldTicks - of.mintedTicks;
}

function kWh(energyWh: number): string {
  return (energyWh / WH_PER_KWH).toFixed(1);
}

function meanPrice(ticks: bigint, energyWh: number): string {
  return energyWh === 0 ? "-" : (Number(ticks) / energyWh / UNIT_PRICE).toFixed(3);
}

function credits(ticks: bigint): string {
  return (Number(ticks) / Number(TICKS_PER_CREDIT)).toFixed(2);
}
