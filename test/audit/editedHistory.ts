import {
  readTransactions,
  type AuditCheck,
  type AuditEvent,
  type AuditTransaction,
  type CheckName,
} from "../../src/audit/index.ts";
import type { ReadTransactionsParameters } from "../../src/audit/readTransactions.ts";
import { contractAddress, type Deployment } from "../../src/chain/deployment.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";

export type Args = Record<string, unknown>;

/** Where an event is in a history. */
export interface Site {
  readonly transaction: number;
  readonly event: number;
}

/** A chain on which something was played, up to a block. */
export interface PlayedChain {
  readonly deployment: Deployment;
  readonly rpc: RpcClient;
  readonly toBlock: number;
}

/** All transactions of the market's contracts and of those that are named besides. */
export async function historyOf(
  { deployment, rpc, toBlock }: PlayedChain,
  besides: Pick<ReadTransactionsParameters, "compute" | "certificates" | "reproducible"> = {},
): Promise<AuditTransaction[]> {
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
    ...besides,
    fromBlock: 0,
    toBlock,
  })) {
    history.push(transaction);
  }
  return history;
}

/** The first and the last place of every kind of event that counts. */
export function eachKindOf(
  history: readonly AuditTransaction[],
  counts: (event: AuditEvent) => boolean = () => true,
): Map<string, Site[]> {
  const kinds = new Map<string, Site[]>();
  history.forEach(({ events }, transaction) => {
    events.forEach((one, event) => {
      if (!counts(one)) return;
      const { name } = one.event;
      const site = { transaction, event };
      kinds.set(name, [kinds.get(name)?.[0] ?? site, site]);
    });
  });
  return kinds;
}

export function argsOf(history: readonly AuditTransaction[], { transaction, event }: Site): Args {
  const found = history[transaction]?.events[event]?.event.args;
  if (found === undefined) throw new Error("the history has no such event");
  return found;
}

/** Paths of all values, those of structs and lists included. */
export function valuesOf(value: object): string[][] {
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
    if (typeof part !== "object" || part === null) return [[key]];
    return valuesOf(part).map((path) => [key, ...path]);
  });
}

/** The history with one value of one event changed; everything else is shared. */
export function changed(history: readonly AuditTransaction[], site: Site, path: readonly string[]): AuditTransaction[] {
  return edited(history, site, (args) => bump(args, path));
}

/** The history with one event as `edit` leaves it; everything else is shared. */
export function edited(
  history: readonly AuditTransaction[],
  site: Site,
  edit: (args: Args) => void,
): AuditTransaction[] {
  return replaced(history, site.transaction, (events) =>
    events.map((one, at) => {
      if (at !== site.event) return one;
      const event = structuredClone(one.event) as unknown as { args: Args };
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

/** Puts another value of its kind in the value's place. */
export function bump(args: Args, [key = "", ...rest]: readonly string[]): void {
  const value = args[key];
  if (rest.length > 0) bump(value as Args, rest);
  else if (typeof value === "bigint") args[key] = value + 1n;
  else if (typeof value === "boolean") args[key] = !value;
  else if (typeof value === "number") args[key] = value + 1;
  else if (String(value).length > 66) args[key] = `${String(value).slice(0, -2)}12`;
  else args[key] = String(value).length === 42 ? "0x1234567890AbcdEF1234567890aBcdef12345678" : `0x${"12".repeat(32)}`;
}

export function checkOf(checks: readonly AuditCheck[], name: CheckName): AuditCheck {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`the audit has no check ${name}`);
  return found;
}
