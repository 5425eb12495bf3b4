import { rebuild, type AuditCheck, type AuditTransaction } from "../../src/audit/index.ts";
import { readCompute } from "../../src/audit/readCompute.ts";
import { contractAddress, type Deployment } from "../../src/chain/deployment.ts";
import type { ComputeRun } from "./computeRun.ts";
import { historyOf } from "./editedHistory.ts";

export function readHistory(run: ComputeRun): Promise<AuditTransaction[]> {
  return historyOf(run, { compute: computeOf(run.deployment) });
}

/** The contracts of the compute market and its jobs. */
export function computeOf(deployment: Deployment) {
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
  const compute = computeOf(run.deployment);
  await readCompute(state, findings, { rpc: run.rpc, block: run.toBlock, ...compute });
  return findings.checks().every(({ passed }) => passed);
}
