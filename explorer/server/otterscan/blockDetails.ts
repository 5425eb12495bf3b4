import type { RpcClient } from "../../../src/chain/rpc.ts";
import {
  rawBlockCall,
  rawFullBlockCall,
  rawReceiptCall,
  toQuantity,
  type BlockId,
  type NodeReceipt,
} from "./nodeAnswers.ts";

// No chain that this project runs on issues coins in a block: that ended with proof of work.
const ISSUANCE = { blockReward: "0x0", uncleReward: "0x0", issuance: "0x0" } as const;
const SELECTOR_END = 10;

/** `ots_getBlockDetails` and `ots_getBlockDetailsByHash`: a block without its transactions, and the fees they paid. */
export async function blockDetails(rpc: RpcClient, id: BlockId) {
  const found = await rpc.call(rawBlockCall(id));
  if (found === null) return null;
  const { transactions, ...header } = found;
  const receipts = await receiptsOf(rpc, transactions);
  const totalFees = receipts.reduce(
    (sum, { gasUsed, effectiveGasPrice }) => sum + BigInt(gasUsed) * BigInt(effectiveGasPrice),
    0n,
  );
  return {
    block: { ...header, transactionCount: transactions.length, logsBloom: null },
    issuance: ISSUANCE,
    totalFees: toQuantity(totalFees),
  };
}

export interface BlockTransactionsQuery {
  readonly block: BlockId;
  /** Page 0 holds the block's last transactions. */
  readonly pageNumber: number;
  readonly pageSize: number;
}

/** `ots_getBlockTransactions`: a page of a block's transactions, in their order, with selectors for inputs. */
export async function blockTransactions(rpc: RpcClient, { block, pageNumber, pageSize }: BlockTransactionsQuery) {
  const found = await rpc.call(rawFullBlockCall(block));
  if (found === null) return null;
  const { transactions, ...header } = found;
  const end = Math.max(0, transactions.length - pageNumber * pageSize);
  const page = transactions.slice(Math.max(0, end - pageSize), end);
  const receipts = await receiptsOf(
    rpc,
    page.map(({ hash }) => hash),
  );
  return {
    fullblock: {
      ...header,
      transactionCount: transactions.length,
      logsBloom: null,
      transactions: page.map((transaction) => ({ ...transaction, input: transaction.input.slice(0, SELECTOR_END) })),
    },
    receipts: receipts.map((receipt) => ({ ...receipt, logs: null, logsBloom: null })),
  };
}

async function receiptsOf(rpc: RpcClient, hashes: readonly string[]): Promise<NodeReceipt[]> {
  // A node that dropped the block in between has none of some: what is left is still true of the block that was asked for.
  return (await rpc.all(hashes.map(rawReceiptCall))).filter((receipt) => receipt !== null);
}
