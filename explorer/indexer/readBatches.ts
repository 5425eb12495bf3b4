import { getCreateAddress } from "ethers";
import { blockCall, logsCall, type RawLog } from "../../src/chain/calls.ts";
import { getChecksum } from "../../src/chain/checksum.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { wantsLess } from "../../src/chain/logs.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { JouleworkError } from "../../src/errors.ts";
import type { Batch, BlockRow, TransactionRow } from "../store/store.ts";
import { createCallNames } from "./callNames.ts";
import { createEventReader, type EventReader } from "./eventReader.ts";
import { fullBlockCall, outcomeCall, type FullBlock, type Outcome } from "./nodeCalls.ts";

export interface BatchReaderParameters {
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  /** About how many events a batch should have. */
  readonly batchEvents?: number;
  /** Most blocks of a batch. */
  readonly batchBlocks?: number;
}

export interface ReadBatchesParameters extends BatchReaderParameters {
  readonly fromBlock: number;
  /** The last block, included. */
  readonly toBlock: number;
}

/** Reads ranges of blocks; one that follows on the last is read without looking back. */
export type BatchReader = (fromBlock: number, toBlock: number) => AsyncGenerator<Batch>;

const BATCH_EVENTS = 1_000;
const BATCH_BLOCKS = 200;
const FIRST_BLOCKS = 20;

/**
 * Everything of a range of blocks as the index holds it, straight from the chain, part by part. The next part is fetched
 * while the caller works on the last. Throws CHAIN_CHANGED where the node changed its mind in between.
 */
export function readBatches({ fromBlock, toBlock, ...parameters }: ReadBatchesParameters): AsyncGenerator<Batch> {
  return createBatchReader(parameters)(fromBlock, toBlock);
}

/** The same for somebody who comes back for the blocks that follow. */
export function createBatchReader({
  rpc,
  deployment,
  batchEvents = BATCH_EVENTS,
  batchBlocks = BATCH_BLOCKS,
}: BatchReaderParameters): BatchReader {
  const nameCall = createCallNames(deployment);
  /** What was learned of zones up to a block. */
  let learned: { readonly events: EventReader; readonly block: Pick<FullBlock, "number" | "hash"> } | undefined;

  return async function* (fromBlock, toBlock) {
    if (fromBlock > toBlock) return;
    const known = learned?.block.number === fromBlock - 1 ? learned : undefined;
    learned = undefined;
    const events = known?.events ?? createEventReader(deployment);
    if (known === undefined) await learnEarlier(rpc, events, deployment.deployBlock, fromBlock - 1);
    let parent = known?.block;
    let blocks = Math.min(FIRST_BLOCKS, batchBlocks);
    const fetch = (from: number): Promise<Part> =>
      fetchPart(rpc, events.addresses, from, Math.min(from + blocks - 1, toBlock));
    let next: Promise<Part> | undefined = fetch(fromBlock);
    while (next !== undefined) {
      const part: Part = await next;
      const [first, last] = [part.blocks[0], part.blocks.at(-1)];
      if (first === undefined || last === undefined) throw chainChanged(fromBlock);
      // Twice as many, or fewer, so that a part has about the wanted number of events.
      const fitting = Math.floor((part.blocks.length * batchEvents) / Math.max(part.logs.length, 1));
      blocks = Math.max(1, Math.min(2 * part.blocks.length, fitting, batchBlocks));
      next = last.number < toBlock ? fetch(last.number + 1) : undefined;
      // Its failure is for the turn that takes it.
      next?.catch(() => undefined);
      if (parent !== undefined && first.parentHash !== parent.hash) throw chainChanged(first.number);
      parent = last;
      yield {
        blocks: part.blocks.map(blockRow),
        transactions: transactionRows(part, nameCall),
        events: events.read(part.logs),
      };
    }
    if (parent !== undefined) learned = { events, block: parent };
  };
}

function blockRow({ number, hash, parentHash, timestamp, gasUsed, gasLimit, transactions }: FullBlock): BlockRow {
  return { number, hash, parentHash, time: timestamp, gasUsed, gasLimit, transactions: transactions.length };
}

