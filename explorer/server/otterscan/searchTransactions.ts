import type { RpcClient } from "../../../src/chain/rpc.ts";
import type { PageOptions, Store, StoredTransaction } from "../../store/store.ts";
import { rawReceiptCall, rawTransactionCall } from "./nodeAnswers.ts";

export interface SearchQuery {
  readonly address: string;
  /** Blocks before or after this one, which is left out; 0 searches from the newest, or from the first. */
  readonly blockNumber: number;
  readonly pageSize: number;
  readonly direction: "before" | "after";
}

/**
 * `ots_searchTransactionsBefore` and `ots_searchTransactionsAfter`: a page of an address's history, newest first. A page may
 * be longer than `pageSize`, because it never ends within a block: whoever goes on from its last block misses nothing.
 */
export async function searchTransactions(rpc: RpcClient, store: Store, query: SearchQuery) {
  const { direction, blockNumber } = query;
  const { rows, more } = await wholeBlocks(store, query);
  if (direction === "after") rows.reverse();
  const [transactions, receipts] = await Promise.all([
    rpc.all(rows.map(({ hash }) => rawTransactionCall(hash))),
    rpc.all(rows.map(({ hash }) => rawReceiptCall(hash))),
  ]);
  const found = rows.flatMap(({ time }, place) => {
    const [transaction, receipt] = [transactions[place], receipts[place]];
    // The index may know a transaction that the node has just dropped.
    if (transaction == null || receipt == null) return [];
    return [{ transaction, receipt: { ...receipt, timestamp: time } }];
  });
  return {
    txs: found.map(({ transaction }) => transaction),
    receipts: found.map(({ receipt }) => receipt),
    firstPage: direction === "before" ? blockNumber === 0 : !more,
    lastPage: direction === "before" ? !more : blockNumber === 0,
  };
}

interface Page {
  /** In the order of the search. */
  readonly rows: StoredTransaction[];
  readonly more: boolean;
}

async function wholeBlocks(store: Store, { address, blockNumber, pageSize, direction }: SearchQuery): Promise<Page> {
  const rows: StoredTransaction[] = [];
  const limit = pageSize + 1;
  let after = startOf(direction, blockNumber);
  for (;;) {
    const order = direction === "before" ? "newest" : "oldest";
    const part = await store.transactionsOf(address, { limit, order, ...(after === undefined ? {} : { after }) });
    rows.push(...part);
    const lastOfPage = rows[pageSize - 1];
    const beyond = rows.findIndex(
      ({ blockNumber: block }, place) => place >= pageSize && block !== lastOfPage?.blockNumber,
    );
    if (beyond >= 0) return { rows: rows.slice(0, beyond), more: true };
    const last = part.at(-1);
    if (last === undefined || part.length < limit) return { rows, more: false };
    after = { blockNumber: last.blockNumber, index: last.index };
  }
}

/** Places are compared block first: before everything of a block is the place just below its first transaction. */
function startOf(direction: SearchQuery["direction"], blockNumber: number): PageOptions["after"] {
  if (blockNumber === 0) return undefined;
  return direction === "before" ? { blockNumber, index: 0 } : { blockNumber: blockNumber + 1, index: -1 };
}
