import { z } from "zod";
import type { RpcCall } from "../../../../src/chain/rpc.ts";
import { badResponse } from "../../../../src/chain/rpcErrors.ts";

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform((text) => BigInt(text));

const transactionSchema = z.object({
  from: z.string(),
  input: z.string(),
  value: quantity,
  gas: quantity,
  gasPrice: quantity.optional(),
  maxFeePerGas: quantity.optional(),
});

/** What only the node knows of a transaction. */
export type NodeTransaction = z.output<typeof transactionSchema>;

/** The transaction, or undefined where the node does not have it. */
export function transactionCall(hash: string): RpcCall<NodeTransaction | undefined> {
  return {
    method: "eth_getTransactionByHash",
    params: [hash],
    parse(result) {
      if (result === null) return undefined;
      const parsed = transactionSchema.safeParse(result);
      if (!parsed.success) throw badResponse("eth_getTransactionByHash", result);
      return parsed.data;
    },
  };
}

/** The calls that a transaction made; nodes without it refuse the question. */
export function traceCall(hash: string): RpcCall<unknown> {
  return {
    method: "debug_traceTransaction",
    params: [hash, { tracer: "callTracer" }],
    parse: (result) => result,
  };
}
