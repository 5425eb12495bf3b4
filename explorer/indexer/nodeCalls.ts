import { z } from "zod";
import type { RpcCall } from "../../src/chain/rpc.ts";
import { badResponse } from "../../src/chain/rpcErrors.ts";

const hex = z.string().regex(/^0x[0-9a-f]*$/);
const quantity = hex.transform(Number).pipe(z.int().nonnegative());

const fullBlockSchema = z.object({
  number: quantity,
  hash: hex,
  parentHash: hex,
  timestamp: quantity,
  gasUsed: quantity,
  gasLimit: quantity,
  transactions: z.array(
    z.object({
      hash: hex,
      transactionIndex: quantity,
      from: hex,
      to: hex.nullish(),
      nonce: quantity,
      input: z.string(),
    }),
  ),
});

const outcomeSchema = z.object({ blockHash: hex, status: quantity.optional(), gasUsed: quantity });

/** A block with its transactions as the indexer needs them. */
export type FullBlock = z.output<typeof fullBlockSchema>;
/** What became of a transaction. */
export type Outcome = z.output<typeof outcomeSchema>;

export function fullBlockCall(number: number): RpcCall<FullBlock | undefined> {
  return checked("eth_getBlockByNumber", [`0x${number.toString(16)}`, true], fullBlockSchema);
}

export function outcomeCall(hash: string): RpcCall<Outcome | undefined> {
  return checked("eth_getTransactionReceipt", [hash], outcomeSchema);
}

/** The name that a development node gives its run; a node that has none refuses the method. */
export function instanceCall(): RpcCall<string> {
  return {
    method: "hardhat_metadata",
    params: [],
    parse: (result) => z.object({ instanceId: z.string() }).parse(result).instanceId,
  };
}

function checked<S extends z.ZodType>(
  method: string,
  params: readonly unknown[],
  schema: S,
): RpcCall<z.output<S> | undefined> {
  return {
    method,
    params,
    parse(result) {
      if (result === null) return undefined;
      const parsed = schema.safeParse(result);
      if (!parsed.success) throw badResponse(method, result);
      return parsed.data;
    },
  };
}
