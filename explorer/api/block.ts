import { z } from "zod";
import { address, cursor, decimal, event, hash, hex, time } from "./primitives.ts";

export const transactionRow = z.object({
  hash,
  blockNumber: z.int(),
  index: z.int(),
  time,
  from: address,
  to: address.nullable(),
  contract: z.string().nullable(),
  /** Name of the called function, or null where it is unknown. */
  method: z.string().nullable(),
  succeeded: z.boolean(),
  gasUsed: z.int(),
});
export type TransactionRow = z.output<typeof transactionRow>;

export const block = z.object({
  number: z.int(),
  hash,
  parentHash: hash,
  time,
  gasUsed: z.int(),
  gasLimit: z.int(),
  transactions: z.array(transactionRow),
  next: cursor,
});
export type BlockAnswer = z.output<typeof block>;

/** A call of the trace, with its calls. */
export interface CallFrame {
  readonly type: string;
  readonly from: string;
  readonly to: string | null;
  readonly contract: string | null;
  readonly method: string | null;
  readonly gasUsed: number;
  readonly valueWei: string;
  readonly error: string | null;
  readonly calls: readonly CallFrame[];
}
export const callFrame: z.ZodType<CallFrame> = z.lazy(() =>
  z.object({
    type: z.string(),
    from: z.string(),
    to: z.string().nullable(),
    contract: z.string().nullable(),
    method: z.string().nullable(),
    gasUsed: z.int(),
    valueWei: z.string(),
    error: z.string().nullable(),
    calls: z.array(callFrame),
  }),
);

export const transaction = transactionRow.extend({
  nonce: z.int(),
  valueWei: decimal,
  gasLimit: z.int(),
  gasPriceWei: decimal,
  input: hex,
  createdContract: address.nullable(),
  /** The decoded call; null where the function is unknown. */
  call: z.object({ signature: z.string(), args: z.record(z.string(), z.unknown()) }).nullable(),
  /** Why it reverted: the custom error, its values, and the words of docs/errors.md. */
  revert: z.object({ name: z.string(), args: z.record(z.string(), z.unknown()), words: z.string() }).nullable(),
  /** Items of a batch that were skipped, with their typed errors in words. */
  skipped: z.array(z.object({ logIndex: z.int(), name: z.string(), words: z.string() })),
  events: z.array(event),
  /** Null where the node cannot trace. */
  trace: callFrame.nullable(),
});
export type TransactionAnswer = z.output<typeof transaction>;
