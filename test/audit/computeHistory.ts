import {
  readTransactions,
  rebuild,
  type AuditCheck,
  type AuditEvent,
  type AuditTransaction,
  type CheckName,
} from "../../src/audit/index.ts";
import { readCompute } from "../../src/audit/readCompute.ts";
import { contractAddress } from "../../src/chain/deployment.ts";
import type { ComputeRun } from "./computeRun.ts";

export type Args = Readonly<Record<string, unknown>>;
/** Where an event is in a history. */
export interface Site {
  readonly transaction: number;
  readonly event: number;
}

export async function readHistory(run: ComputeRun): Promise<AuditTransaction[]> {
  const { deployment, rpc, toBlock } = run;
  const at = (name: string): string => contractAddress(deployment, name);
  const history: AuditTransaction[] = [];
  for await (const transaction of readTransactions({
    rpc,
    exchange: at("EnergyExchange"),
    credit: at("EnergyCredit"),
    desk: at("CreditDesk"),
    reputation: at("Reputation"),
    seasons: at("Seasons"),
    badges: at("Badges"),
    inspections: at("Inspections"),
    compute: computeOf(run),
    fromBlock: 0,
    toBlock,
  })) {
    history.push(transaction);
  }
  return history;
}

function computeOf({ deployment }: ComputeRun) {
  return {
    providers: contractAddress(deployment, "Providers"),
    market: contractAddress(deployment, "ComputeMarket"),
    queue: contractAddress(deployment, "EnergyQueue"),
    jobs: contractAddress(deployment, "TrainingJobs"),
  };
}

async function rebuilt(run: ComputeRun, transactions: readonly AuditTransaction[]) {
  return rebuild({ transactions, domain: run.market.domain, desk: contractAddress(run.deployment, "CreditDesk") });
}

export async function checksOf(run: ComputeRun, transactions: readonly AuditTransaction[]): Promise<AuditCheck[]> {
  return (await rebuilt(run, transactions)).findings.checks();
}

/** Whether neither the events nor the chain's own state give the change away. */
export async function passes(run: ComputeRun, transactions: readonly AuditTransaction[]): Promise<boolean> {
  const { state, findings } = await rebuilt(run, transactions);
  if (findings.checks().some(({ passed }) => !passed)) return false;
  const compute = computeOf(run);
  await readCompute(state, findings, { rpc: run.rpc, block: run.toBlock, ...compute });
  return findings.checks().every(({ passed }) => passed);
}

export function checkOf(checks: readonly AuditCheck[], name: CheckName): AuditCheck {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`the audit has no check ${name}`);
  return found;
}

export function argsOf(history: readonly AuditTransaction[], { transaction, event }: Site): Args {
  const found = history[transaction]?.events[event]?.event.args;
  if (found === undefined) throw new Error("the history has no such event");
  return found;
}

/** The history with one value of one event changed; everything else is shared. */
export function changed(history: readonly AuditTransaction[], site: Site, path: readonly string[]): AuditTransaction[] {
  return edited(history, site, (args) => bump(args, path));
}

/** The history with one event as `edit` leaves it; everything else is shared. */
export function edited(
  history: readonly AuditTransaction[],
  site: Site,
  edit: (args: Record<string, unknown>) => void,
): AuditTransaction[] {
  return replaced(history, site.transaction, (events) =>
    events.map((one, at) => {
      if (at !== site.event) return one;
      const event = structuredClone(one.event) as unknown as { args: Record<string, unknown> };
      edit(event.args);
      return { source: one.source, event } as unknown as AuditEvent;
    }),
  );
}

export function replaced(
  history: readonly AuditTransaction[],
  transaction: number,
  change: (events: readonly AuditEvent[]) => AuditEvent[],
): AuditTransaction[] {
  return history.map((one, at) => (at === transaction ? { ...one, events: change(one.events) } : one));
}

function bump(args: Record<string, unknown>, [key = "", ...rest]: readonly string[]): void {
  const value = args[key];
  if (rest.length > 0) bump(value as Record<string, unknown>, rest);
  else if (typeof value === "bigint") args[key] = value + 1n;
  else if (typeof value === "boolean") args[key] = !value;
  else if (typeof value === "number") args[key] = value + 1;
  else args[key] = String(value).length === 42 ? "0x1234567890AbcdEF1234567890aBcdef12345678" : `0x${"12".repeat(32)}`;
}
