import type { TransactionRow } from "../../api/block.ts";
import type { StoredTransaction } from "../../store/store.ts";
import { notFound } from "../problems.ts";
import type { Query } from "./query.ts";
import { pageOf, placeOf } from "./support/answers.ts";

const TRANSACTIONS = 100;

/** A block with its transactions in their order. */
export const block: Query<"block"> = async ({ store }, { block: id, cursor, limit = TRANSACTIONS }) => {
  const found = await store.block(/^\d+$/.test(id) ? Number(id) : id.toLowerCase());
  if (found === undefined) throw notFound("There is no such block", { block: id });
  const after = placeOf(cursor);
  const listed = await store.transactionsOfBlock(found.number, {
    limit: limit + 1,
    order: "oldest",
    ...(after === undefined ? {} : { after }),
  });
  const { rows, next } = pageOf(listed, limit, ({ blockNumber, index }) => ({ blockNumber, index }));
  const { number, hash, parentHash, time, gasUsed, gasLimit } = found;
  return { number, hash, parentHash, time, gasUsed, gasLimit, transactions: rows.map(rowOf), next };
};

/** A transaction as lists show it. */
export function rowOf(transaction: StoredTransaction): TransactionRow {
  const { hash, blockNumber, index, time, from, to, contract, method, succeeded, gasUsed } = transaction;
  return { hash, blockNumber, index, time, from, to, contract, method, succeeded, gasUsed };
}
