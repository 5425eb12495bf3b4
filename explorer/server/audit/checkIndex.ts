import type { AuditRun } from "../../api/audit.ts";
import type { Deployment } from "../../../src/chain/deployment.ts";
import type { RpcClient } from "../../../src/chain/rpc.ts";
import { readBatches } from "../../indexer/readBatches.ts";
import type { Batch, BlockRow, EventRow, Store, StoredEvent, TransactionRow } from "../../store/store.ts";
import { Listings, placeText } from "./listings.ts";
import { ROWS_AT_ONCE, storedPages } from "./storedPages.ts";

export type Check = AuditRun["checks"][number];
type Failure = Check["failures"][number];

export interface CheckIndexParameters {
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  readonly store: Store;
  /** The last block that is compared. */
  readonly toBlock: number;
  readonly onBlock?: (blockNumber: number) => void;
}

const MOST_FAILURES = 100;

/** Compares every row of the index with what the chain itself says: changed, missing and added ones are named. */
export async function checkIndex({ rpc, deployment, store, toBlock, onBlock }: CheckIndexParameters): Promise<Check> {
  const findings = new IndexFindings();
  const listings = new Listings();
  let fromBlock = deployment.deployBlock;
  for await (const batch of readBatches({ rpc, deployment, fromBlock, toBlock })) {
    const last = batch.blocks.at(-1)?.number ?? fromBlock;
    await compareBatch(store, findings, batch, { fromBlock, toBlock: last });
    listings.add(batch);
    fromBlock = last + 1;
    onBlock?.(last);
  }
  findings.count("keys", listings.events);
  for await (const { text, found, page } of listings.differences(store, toBlock)) {
    findings.fail(text, found ? "not there" : "there", found ? "there" : "not there", page);
  }
  return findings.check();
}

interface Range {
  readonly fromBlock: number;
  readonly toBlock: number;
}

async function compareBatch(store: Store, findings: IndexFindings, batch: Batch, range: Range): Promise<void> {
  findings.compare<BlockRow>({
    what: "block",
    expected: new Map(batch.blocks.map((row) => [String(row.number), row])),
    found: new Map((await storedBlocks(store, range)).map((row) => [String(row.number), row])),
    page: ({ number }) => `/block/${String(number)}`,
  });
  const transactions = await Promise.all(batch.blocks.map(({ number }) => storedTransactions(store, number)));
  findings.compare<TransactionRow>({
    what: "transaction",
    expected: new Map(batch.transactions.map((row) => [placeText(row.blockNumber, row.index), row])),
    found: new Map(transactions.flat().map((row) => [placeText(row.blockNumber, row.index), row])),
    page: ({ hash }) => `/tx/${hash}`,
  });
  findings.compare<ComparedEvent>({
    what: "event",
    expected: new Map(batch.events.map((row) => [placeText(row.blockNumber, row.logIndex), comparedEvent(row)])),
    found: new Map(
      (await storedEvents(store, range)).map((row) => [placeText(row.blockNumber, row.logIndex), comparedEvent(row)]),
    ),
    page: ({ transactionHash }) => `/tx/${transactionHash}`,
  });
}

type ComparedEvent = Omit<EventRow, "keys">;

function comparedEvent(row: EventRow | StoredEvent): ComparedEvent {
  const { blockNumber, logIndex, transactionHash, transactionIndex, address, contract, name, args } = row;
  return { blockNumber, logIndex, transactionHash, transactionIndex, address, contract, name, args };
}

async function storedBlocks(store: Store, { fromBlock, toBlock }: Range): Promise<BlockRow[]> {
  const rows = await storedPages(
    (after) => store.blocks({ limit: ROWS_AT_ONCE, order: "oldest", after }),
    ({ number }) => ({ blockNumber: number, index: 0 }),
    { blockNumber: fromBlock - 1, index: 0 },
    ({ number }) => number > toBlock,
  );
  return rows;
}

async function storedTransactions(store: Store, blockNumber: number): Promise<TransactionRow[]> {
  const rows = await storedPages(
    (after) => store.transactionsOfBlock(blockNumber, { limit: ROWS_AT_ONCE, order: "oldest", after }),
    (row) => ({ blockNumber, index: row.index }),
    { blockNumber, index: -1 },
  );
  return rows;
}

function storedEvents(store: Store, range: Range): Promise<StoredEvent[]> {
  return storedPages(
    (after) => store.events(range, { limit: ROWS_AT_ONCE, order: "oldest", after }),
    ({ blockNumber, logIndex }) => ({ blockNumber, index: logIndex }),
    { blockNumber: range.fromBlock, index: -1 },
  );
}

interface Comparison<Row> {
  readonly what: string;
  /** Rows by their place. */
  readonly expected: ReadonlyMap<string, Row>;
  readonly found: ReadonlyMap<string, Row>;
  readonly page: (row: Row) => string;
}

class IndexFindings {
  readonly #failures: Failure[] = [];
  readonly #figures: Record<string, number> = { blocks: 0, transactions: 0, events: 0, keys: 0, differences: 0 };

  count(figure: string, amount: number): void {
    this.#figures[figure] = (this.#figures[figure] ?? 0) + amount;
  }

  fail(text: string, expected: string, found: string, page: string | null): void {
    this.count("differences", 1);
    if (this.#failures.length < MOST_FAILURES) this.#failures.push({ text, expected, found, page });
  }

  compare<Row extends object>({ what, expected, found, page }: Comparison<Row>): void {
    for (const [place, row] of expected) {
      const stored = found.get(place);
      if (stored === undefined) {
        this.fail(`${what} ${place}`, "in the index", "missing", page(row));
        continue;
      }
      for (const [field, value] of Object.entries(row)) {
        const kept = (stored as Record<string, unknown>)[field];
        if (kept === value) continue;
        this.fail(`${what} ${place}: ${field}`, String(value), String(kept), page(row));
      }
    }
    for (const [place, row] of found) {
      if (!expected.has(place)) this.fail(`${what} ${place}`, "not in the index", "added", page(row));
    }
    this.count(`${what}s`, expected.size);
  }

  check(): Check {
    return {
      name: "index",
      title: "every row of the explorer's index is what the chain says",
      passed: this.#figures.differences === 0,
      figures: this.#figures,
      failures: this.#failures,
    };
  }
}
