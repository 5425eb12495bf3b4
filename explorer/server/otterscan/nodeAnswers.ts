import { z } from "zod";
import { plainCall } from "../../../src/chain/calls.ts";
import type { RpcCall } from "../../../src/chain/rpc.ts";
import { badResponse } from "../../../src/chain/rpcErrors.ts";

const quantity = z.string().regex(/^0x[0-9a-f]+$/);

/** A transaction as the node gives it: what is read of it is named here, the rest is passed on. */
export const nodeTransaction = z.looseObject({
  hash: z.string(),
  from: z.string(),
  input: z.string(),
  nonce: quantity,
  blockNumber: quantity.nullable(),
});
export type NodeTransaction = z.output<typeof nodeTransaction>;

const nodeReceipt = z.looseObject({
  transactionHash: z.string(),
  gasUsed: quantity,
  effectiveGasPrice: quantity,
  logs: z.array(z.unknown()),
});
export type NodeReceipt = z.output<typeof nodeReceipt>;

const header = z.looseObject({ number: quantity, hash: z.string(), timestamp: quantity });
const blockWithHashes = header.extend({ transactions: z.array(z.string()) });
const blockWithTransactions = header.extend({ transactions: z.array(nodeTransaction) });
export type BlockWithHashes = z.output<typeof blockWithHashes>;
export type BlockWithTransactions = z.output<typeof blockWithTransactions>;

/** A number as a hex quantity, a tag such as `latest`, or a hash. */
export type BlockId = string;

export function rawBlockCall(id: BlockId): RpcCall<BlockWithHashes | null> {
  return checked(blockMethod(id), [id, false], blockWithHashes.nullable());
}

export function rawFullBlockCall(id: BlockId): RpcCall<BlockWithTransactions | null> {
  return checked(blockMethod(id), [id, true], blockWithTransactions.nullable());
}

export function rawTransactionCall(hash: string): RpcCall<NodeTransaction | null> {
  return checked("eth_getTransactionByHash", [hash], nodeTransaction.nullable());
}

export function rawReceiptCall(hash: string): RpcCall<NodeReceipt | null> {
  return checked("eth_getTransactionReceipt", [hash], nodeReceipt.nullable());
}

/** A call of a method whose answer must have a form. */
export function checked<T>(method: string, params: readonly unknown[], schema: z.ZodType<T>): RpcCall<T> {
  return {
    ...plainCall(method, params),
    parse(result) {
      const parsed = schema.safeParse(result);
      if (!parsed.success) throw badResponse(method, result);
      return parsed.data;
    },
  };
}

export function toQuantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function blockMethod(id: BlockId): string {
  return id.length === 66 ? "eth_getBlockByHash" : "eth_getBlockByNumber";
}
