import { getAddress } from "ethers";
import type { RpcCall } from "./rpc.ts";
import { badResponse } from "./rpcErrors.ts";

export interface Block {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly baseFeePerGasWei: bigint;
  readonly gasLimit: bigint;
}

/** A log as the node gives it. */
export interface RawLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly logIndex: number;
}

export interface Receipt {
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly status: "success" | "reverted";
  readonly gasUsed: bigint;
  readonly effectiveGasPriceWei: bigint;
  /** The contract that the transaction created. */
  readonly contractAddress: string | undefined;
  readonly logs: readonly RawLog[];
}

export type BlockTag = number | "latest" | "pending" | "safe" | "finalized" | "earliest";

export interface CallRequest {
  readonly from?: string;
  readonly to?: string;
  readonly data?: string;
  readonly valueWei?: bigint;
  readonly gasLimit?: bigint;
}

export interface LogFilter {
  readonly address?: string | readonly string[];
  /** Topics by place; null lets any pass, a list lets each of it pass. */
  readonly topics?: readonly (string | readonly string[] | null)[];
  readonly fromBlock: number;
  readonly toBlock: number;
}

export function chainIdCall(): RpcCall<number> {
  return call("eth_chainId", [], quantity);
}

export function blockNumberCall(): RpcCall<number> {
  return call("eth_blockNumber", [], quantity);
}

/** The block, or undefined where the node does not have it. */
export function blockCall(block: BlockTag): RpcCall<Block | undefined> {
  return call("eth_getBlockByNumber", [tag(block), false], optional(parseBlock));
}

/** Unix seconds of the block to come; undefined where the node does not tell. */
export function pendingTimeCall(): RpcCall<number | undefined> {
  return call("eth_getBlockByNumber", ["pending", false], (result, fail) =>
    result === null ? undefined : quantity(object(result, fail).timestamp, fail),
  );
}

export function codeCall(address: string, block: BlockTag = "latest"): RpcCall<string> {
  return call("eth_getCode", [address, tag(block)], hex);
}

export function balanceCall(address: string, block: BlockTag = "latest"): RpcCall<bigint> {
  return call("eth_getBalance", [address, tag(block)], bigQuantity);
}

export function nonceCall(address: string, block: BlockTag): RpcCall<number> {
  return call("eth_getTransactionCount", [address, tag(block)], quantity);
}

export function contractCall(request: CallRequest, block: BlockTag = "latest"): RpcCall<string> {
  return call("eth_call", [callObject(request), tag(block)], hex);
}

export function estimateGasCall(request: CallRequest): RpcCall<bigint> {
  return call("eth_estimateGas", [callObject(request)], bigQuantity);
}

export function priorityFeeCall(): RpcCall<bigint> {
  return call("eth_maxPriorityFeePerGas", [], bigQuantity);
}

export function sendRawTransactionCall(raw: string): RpcCall<string> {
  return call("eth_sendRawTransaction", [raw], hex);
}

/** The receipt, or undefined while the transaction is not in a block. */
export function receiptCall(transactionHash: string): RpcCall<Receipt | undefined> {
  return call("eth_getTransactionReceipt", [transactionHash], optional(parseReceipt));
}

/** Whether the node knows the transaction, in a block or waiting. */
export function transactionKnownCall(transactionHash: string): RpcCall<boolean> {
  return call("eth_getTransactionByHash", [transactionHash], (result) => result !== null);
}

export function logsCall({ address, topics, fromBlock, toBlock }: LogFilter): RpcCall<RawLog[]> {
  const filter = {
    fromBlock: tag(fromBlock),
    toBlock: tag(toBlock),
    ...(address === undefined ? {} : { address }),
    ...(topics === undefined ? {} : { topics }),
  };
  return call("eth_getLogs", [filter], (result, fail) => {
    if (!Array.isArray(result)) throw fail(result);
    return result.map((log) => parseLog(log, fail));
  });
}

