import type { MarketDomain } from "../market/messages.ts";
import type { KernelFunctions } from "../training/reproducible/evaluatePrimitive.ts";
import { loadFunctions } from "../training/reproducible/loadFunctions.ts";
import { applyEvent } from "./applyEvent.ts";
import { Findings } from "./findings.ts";
import { finishTransaction } from "./finishTransaction.ts";
import { createContext, type Run } from "./run.ts";
import { createState, type AuditState } from "./state.ts";
import type { AuditTransaction } from "./types.ts";

export interface RebuildParameters {
  /** In the chain's order. */
  readonly transactions: AsyncIterable<AuditTransaction> | Iterable<AuditTransaction>;
  readonly domain: MarketDomain;
  readonly desk: string;
  /** Told after every transaction, for a progress display. */
  readonly onTransaction?: (transaction: AuditTransaction) => void;
}

export interface Rebuilt {
  readonly state: AuditState;
  readonly findings: Findings;
  readonly transactions: number;
}

// One instance of the kernels serves every audit of a process: each reserves memory.
let loaded: Promise<KernelFunctions> | undefined;

/** Rebuilds the system's state from its events, checking each against the state before it. */
export async function rebuild({ transactions, domain, desk, onTransaction }: RebuildParameters): Promise<Rebuilt> {
  const state = createState();
  const findings = new Findings();
  const exchange = domain.fields.verifyingContract;
  loaded ??= loadFunctions();
  const functions = await loaded;
  let count = 0;
  for await (const transaction of transactions) {
    const run: Run = { state, findings, domain, exchange, desk, functions, tx: createContext(transaction) };
    findings.transaction = transaction.hash;
    transaction.events.forEach((event, index) => {
      run.tx.index = index;
      applyEvent(run, event);
    });
    finishTransaction(run);
    count += 1;
    onTransaction?.(transaction);
  }
  findings.transaction = undefined;
  return { state, findings, transactions: count };
}
