import { setTimeout as sleep } from "node:timers/promises";
import { JouleworkError } from "../errors.ts";
import type { Abi, EventNameOf, EventOf } from "./abiTypes.ts";
import { blockCall } from "./calls.ts";
import type { Block } from "./calls.ts";
import { readEvents } from "./logs.ts";
import type { RpcClient } from "./rpc.ts";

/** Where a watcher stands; keep it, and the next run goes on there. Plain data that survives JSON. */
export interface EventCursor {
  /** Hash of block 0: which chain this is. */
  readonly genesisHash: string;
  /** Blocks that were read, the newest last, to find out how far a chain agrees with what was read. */
  readonly read: readonly { readonly number: number; readonly hash: string }[];
}

export type EventUpdate<A extends Abi, Name extends EventNameOf<A> = EventNameOf<A>> =
  | {
      readonly kind: "events";
      readonly fromBlock: number;
      readonly toBlock: number;
      readonly events: readonly EventOf<A, Name>[];
      readonly cursor: EventCursor;
    }
  /** What came after `toBlock` is no longer in the chain; its events come again. */
  | { readonly kind: "rewound"; readonly toBlock: number; readonly cursor: EventCursor }
  /** The node has another chain now, as a local one does after a restart; the watch ends. */
  | { readonly kind: "restarted"; readonly genesisHash: string };

export interface WatchEventsParameters<A extends Abi, Name extends EventNameOf<A> = EventNameOf<A>> {
  readonly rpc: RpcClient;
  readonly abi: A;
  readonly address: string | readonly string[];
  /** The first block of interest: the deployment's. */
  readonly fromBlock: number;
  readonly names?: readonly Name[];
  /** Where an earlier watch stood. */
  readonly cursor?: EventCursor;
  readonly pollMs?: number;
  /** Blocks behind the newest one that are not read yet, on a chain that reorganises. */
  readonly confirmations?: number;
  readonly chunkBlocks?: number;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

const READ_BLOCKS_KEPT = 64;

/**
 * Follows a contract's events by polling, each exactly once as long as the consumer keeps the cursor together with what
 * it made of the events. A node that is away is waited for as long as the client's patience lasts.
 */
export async function* watchEvents<const A extends Abi, Name extends EventNameOf<A> = EventNameOf<A>>({
  cursor,
  pollMs = 1_000,
  confirmations = 0,
  signal,
  ...source
}: WatchEventsParameters<A, Name>): AsyncGenerator<EventUpdate<A, Name>> {
  const { rpc, fromBlock } = source;
  let at = cursor;
  // A function, because the signal changes while this waits.
  const stopped = (): boolean => signal?.aborted ?? false;
  while (!stopped()) {
    const [genesis, newest] = await headOf(rpc);
    at ??= { genesisHash: genesis.hash, read: [] };
    if (genesis.hash !== at.genesisHash) {
      yield { kind: "restarted", genesisHash: genesis.hash };
      return;
    }
    const agreed = await lastAgreed(rpc, at);
    if (agreed.read.length < at.read.length) {
      at = agreed;
      yield { kind: "rewound", toBlock: agreed.read.at(-1)?.number ?? fromBlock - 1, cursor: at };
    }
    const from = (at.read.at(-1)?.number ?? fromBlock - 1) + 1;
    const to = newest.number - confirmations;
    if (from <= to) {
      for await (const { toBlock, fromBlock: first, events } of readEvents({
        ...source,
        fromBlock: from,
        toBlock: to,
      })) {
        const [last, head] = await rpc.all([blockCall(toBlock), blockCall(newest.number)]);
        // As long as the head of before is in the chain, so is everything below it that the logs came from. If it is
        // not, the next round finds out how far the chain still agrees.
        if (last === undefined || head?.hash !== newest.hash) break;
        const read: EventCursor["read"] = [...at.read, { number: toBlock, hash: last.hash }].slice(-READ_BLOCKS_KEPT);
        at = { genesisHash: at.genesisHash, read };
        yield { kind: "events", fromBlock: first, toBlock, events, cursor: at };
        if (stopped()) return;
      }
    }
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

async function headOf(rpc: RpcClient): Promise<[Block, Block]> {
  const [genesis, newest] = await rpc.all([blockCall(0), blockCall("latest")]);
  if (genesis !== undefined && newest !== undefined) return [genesis, newest];
  throw new JouleworkError({
    code: "CHAIN_EMPTY",
    what: "The node has no blocks",
    values: { url: new URL(rpc.url).origin },
    hint: "Wait until it has synchronised.",
  });
}

/** The cursor without the blocks that the chain no longer has. */
async function lastAgreed(rpc: RpcClient, cursor: EventCursor): Promise<EventCursor> {
  const newest = cursor.read.at(-1);
  if (newest === undefined || (await rpc.call(blockCall(newest.number)))?.hash === newest.hash) return cursor;
  const blocks = await rpc.all(cursor.read.map(({ number }) => blockCall(number)));
  const firstGone = cursor.read.findIndex(({ hash }, place) => blocks[place]?.hash !== hash);
  return { genesisHash: cursor.genesisHash, read: cursor.read.slice(0, firstGone === -1 ? undefined : firstGone) };
}
