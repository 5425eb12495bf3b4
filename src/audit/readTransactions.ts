import { blockCall, plainCall } from "../chain/calls.ts";
import { EXCHANGE_ABI } from "../chain/exchangeAbi.ts";
import { readEvents } from "../chain/logs.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { mismatch } from "./mismatch.ts";
import { decodeCalls, decodeTrace } from "./decodeCalls.ts";
import { BADGES_ABI, CREDIT_ABI, DESK_ABI, INSPECTIONS_ABI, REPUTATION_ABI, SEASONS_ABI } from "./systemAbi.ts";
import type {
  AuditCall,
  AuditEvent,
  AuditTransaction,
  BadgesEvent,
  CreditEvent,
  DeskEvent,
  InspectionsEvent,
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
  fromBlock,
  toBlock,
  chunkBlocks = 500,
}: ReadTransactionsParameters): AsyncGenerator<AuditTransaction> {
  const sources = new Map([
    [exchange, "exchange"],
    [credit, "credit"],
    [desk, "desk"],
    [reputation, "reputation"],
    [seasons, "seasons"],
    [badges, "badges"],
    [inspections, "inspections"],
  ]);
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
    const touching = [...grouped].filter(([, group]) => group.events.some(({ source }) => source === "exchange"));
    const calls = await readCalls(
      rpc,
      exchange,
      touching.map(([hash]) => hash),
    );
    for (const [hash, group] of grouped) {
      const timestamp = times.get(group.blockNumber) ?? mismatch("The node lost a block", { block: group.blockNumber });
      // What leaves no event of the exchange has called none of its verbs.
      const silent = group.events.every(({ source }) => source !== "exchange");
      yield { hash, ...group, timestamp, calls: silent ? [] : calls.get(hash) };
    }
  }
}

// The interfaces share names; whose event it is, its address says.
function attribute(source: string | undefined, event: object): AuditEvent {
  if (source === "exchange") return { source, event: event as ExchangeEvent };
  if (source === "credit") return { source, event: event as CreditEvent };
  if (source === "reputation") return { source, event: event as ReputationEvent };
  if (source === "seasons") return { source, event: event as SeasonsEvent };
  if (source === "badges") return { source, event: event as BadgesEvent };
  if (source === "inspections") return { source, event: event as InspectionsEvent };
  return { source: "desk", event: event as DeskEvent };
}

async function readTimes(rpc: RpcClient, numbers: readonly number[]): Promise<Map<number, number>> {
  const blocks = await rpc.all(numbers.map((number) => blockCall(number)));
  return new Map(blocks.flatMap((block) => (block === undefined ? [] : [[block.number, block.timestamp]])));
}

/** What each transaction called on the exchange: from its own calldata, or traced where another contract called. */
async function readCalls(
  rpc: RpcClient,
  exchange: string,
  hashes: readonly string[],
): Promise<Map<string, AuditCall[]>> {
  const transactions = await rpc.all(hashes.map((hash) => plainCall("eth_getTransactionByHash", [hash])));
  const calls = new Map<string, AuditCall[]>();
  for (const [index, hash] of hashes.entries()) {
    const transaction = transactions[index];
    if (!isTransaction(transaction)) continue;
    if (transaction.to?.toLowerCase() === exchange.toLowerCase()) {
      calls.set(hash, decodeCalls(transaction.input, transaction.from));
      continue;
    }
    if (transaction.to === null) {
      calls.set(hash, []);
      continue;
    }
    const [traced] = await rpc.batch([plainCall("debug_traceTransaction", [hash, { tracer: "callTracer" }])]);
    if (traced.ok) calls.set(hash, decodeTrace(traced.value, exchange));
  }
  return calls;
}

function isTransaction(
  value: unknown,
): value is { readonly from: string; readonly to: string | null; readonly input: string } {
  return typeof value === "object" && value !== null && "from" in value && "to" in value && "input" in value;
}
