import { formatCredits, formatWh } from "../units.ts";
import type { AuditReport } from "./audit.ts";
import type { AuditCheck, AuditFailure } from "./types.ts";

const FAILURES_SHOWN = 10;

/** The report as text: one line a check with its figures, then the differences, then what the audit is about. */
export function formatAudit({ passed, checks, totals }: AuditReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map((check) => formatCheck(check, width));
  for (const check of checks.filter(({ failureCount }) => failureCount > 0)) {
    lines.push("", `${check.name}: ${check.title}`);
    for (const failure of check.failures.slice(0, FAILURES_SHOWN)) lines.push(`  ${formatFailure(failure)}`);
    const hidden = check.failureCount - Math.min(check.failures.length, FAILURES_SHOWN);
    if (hidden > 0) lines.push(`  and ${hidden} more`);
  }
  const { fromBlock, toBlock, transactions, events, meters, slotsClosed, tradedWh, supplyTicks } = totals;
  lines.push(
    "",
    `Blocks ${fromBlock} to ${toBlock}: ${transactions} transactions, ${events} events, ${meters} meters, ${slotsClosed} slots closed, ` +
      `${formatWh(tradedWh)} traded, ${formatCredits(supplyTicks, 3)} credits in circulation.`,
  );
  const failures = checks.reduce((sum, { failureCount }) => sum + failureCount, 0);
  lines.push(
    passed
      ? "PASSED: the chain is what its contracts say it must be."
      : `FAILED: ${failures} ${failures === 1 ? "difference" : "differences"}.`,
  );
  return lines.join("\n");
}

/** One difference: where, what, expected and found. */
export function formatFailure({ subject, expected, found, transaction, ...place }: AuditFailure): string {
  const where = Object.entries(place).map(([key, value]) => `${key} ${String(value)}`);
  const prefix = where.length === 0 ? "" : `${where.join(", ")}: `;
  return `${prefix}${subject}: expected ${expected}, found ${found}${transaction === undefined ? "" : ` (${transaction})`}`;
}

/** The report for programs: amounts as decimal strings; with the community's energy where it was asked for. */
export function auditJson(report: AuditReport, energy?: unknown): string {
  return JSON.stringify(
    energy === undefined ? report : { ...report, energy },
    (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    2,
  );
}

function formatCheck({ name, passed, items, figures, title }: AuditCheck, width: number): string {
  const listed = Object.entries(figures).map(([figure, value]) => formatFigure(figure, value));
  const details = listed.length === 0 ? title : listed.join(", ");
  return `${passed ? "ok  " : "FAIL"} ${name.padEnd(width)} ${String(items).padStart(8)} compared  ${details}`;
}

function formatFigure(figure: string, value: number | bigint): string {
  if (figure.endsWith("Ticks")) return `${words(figure.slice(0, -5))} ${formatCredits(BigInt(value), 3)} cr`;
  if (figure.endsWith("Wh")) return `${words(figure.slice(0, -2))} ${formatWh(Number(value))}`;
  if (figure === "minted" || figure === "burned" || figure === "supply" || figure === "donatedBaseUnits") {
    return `${words(figure.replace("BaseUnits", ""))} ${formatCredits(BigInt(value) / 10n ** 9n, 3)} cr`;
  }
  return `${words(figure)} ${value}`;
}

function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
