import { plainCall } from "../../../src/chain/calls.ts";
import type { RpcClient } from "../../../src/chain/rpc.ts";
import type { Gate } from "./gate.ts";

/** What only reads, and leaves nothing behind in the node, as filters and subscriptions would. */
const READS = new Set([
  "eth_blobBaseFee",
  "eth_blockNumber",
  "eth_call",
  "eth_chainId",
  "eth_estimateGas",
  "eth_feeHistory",
  "eth_gasPrice",
  "eth_getBalance",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getBlockReceipts",
  "eth_getBlockTransactionCountByHash",
  "eth_getBlockTransactionCountByNumber",
  "eth_getCode",
  "eth_getLogs",
  "eth_getProof",
  "eth_getStorageAt",
  "eth_getTransactionByBlockHashAndIndex",
  "eth_getTransactionByBlockNumberAndIndex",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
  "eth_maxPriorityFeePerGas",
  "eth_syncing",
  "net_listening",
  "net_peerCount",
  "net_version",
  "web3_clientVersion",
  "web3_sha3",
]);

const TRACES = new Set([
  "debug_traceBlockByHash",
  "debug_traceBlockByNumber",
  "debug_traceCall",
  "debug_traceTransaction",
]);

/** Passes a method on to the node as it came; undefined where it is none that only reads. */
export function passThrough(
  rpc: RpcClient,
  gate: Gate,
  method: string,
  params: readonly unknown[],
): Promise<unknown> | undefined {
  if (READS.has(method)) return rpc.call(plainCall(method, params));
  if (TRACES.has(method)) return gate(() => rpc.call(plainCall(method, params)));
  return undefined;
}
