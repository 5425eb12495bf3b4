import { blockCall, plainCall } from "../chain/calls.ts";
import { EXCHANGE_ABI } from "../chain/exchangeAbi.ts";
import { readEvents } from "../chain/logs.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { mismatch } from "./mismatch.ts";
import { decodeCalls, decodeTrace, type CalledContract } from "./decodeCalls.ts";
import type { ComputeContracts } from "./readCompute.ts";
import type { CertificateContracts } from "./readCertificates.ts";
import { createDrawReader } from "./readDraws.ts";
import {
  BADGES_ABI,
  CERTIFICATES_ABI,
  CERTIFICATE_MARKET_ABI,
  CREDIT_ABI,
  DESK_ABI,
  INSPECTIONS_ABI,
  JOBS_ABI,
  MARKET_ABI,
  PROVIDERS_ABI,
  QUEUE_ABI,
  REPRODUCIBLE_JOBS_ABI,
  REPUTATION_ABI,
  SEASONS_ABI,
} from "./systemAbi.ts";
import type {
  AuditCall,
  AuditEvent,
  AuditTransaction,
  BadgesEvent,
  CertificatesEvent,
  CreditEvent,
  DeskEvent,
  InspectionsEvent,
  JobsEvent,
  MarketEvent,
  OffersEvent,
  ProvidersEvent,
  QueueEvent,
  ReproducibleEvent,
  ReputationEvent,
  SeasonsEvent,
} from "./types.ts";
import type { ExchangeEvent } from "../chain/exchange.ts";

export interface ReadTransactionsParameters {
  readonly rpc: RpcClient;
  readonly exchange: string;
  readonly credit: string;
  readonly desk: string;
  readonly reputation: string;
  readonly seasons: string;
  readonly badges: string;
  readonly inspections: string;
  /** Compute and training, where the deployment has them. */
  readonly compute?: ComputeContracts;
  readonly certificates?: CertificateContracts;
  /** Reproducible jobs, likewise. */
  readonly reproducible?: string | undefined;
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly chunkBlocks?: number;
}

const ABI = [
  ...EXCHANGE_ABI,
  ...CREDIT_ABI,
  ...DESK_ABI,
  ...REPUTATION_ABI,
  ...SEASONS_ABI,
  ...BADGES_ABI,
  ...INSPECTIONS_ABI,
  ...PROVIDERS_ABI,
  ...MARKET_ABI,
  ...QUEUE_ABI,
  ...JOBS_ABI,
  ...REPRODUCIBLE_JOBS_ABI,
  ...CERTIFICATES_ABI,
  ...CERTIFICATE_MARKET_ABI,
];

/** Every transaction that left events of the contracts, in the chain's order; only one part is held at a time. */
export async function* readTransactions({
  rpc,
  exchange,
  credit,
  desk,
  reputation,
  seasons,
  badges,
  inspections,
  compute = {},
  certificates: { certificates, offers } = {},
  reproducible,
  fromBlock,
  toBlock,
  chunkBlocks = 500,
}: ReadTransactionsParameters): AsyncGenerator<AuditTransaction> {
  const { providers, market, queue, jobs } = compute;
  const sources = new Map([
    [exchange, "exchange"],
    [credit, "credit"],
    [desk, "desk"],
    [reputation, "reputation"],
    [seasons, "seasons"],
    [badges, "badges"],
    [inspections, "inspections"],
    ...(providers === undefined ? [] : [[providers, "providers"] as const]),
    ...(market === undefined ? [] : [[market, "market"] as const]),
    ...(queue === undefined ? [] : [[queue, "queue"] as const]),
    ...(jobs === undefined ? [] : [[jobs, "jobs"] as const]),
    ...(reproducible === undefined ? [] : [[reproducible, "reproducible"] as const]),
    ...(certificates === undefined ? [] : [[certificates, "certificates"] as const]),
    ...(offers === undefined ? [] : [[offers, "offers"] as const]),
  ]);
  const drawReader = createDrawReader(rpc, jobs);
  const range = { rpc, abi: ABI, address: [...sources.keys()], fromBlock, toBlock, chunkBlocks };
  for await (const { events } of readEvents(range)) {
    const grouped = new Map<string, { readonly blockNumber: number; readonly events: AuditEvent[] }>();
    for (const event of events) {
      let group = grouped.get(event.transactionHash);
      if (group === undefined) {
        group = { blockNumber: event.blockNumber, events: [] };
        grouped.set(event.transactionHash, group);
      }
      group.events.push(attribute(sources.get(event.address), event));
    }
    const times = await readTimes(rpc, [...new Set(events.map(({ blockNumber }) => blockNumber))]);
    const calls = await readCalls(rpc, exchange, "exchange", touching(grouped, "exchange"));
    const jobCalls = jobs === undefined ? calls : await readCalls(rpc, jobs, "jobs", touching(grouped, "jobs"));
    const offerCalls =
      offers === undefined ? calls : await readCalls(rpc, offers, "offers", touching(grouped, "offers"));
    const played = touching(grouped, "reproducible");
    const reproducibleCalls =
      reproducible === undefined ? calls : await readCalls(rpc, reproducible, "reproducible", played);
    for (const [hash, group] of grouped) {
      const timestamp = times.get(group.blockNumber) ?? mismatch("The node lost a block", { block: group.blockNumber });
      const drawHashes = await drawReader(group);
      yield {
        hash,
        ...group,
        timestamp,
        // What leaves no event of a contract has called none of its verbs.
        calls: has(group, "exchange") ? calls.get(hash) : [],
        jobCalls: has(group, "jobs") ? jobCalls.get(hash) : [],
        offerCalls: has(group, "offers") ? offerCalls.get(hash) : [],
        reproducibleCalls: has(group, "reproducible") ? reproducibleCalls.get(hash) : [],
        ...(drawHashes === undefined ? {} : { drawHashes }),
      };
    }
  }
}

