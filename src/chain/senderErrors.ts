import { JouleworkError } from "../errors.ts";
import type { Receipt } from "./calls.ts";

export interface SendErrorParameters {
  readonly code: "TX_REVERTED" | "TX_REFUSED" | "TX_REPLACED" | "TX_STUCK" | "TX_LOST" | "TX_NONCE";
  readonly what: string;
  readonly hint: string;
  /** Place of the request that failed in the list that was given. */
  readonly index: number;
  readonly transactionHash?: string | undefined;
  /** What became of every request; undefined = not known to be in a block. */
  readonly receipts: readonly (Receipt | undefined)[];
  readonly cause?: unknown;
}

/** Not every transaction of a list succeeded; `receipts` says which are in a block. */
export class SendError extends JouleworkError {
  readonly index: number;
  readonly receipts: readonly (Receipt | undefined)[];

  constructor({ code, what, hint, index, transactionHash, receipts, cause }: SendErrorParameters) {
    super({
      code,
      what,
      values: { index, ...(transactionHash === undefined ? {} : { transactionHash }) },
      hint,
      cause,
    });
    this.index = index;
    this.receipts = receipts;
  }
}

/** What a node means when it does not take a transaction. */
export type Refusal = "known" | "executed" | "nonceLow" | "nonceHigh" | "nonceTaken" | "feeLow" | "refused";

// Each client has its own words: Hardhat's and anvil's, geth's, Nethermind's, Besu's and Reth's are covered.
const WORDS: readonly (readonly [RegExp, Refusal])[] = [
  [/already known|known transaction|already imported|alreadyknown|already in (the )?pool/i, "known"],
  [/underpriced.*replace|replacement|replacenotallowed/i, "nonceTaken"],
  [/nonce.*too low|nonce.*too old|oldnonce|already (been )?used/i, "nonceLow"],
  [/nonce.*too high|nonce gap|noncegap|nonce.*too distant/i, "nonceHigh"],
  [
    /underpriced|less than block base fee|fee.*too low|feetoolow|lower than the (current|next block).*fee|too low.*base fee/i,
    "feeLow",
  ],
];

/** Reads the node's words. An error with a contract's data says that the transaction ran, as on a node that mines at once. */
export function classifyRefusal(rpcMessage: string, reverted: boolean): Refusal {
  if (reverted) return "executed";
  return WORDS.find(([pattern]) => pattern.test(rpcMessage))?.[1] ?? "refused";
}
