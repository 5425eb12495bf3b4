import { logsCall } from "./calls.ts";
import type { Abi, EventNameOf, EventOf } from "./abiTypes.ts";
import { createLogDecoder } from "./logDecoder.ts";
import type { LogDecoder } from "./logDecoder.ts";
import type { RpcClient } from "./rpc.ts";
import { RpcError, RpcTransportError } from "./rpcErrors.ts";

export interface FetchEventsParameters<A extends Abi, Name extends EventNameOf<A> = EventNameOf<A>> {
  readonly rpc: RpcClient;
  readonly abi: A;
  /** One contract or several that share the interface. */
  readonly address: string | readonly string[];
  readonly fromBlock: number;
  /** The last block, included. */
  readonly toBlock: number;
  /** Only these events; all of the interface where absent. */
  readonly names?: readonly Name[];
  /** What the indexed arguments must be, as 32 bytes each, in their order; null lets any pass. */
  readonly indexed?: readonly (string | null)[];
  /** Most blocks in one request; a node that finds them too many gets fewer. */
  readonly chunkBlocks?: number;
}

export interface EventChunk<A extends Abi, Name extends EventNameOf<A> = EventNameOf<A>> {
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly events: EventOf<A, Name>[];
}

// What nodes and providers say when they want a smaller range.
const TOO_MUCH = /too (many|large|big|wide)|more than|exceed|limit|range|size|timed? ?out|timeout|response/i;

/** The events of a range of blocks, part by part and in the chain's order; events that the interface lacks are left out. */
export async function* readEvents<const A extends Abi, Name extends EventNameOf<A> = EventNameOf<A>>({
  rpc,
  abi,
  address,
  fromBlock,
  toBlock,
  names,
  indexed = [],
  chunkBlocks = 2_000,
}: FetchEventsParameters<A, Name>): AsyncGenerator<EventChunk<A, Name>> {
  const decode: LogDecoder<A> = createLogDecoder(abi);
  const topics = [decode.topicsOf(names), ...indexed];
  let blocks = Math.max(1, chunkBlocks);
  for (let from = fromBlock; from <= toBlock;) {
    const to = Math.min(from + blocks - 1, toBlock);
    try {
      const logs = await rpc.call(logsCall({ address, topics, fromBlock: from, toBlock: to }));
      // The topics ask for the events that are named, so these are what its type says.
      const events = logs.map((log) => decode(log)).filter((event) => event !== undefined) as unknown as EventOf<
        A,
        Name
      >[];
      events.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
      yield { fromBlock: from, toBlock: to, events };
    } catch (error) {
      if (to === from || !wantsLess(error)) throw error;
      blocks = Math.max(1, Math.floor((to - from + 1) / 2));
      continue;
    }
    from = to + 1;
    blocks = Math.min(blocks * 2, Math.max(1, chunkBlocks));
  }
}

/** All events of a range of blocks in the chain's order. */
export async function fetchEvents<const A extends Abi, Name extends EventNameOf<A> = EventNameOf<A>>(
  parameters: FetchEventsParameters<A, Name>,
): Promise<EventOf<A, Name>[]> {
  const events: EventOf<A, Name>[] = [];
  for await (const chunk of readEvents(parameters)) for (const event of chunk.events) events.push(event);
  return events;
}

/** Whether a node or provider refused because it was asked for too much at once. */
export function wantsLess(error: unknown): boolean {
  if (error instanceof RpcError) return TOO_MUCH.test(error.rpcMessage);
  return error instanceof RpcTransportError && (error.code === "RPC_TIMEOUT" || error.code === "RPC_HTTP");
}