type Groups = ReadonlyMap<string, { readonly events: readonly AuditEvent[] }>;

function touching(grouped: Groups, source: CalledContract): string[] {
  return [...grouped].filter(([, group]) => has(group, source)).map(([hash]) => hash);
}

function has({ events }: { readonly events: readonly AuditEvent[] }, of: CalledContract): boolean {
  return events.some(({ source }) => source === of);
}

// The interfaces share names; whose event it is, its address says.
function attribute(source: string | undefined, event: object): AuditEvent {
  if (source === "exchange") return { source, event: event as ExchangeEvent };
  if (source === "credit") return { source, event: event as CreditEvent };
  if (source === "reputation") return { source, event: event as ReputationEvent };
  if (source === "seasons") return { source, event: event as SeasonsEvent };
  if (source === "badges") return { source, event: event as BadgesEvent };
  if (source === "inspections") return { source, event: event as InspectionsEvent };
  if (source === "providers") return { source, event: event as ProvidersEvent };
  if (source === "market") return { source, event: event as MarketEvent };
  if (source === "queue") return { source, event: event as QueueEvent };
  if (source === "jobs") return { source, event: event as JobsEvent };
  if (source === "reproducible") return { source, event: event as ReproducibleEvent };
  if (source === "certificates") return { source, event: event as CertificatesEvent };
  if (source === "offers") return { source, event: event as OffersEvent };
  return { source: "desk", event: event as DeskEvent };
}

async function readTimes(rpc: RpcClient, numbers: readonly number[]): Promise<Map<number, number>> {
  const blocks = await rpc.all(numbers.map((number) => blockCall(number)));
  return new Map(blocks.flatMap((block) => (block === undefined ? [] : [[block.number, block.timestamp]])));
}

/** What each transaction called on a contract: from its own calldata, or traced where another contract called. */
async function readCalls(
  rpc: RpcClient,
  address: string,
  contract: CalledContract,
  hashes: readonly string[],
): Promise<Map<string, AuditCall[]>> {
  const transactions = await rpc.all(hashes.map((hash) => plainCall("eth_getTransactionByHash", [hash])));
  const calls = new Map<string, AuditCall[]>();
  for (const [index, hash] of hashes.entries()) {
    const transaction = transactions[index];
    if (!isTransaction(transaction)) continue;
    if (transaction.to?.toLowerCase() === address.toLowerCase()) {
      calls.set(hash, decodeCalls(transaction.input, transaction.from, contract));
      continue;
    }
    if (transaction.to === null) {
      calls.set(hash, []);
      continue;
    }
    const [traced] = await rpc.batch([plainCall("debug_traceTransaction", [hash, { tracer: "callTracer" }])]);
    if (traced.ok) calls.set(hash, decodeTrace(traced.value, address, contract));
  }
  return calls;
}

function isTransaction(
  value: unknown,
): value is { readonly from: string; readonly to: string | null; readonly input: string } {
  return typeof value === "object" && value !== null && "from" in value && "to" in value && "input" in value;
}
