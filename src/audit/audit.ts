import { blockCall } from "../chain/calls.ts";
import { checkDeployment, contractAddress, type Deployment } from "../chain/deployment.ts";
import { SYSTEM_ERRORS } from "../chain/exchangeAbi.ts";
import { createRpcClient, type RpcClient } from "../chain/rpc.ts";
import { JouleworkError } from "../errors.ts";
import { marketDomain } from "../market/messages.ts";
import { finalChecks } from "./finalChecks.ts";
import type { Findings } from "./findings.ts";
import { readBack } from "./readBack.ts";
import { readCertificates, type CertificateContracts } from "./readCertificates.ts";
import { readCompute, type ComputeContracts } from "./readCompute.ts";
import { readReproducible } from "./reproducible/readReproducible.ts";
import { readTransactions } from "./readTransactions.ts";
import { rebuild } from "./rebuild.ts";
import type { AuditState } from "./state.ts";
import type { AuditCheck, AuditTransaction } from "./types.ts";

export interface AuditParameters {
  readonly deployment: Deployment;
  readonly rpcUrl?: string;
  /** Instead of an address: a client of the caller's. */
  readonly rpc?: RpcClient;
  /** The last block to look at; the newest where absent. The node must still have its state. */
  readonly toBlock?: number;
  readonly chunkBlocks?: number;
  readonly onTransaction?: (transaction: AuditTransaction) => void;
}

/** Counts and sums of the audited history; money in ticks, `supplyTicks` rounded down. */
export interface AuditTotals {
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly transactions: number;
  readonly events: number;
  readonly zones: number;
  readonly sites: number;
  readonly meters: number;
  readonly slotsClosed: number;
  readonly clearings: number;
  readonly ordersCleared: number;
  readonly readings: number;
  readonly gapReadings: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly tradedWh: number;
  readonly mintedTicks: bigint;
  readonly burnedTicks: bigint;
  readonly feeTicks: bigint;
  readonly supplyTicks: bigint;
}

export interface AuditReport {
  readonly passed: boolean;
  readonly checks: readonly AuditCheck[];
  readonly totals: AuditTotals;
}

/**
 * Audits a deployment from the chain alone: rebuilds every word, record and balance from events and calldata, recomputes
 * every clearing and settlement, and compares the end with what the chain holds.
 */
export async function audit({
  deployment,
  rpcUrl,
  rpc: given,
  toBlock,
  onTransaction,
  ...options
}: AuditParameters): Promise<AuditReport> {
  const rpc = given ?? createRpcClient({ url: requireUrl(rpcUrl), errors: SYSTEM_ERRORS });
  await checkDeployment(rpc, deployment);
  const exchange = contractAddress(deployment, "EnergyExchange");
  const credit = contractAddress(deployment, "EnergyCredit");
  const desk = contractAddress(deployment, "CreditDesk");
  const reputation = contractAddress(deployment, "Reputation");
  const seasons = contractAddress(deployment, "Seasons");
  const badges = contractAddress(deployment, "Badges");
  const inspections = contractAddress(deployment, "Inspections");
  const domain = marketDomain(deployment.chainId, exchange);
  const block = await lastBlock(rpc, deployment.deployBlock, toBlock);

  const compute = computeContracts(deployment);
  const contracts = { exchange, credit, desk, reputation, seasons, badges, inspections };
  const certificates = certificateContracts(deployment);
  const reproducible = deployment.contracts.ReproducibleJobs;
  const range = {
    rpc,
    ...contracts,
    compute,
    certificates,
    reproducible,
    fromBlock: deployment.deployBlock,
    toBlock: block,
  };
  const { state, findings, transactions } = await rebuild({
    transactions: readTransactions({ ...range, ...options }),
    domain,
    desk,
    ...(onTransaction === undefined ? {} : { onTransaction }),
  });
  finalChecks(state, findings, domain);
  await readBack(state, findings, { rpc, domain, ...contracts, block });
  await readCompute(state, findings, { rpc, block, ...compute });
  await readCertificates(state.certificates, findings, { rpc, block, ...certificates });
  await readReproducible(state.reproducible, findings, { rpc, block, reproducible, seasons });
  const checks = findings.checks();
  return {
    passed: checks.every(({ passed }) => passed),
    checks,
    totals: { fromBlock: deployment.deployBlock, toBlock: block, transactions, ...totalsOf(state, findings) },
  };
}

/** Compute and training, which a deployment may lack. */
function computeContracts({ contracts }: Deployment): ComputeContracts {
  const { Providers, ComputeMarket, EnergyQueue, TrainingJobs } = contracts;
  return {
    ...(Providers === undefined ? {} : { providers: Providers }),
    ...(ComputeMarket === undefined ? {} : { market: ComputeMarket }),
    ...(EnergyQueue === undefined ? {} : { queue: EnergyQueue }),
    ...(TrainingJobs === undefined ? {} : { jobs: TrainingJobs }),
  };
}

/** Certificates and their market, which a deployment may lack. */
function certificateContracts({ contracts }: Deployment): CertificateContracts {
  const { EnergyCertificates, CertificateMarket } = contracts;
  return {
    ...(EnergyCertificates === undefined ? {} : { certificates: EnergyCertificates }),
    ...(CertificateMarket === undefined ? {} : { offers: CertificateMarket }),
  };
}

function totalsOf(state: AuditState, findings: Findings): Omit<AuditTotals, "fromBlock" | "toBlock" | "transactions"> {
  return {
    events: Number(findings.figure("events", "events")),
    zones: state.zones.size,
    sites: state.sites.size,
    meters: state.meters.size,
    slotsClosed: Number(findings.figure("feeder", "slotsClosed")),
    clearings: Number(findings.figure("clearing", "clearings")),
    ordersCleared: Number(findings.figure("clearing", "orders")),
    readings: Number(findings.figure("settlement", "readings")),
    gapReadings: Number(findings.figure("settlement", "gapReadings")),
    importWh: Number(findings.figure("registers", "importWh")),
    exportWh: Number(findings.figure("registers", "exportWh")),
    tradedWh: Number(findings.figure("slots", "tradedWh")),
    mintedTicks: BigInt(findings.figure("gridLeg", "mintedTicks")),
    burnedTicks: BigInt(findings.figure("gridLeg", "burnedTicks")),
    feeTicks: BigInt(findings.figure("slots", "feeTicks")),
    supplyTicks: state.supply / 10n ** 9n,
  };
}

async function lastBlock(rpc: RpcClient, from: number, wanted: number | undefined): Promise<number> {
  const newest = await rpc.call(blockCall("latest"));
  const last = wanted ?? newest?.number ?? -1;
  if (newest !== undefined && last >= from && last <= newest.number) return last;
  throw new JouleworkError({
    code: "AUDIT_RANGE_INVALID",
    what: "The chain has no such range of blocks",
    values: { fromBlock: from, toBlock: last, newest: newest?.number ?? null },
    hint: "Name a last block between the deployment's and the newest one.",
  });
}

function requireUrl(rpcUrl: string | undefined): string {
  if (rpcUrl !== undefined) return rpcUrl;
  throw new JouleworkError({
    code: "RPC_URL_MISSING",
    what: "The audit needs a node",
    hint: "Give rpcUrl, such as http://127.0.0.1:8545, or a client.",
  });
}