/** Any other method: the answer comes back as it is. */
export function plainCall(method: string, params: readonly unknown[] = []): RpcCall<unknown> {
  return { method, params, parse: (result) => result };
}

type Fail = (got: unknown) => Error;
type Parse<T> = (result: unknown, fail: Fail) => T;

function call<T>(method: string, params: readonly unknown[], parse: Parse<T>): RpcCall<T> {
  const fail: Fail = (got) => badResponse(method, got);
  return { method, params, parse: (result) => parse(result, fail) };
}

function tag(block: BlockTag): string {
  return typeof block === "number" ? toHex(block) : block;
}

function toHex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function callObject({ from, to, data, valueWei, gasLimit }: CallRequest): Record<string, string> {
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(data === undefined ? {} : { data }),
    ...(valueWei === undefined ? {} : { value: toHex(valueWei) }),
    ...(gasLimit === undefined ? {} : { gas: toHex(gasLimit) }),
  };
}

function hex(result: unknown, fail: Fail): string {
  if (typeof result !== "string" || !result.startsWith("0x")) throw fail(result);
  return result;
}

function bigQuantity(result: unknown, fail: Fail): bigint {
  const text = hex(result, fail);
  if (!/^0x[0-9a-f]+$/i.test(text)) throw fail(result);
  return BigInt(text);
}

function quantity(result: unknown, fail: Fail): number {
  const value = Number.parseInt(hex(result, fail), 16);
  if (!Number.isSafeInteger(value)) throw fail(result);
  return value;
}

function optional<T>(parse: Parse<T>): Parse<T | undefined> {
  return (result, fail) => (result === null ? undefined : parse(result, fail));
}

function object(result: unknown, fail: Fail): Record<string, unknown> {
  if (typeof result !== "object" || result === null) throw fail(result);
  return result as Record<string, unknown>;
}

function parseBlock(result: unknown, fail: Fail): Block {
  const block = object(result, fail);
  return {
    number: quantity(block.number, fail),
    hash: hex(block.hash, fail),
    parentHash: hex(block.parentHash, fail),
    timestamp: quantity(block.timestamp, fail),
    // Absent before London and on some private chains: the fee is zero there.
    baseFeePerGasWei: block.baseFeePerGas === undefined ? 0n : bigQuantity(block.baseFeePerGas, fail),
    gasLimit: bigQuantity(block.gasLimit, fail),
  };
}

function parseLog(result: unknown, fail: Fail): RawLog {
  const log = object(result, fail);
  if (!Array.isArray(log.topics)) throw fail(result);
  return {
    address: hex(log.address, fail),
    topics: log.topics.map((topic) => hex(topic, fail)),
    data: hex(log.data, fail),
    blockNumber: quantity(log.blockNumber, fail),
    blockHash: hex(log.blockHash, fail),
    transactionHash: hex(log.transactionHash, fail),
    transactionIndex: quantity(log.transactionIndex, fail),
    logIndex: quantity(log.logIndex, fail),
  };
}

function parseReceipt(result: unknown, fail: Fail): Receipt {
  const receipt = object(result, fail);
  const created = receipt.contractAddress;
  if (!Array.isArray(receipt.logs)) throw fail(result);
  return {
    transactionHash: hex(receipt.transactionHash, fail),
    transactionIndex: quantity(receipt.transactionIndex, fail),
    blockNumber: quantity(receipt.blockNumber, fail),
    blockHash: hex(receipt.blockHash, fail),
    status: quantity(receipt.status, fail) === 1 ? "success" : "reverted",
    gasUsed: bigQuantity(receipt.gasUsed, fail),
    effectiveGasPriceWei: bigQuantity(receipt.effectiveGasPrice ?? "0x0", fail),
    contractAddress: typeof created === "string" ? getAddress(created) : undefined,
    logs: receipt.logs.map((log) => parseLog(log, fail)),
  };
}
