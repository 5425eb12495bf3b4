import { setImmediate as breathe, setTimeout as sleep } from "node:timers/promises";
import { blockCall, blockNumberCall } from "../../src/chain/calls.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { RpcError, RpcTransportError } from "../../src/chain/rpcErrors.ts";
import { JouleworkError } from "../../src/errors.ts";
import { PASSING_FAILURES } from "../store/indexErrors.ts";
import type { BlockRow, ChainKey, OpenStore, Store } from "../store/store.ts";
import { instanceOf, readChainKey } from "./chainKey.ts";
import { currentStore } from "./currentStore.ts";
import { instanceCall } from "./nodeCalls.ts";
import { createBatchReader } from "./readBatches.ts";

/** How far the index has come. */
export interface Progress {
  readonly fromBlock: number;
  /** Newest indexed block; below `fromBlock` where there is none. */
  readonly indexedBlock: number;
  /** Newest block that the node is known to have. */
  readonly toBlock: number;
  /** Events written by this indexer so far. */
  readonly events: number;
  /** Why nothing is read at the moment: the node is away, or the disk is full. */
  readonly problem: string | null;
}

export interface IndexerParameters {
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  readonly openStore: OpenStore;
  readonly onProgress?: (progress: Progress) => void;
  /** Pause between two looks for new blocks. */
  readonly pollMs?: number;
}

export interface Indexer {
  /** Reads from the index of the chain that the node has now, also after the node was started anew. */
  readonly store: Store;
  chain(): ChainKey;
  progress(): Progress;
  /** Reads up to the node's newest block. Throws what stops it. */
  backfill(): Promise<void>;
  /** Goes on with every new block until the signal; waits for a node that is away and for room on the disk. */
  follow(signal: AbortSignal): Promise<void>;
}

/** The chain went another way than what is indexed. */
const BEHIND: ReadonlySet<string> = new Set(["CHAIN_CHANGED", "INDEX_OUT_OF_ORDER"]);
const POLL_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** An indexer of a node's chain. Where an index of it exists, it goes on from there. */
export async function createIndexer({
  rpc,
  deployment,
  openStore,
  onProgress,
  pollMs = POLL_MS,
}: IndexerParameters): Promise<Indexer> {
  const fromBlock = deployment.deployBlock;
  let chain = await readChainKey(rpc, deployment);
  let store = await openStore(chain);
  const readRange = createBatchReader({ rpc, deployment });
  let events = 0;
  let progress: Progress = {
    fromBlock,
    indexedBlock: (await store.head())?.number ?? fromBlock - 1,
    toBlock: fromBlock - 1,
    events,
    problem: null,
  };

  function tell(change: Partial<Progress>): void {
    progress = { ...progress, events, ...change };
    onProgress?.(progress);
  }

  /** Opens the other index where the node is another run or chain. */
  async function changeChain(): Promise<void> {
    const now = await readChainKey(rpc, deployment);
    if (JSON.stringify(now) === JSON.stringify(chain)) return;
    const before = store;
    store = await openStore(now);
    chain = now;
    await before.close();
    tell({ indexedBlock: (await store.head())?.number ?? fromBlock - 1 });
  }

  /** The node's newest block, after the index was made to agree with the node's chain. */
  async function agree(): Promise<{ readonly head: BlockRow | undefined; readonly newest: number }> {
    for (;;) {
      const head = await store.head();
      const [newest, same, instance] = await rpc.batch([
        blockNumberCall(),
        blockCall(head?.number ?? 0),
        instanceCall(),
      ]);
      if (!newest.ok) throw newest.error;
      if (!same.ok) throw same.error;
      if (instanceOf(instance) !== chain.instance) {
        await changeChain();
      } else if (head === undefined || same.value?.hash === head.hash) {
        return { head, newest: newest.value };
      } else {
        await changeChain();
        const common = await lastCommonBlock(rpc, store, fromBlock);
        await store.rewind(common);
        tell({ indexedBlock: common });
      }
    }
  }

  /** Reads what the index lacks; whether there was anything. */
  async function advance(signal?: AbortSignal): Promise<boolean> {
    const { head, newest } = await agree();
    const from = head === undefined ? fromBlock : head.number + 1;
    tell({ indexedBlock: from - 1, toBlock: newest, problem: null });
    if (from > newest) return false;
    const into = store;
    try {
      for await (const batch of readRange(from, newest)) {
        await into.append(batch);
        events += batch.events.length;
        tell({ indexedBlock: batch.blocks.at(-1)?.number ?? from - 1 });
        if (signal?.aborted === true) return false;
        // Whoever waits for an answer of this process comes first.
        await breathe();
      }
    } catch (error) {
      // The next look finds out what is true now.
      if (!isAny(error, BEHIND)) throw error;
    }
    return true;
  }

  return {
    store: currentStore(() => store),
    chain: () => chain,
    progress: () => progress,
    async backfill() {
      while (await advance());
    },
    async follow(signal) {
      let pause = pollMs;
      while (!signal.aborted) {
        try {
          if (await advance(signal)) continue;
          pause = pollMs;
        } catch (error) {
          if (!mayPass(error)) throw error;
          tell({ problem: error.message });
          pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
        }
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/** The newest block that index and node share; -1 where there is none. */
async function lastCommonBlock(rpc: RpcClient, store: Store, fromBlock: number): Promise<number> {
  let low = fromBlock - 1;
  let high = (await store.head())?.number ?? low;
  // `low` is shared, or is before the first; above `high` nothing is.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [ours, theirs] = await Promise.all([store.block(middle), rpc.call(blockCall(middle))]);
    if (ours !== undefined && ours.hash === theirs?.hash) low = middle;
    else high = middle - 1;
  }
  return low < fromBlock ? -1 : low;
}

/** Whether waiting can help: the node is away or refuses, the disk is full, the database is away or busy. */
function mayPass(error: unknown): error is Error {
  return error instanceof RpcTransportError || error instanceof RpcError || isAny(error, PASSING_FAILURES);
}

function isAny(error: unknown, codes: ReadonlySet<string>): boolean {
  return error instanceof JouleworkError && codes.has(error.code);
}