interface Part {
  readonly blocks: readonly FullBlock[];
  readonly logs: readonly RawLog[];
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

async function fetchPart(rpc: RpcClient, addresses: readonly string[], from: number, to: number): Promise<Part> {
  const numbers = Array.from({ length: to - from + 1 }, (_, place) => from + place);
  let logs: RawLog[];
  let found: (FullBlock | undefined)[];
  try {
    [found, logs] = await Promise.all([
      rpc.all(numbers.map(fullBlockCall)),
      rpc.call(logsCall({ address: addresses, fromBlock: from, toBlock: to })),
    ]);
  } catch (error) {
    if (from === to || !wantsLess(error)) throw error;
    return fetchPart(rpc, addresses, from, from + Math.floor((to - from) / 2));
  }
  const blocks = found.map((block, place) => {
    const before = found[place - 1];
    if (block === undefined || (before !== undefined && block.parentHash !== before.hash))
      throw chainChanged(from + place);
    return block;
  });
  const hashes = new Map(blocks.map(({ number, hash }) => [number, hash]));
  for (const log of logs) if (hashes.get(log.blockNumber) !== log.blockHash) throw chainChanged(log.blockNumber);
  logs.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
  // Logs and blocks came in several answers: if the last block is still the same, so is all before it.
  const [outcomes, last] = await Promise.all([fetchOutcomes(rpc, blocks, logs), rpc.call(blockCall(to))]);
  if (last?.hash !== hashes.get(to)) throw chainChanged(to);
  return { blocks, logs, outcomes };
}

/**
 * Receipts are the dearest question to a node, since each carries its logs again. A transaction that is alone in its block
 * and left an event of ours needs none: it succeeded and used the block's gas.
 */
async function fetchOutcomes(
  rpc: RpcClient,
  blocks: readonly FullBlock[],
  logs: readonly RawLog[],
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const logged = new Set(logs.map(({ transactionHash }) => transactionHash));
  const asked: { readonly hash: string; readonly block: FullBlock }[] = [];
  for (const block of blocks) {
    for (const { hash } of block.transactions) {
      if (block.transactions.length === 1 && logged.has(hash)) {
        outcomes.set(hash, { blockHash: block.hash, status: 1, gasUsed: block.gasUsed });
      } else {
        asked.push({ hash, block });
      }
    }
  }
  const answers = await rpc.all(asked.map(({ hash }) => outcomeCall(hash)));
  asked.forEach(({ hash, block }, place) => {
    const outcome = answers[place];
    if (outcome?.blockHash !== block.hash) throw chainChanged(block.number);
    outcomes.set(hash, outcome);
  });
  return outcomes;
}

function transactionRows({ blocks, outcomes }: Part, nameCall: ReturnType<typeof createCallNames>): TransactionRow[] {
  return blocks.flatMap(({ number, transactions }) =>
    transactions.map(({ hash, transactionIndex, from, to, nonce, input }) => {
      const outcome = outcomes.get(hash);
      if (outcome === undefined) throw chainChanged(number);
      const succeeded = outcome.status !== 0;
      const creates = to === null || to === undefined;
      return {
        hash,
        blockNumber: number,
        index: transactionIndex,
        from: getChecksum(from),
        to: creates ? null : getChecksum(to),
        nonce,
        ...nameCall(to, input),
        succeeded,
        gasUsed: outcome.gasUsed,
        createdContract: creates && succeeded ? getCreateAddress({ from, nonce }) : null,
      };
    }),
  );
}

async function learnEarlier(rpc: RpcClient, events: EventReader, from: number, to: number): Promise<void> {
  if (from > to || events.zoneTopics.length === 0) return;
  let logs: RawLog[];
  try {
    logs = await rpc.call(
      logsCall({ address: events.addresses, topics: [events.zoneTopics], fromBlock: from, toBlock: to }),
    );
  } catch (error) {
    if (from === to || !wantsLess(error)) throw error;
    const middle = from + Math.floor((to - from) / 2);
    await learnEarlier(rpc, events, from, middle);
    await learnEarlier(rpc, events, middle + 1, to);
    return;
  }
  logs.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
  events.learn(logs);
}

/** The node follows another chain than a moment ago. */
export function chainChanged(blockNumber: number): JouleworkError {
  return new JouleworkError({
    code: "CHAIN_CHANGED",
    what: "The node changed its chain while it was read",
    values: { block: blockNumber },
    hint: "Read again.",
  });
}
