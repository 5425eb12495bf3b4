import { formatAudit, formatFailure, type AuditReport } from "../../src/audit/index.ts";
import { computeBill, formatBill } from "../../src/billing/index.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import type { GameOutcome } from "../../src/community/gameReport.ts";
import type { SeasonResult } from "../../src/community/playSeason.ts";
import type { RunReport } from "../../src/community/runReport.ts";
import type { RunSummary } from "../../src/community/summariseRun.ts";
import type { TrainingOutcome } from "../../src/community/training/trainingReport.ts";
import { charts } from "./charts.ts";
import { kindTable } from "./kindTable.ts";
import { certificatesText } from "./printCertificates.ts";
import { gameText } from "./printGame.ts";
import { trainingText } from "./printTraining.ts";
import { localPrefix } from "../tasks/support/localPrefix.ts";

const WH_PER_KWH = 1_000;

export interface PrintResultInput {
  readonly summary: RunSummary;
  readonly report: RunReport;
  readonly audited: AuditReport;
  readonly events: readonly ExchangeEvent[];
  /** Number of each site on chain, by its name. */
  readonly sites: ReadonlyMap<string, number>;
  readonly game: GameOutcome;
  readonly season: SeasonResult;
  /** Undefined where homes were measured, or too few sites could take part. */
  readonly training: TrainingOutcome | undefined;
}

/** What happened, for people: table by kind of site, an example bill, price and load over the run, the audit. */
export function printResult(input: PrintResultInput): void {
  const { summary, report, audited, events, sites, game, season, training } = input;
  console.log(`\n${kindTable(summary)}`);
  const bill = exampleBill(summary, events, sites);
  if (bill !== undefined) console.log(`\n${bill}`);
  console.log(`\n${charts(summary)}`);
  console.log(`\n${gameText({ game, season, sites })}`);
  console.log(
    `\n${training === undefined ? "Training: no job, since homes were measured without one, or too few sites take energy" : trainingText(training)}`,
  );
  console.log(`\n${certificatesText(report.certificates)}`);
  console.log(`\n${formatAudit(audited)}`);
  for (const check of audited.checks)
    for (const failure of check.failures.slice(0, 5)) console.log(formatFailure(failure));
  const refused = `${String(report.refusedOrders)} orders got no receipt`;
  const orders = `${String(report.orders)} orders and ${String(report.readings)} readings`;
  const skipped = `${String(report.skippedOrders)} orders and ${String(report.skippedReadings)} readings were skipped`;
  const { deliveredWh, ceilingWh } = report.peerToPeer;
  const traded =
    `${kWh(report.matchedWh)} kWh of ${kWh(report.importWh)} kWh imported were traded between neighbours, ` +
    `${kWh(deliveredWh)} kWh delivered as traded; surplus and deficit met for ${kWh(ceilingWh)} kWh`;
  console.log(`\n${orders} in ${String(report.slots)} slots; ${refused}, ${skipped}.\n${traded}.`);
  console.log(report.audit.passed ? "The audit passed." : `The audit FAILED in ${String(report.audit.failed)} checks.`);
}

/** How to reach the chain while it runs. */
export function printConnection(url: string, { chainId, contracts }: Deployment): void {
  console.log(`\nThe chain is running. RPC ${url}, chain id ${String(chainId)}.`);
  for (const [name, address] of Object.entries(contracts)) console.log(`  ${name.padEnd(18)} ${address}`);
  const local = localPrefix(Number(new URL(url).port));
  console.log(`Look into it from another terminal:`);
  console.log(`  npm run audit${local === "" ? "" : ` -- --rpc ${url}`}`);
  console.log(`  ${local}npx hardhat joulework:show-desk --network localhost`);
  console.log("Press Ctrl-C to stop it.");
}

/** The bill of the prosumer with one meter that bought and sold most. */
function exampleBill(
  { meters, slots }: RunSummary,
  events: readonly ExchangeEvent[],
  sites: ReadonlyMap<string, number>,
): string | undefined {
  const [home] = meters
    .filter(({ member }) => member.kind === "prosumer")
    .sort((a, b) => Math.min(b.boughtWh, b.soldWh) - Math.min(a.boughtWh, a.soldWh));
  const site = sites.get(home?.member.site ?? "");
  const fromSlot = slots[0]?.slot;
  if (home === undefined || site === undefined || fromSlot === undefined) return undefined;
  const bill = computeBill({ events, site, fromSlot, toSlot: fromSlot + slots.length - 1 });
  // The block of its only meter would say the same as the site's.
  return `${home.member.site}, ${home.member.siteKind}\n${formatBill({ ...bill, lines: [] })}`;
}

function kWh(energyWh: number): string {
  return (energyWh / WH_PER_KWH).toFixed(1);
}
