import { expect } from "chai";
import { AbiCoder, id } from "ethers";
import { watchEvents } from "../../src/chain/events.ts";
import type { EventCursor, EventUpdate } from "../../src/chain/events.ts";
import { fetchEvents, readEvents } from "../../src/chain/logs.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { RpcError } from "../../src/chain/rpcErrors.ts";
import { Refusal, rejectionOf, startJsonRpcServer } from "./jsonRpcServer.ts";
import type { JsonRpcRequest, JsonRpcTestServer } from "./jsonRpcServer.ts";

const ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const ABI = [
  { type: "event", name: "Counted", inputs: [{ name: "count", type: "uint32", indexed: false }] },
  { type: "event", name: "Other", inputs: [{ name: "count", type: "uint32", indexed: false }] },
] as const;
const COUNTED = id("Counted(uint32)");

describe("Events", () => {
  let chain: FakeChain;
  let server: JsonRpcTestServer;

  beforeEach(async () => {
    chain = new FakeChain();
    server = await startJsonRpcServer({ handler: (request) => chain.handle(request) });
  });

  afterEach(async () => server.close());

  const source = () => ({ rpc: createRpcClient({ url: server.url }), abi: ABI, address: ADDRESS });

  describe("of a range", () => {
    it("come in the chain's order, with typed arguments, chunk by chunk", async () => {
      chain.mine(10);
      const chunks = [];
      for await (const chunk of readEvents({ ...source(), fromBlock: 2, toBlock: 10, chunkBlocks: 4 })) {
        chunks.push([chunk.fromBlock, chunk.toBlock, chunk.events.map(({ args }) => args.count)]);
      }
      // The fake node gives the two events of a block in reverse order.
      expect(chunks).to.deep.equal([
        [2, 5, [20, 21, 30, 31, 40, 41, 50, 51]],
        [6, 9, [60, 61, 70, 71, 80, 81, 90, 91]],
        [10, 10, [100, 101]],
      ]);
    });

    it("are asked for in smaller parts where the node finds the range too large, and in larger ones again", async () => {
      chain.mine(40);
      chain.mostLogs = 12;
      const events = await fetchEvents({ ...source(), fromBlock: 1, toBlock: 40, chunkBlocks: 16 });
      expect(events.map(({ args }) => args.count)).to.deep.equal(
        Array.from({ length: 40 }, (_, block) => [10 * (block + 1), 10 * (block + 1) + 1]).flat(),
      );
      const [widest, ...others] = chain.ranges;
      expect(widest).to.equal(16);
      expect(others.filter((blocks) => blocks === 8).length, "grows again").to.be.above(1);
    });

    it("end with the node's error where even one block is too much, and where it refuses for another reason", async () => {
      chain.mine(3);
      chain.mostLogs = 1;
      const tooMany = await rejectionOf(fetchEvents({ ...source(), fromBlock: 1, toBlock: 3 }));
      expect((tooMany as RpcError).rpcMessage).to.include("returned more than 1 results");
      chain.refusal = "unauthorised";
      expect(await rejectionOf(fetchEvents({ ...source(), fromBlock: 1, toBlock: 3 }))).to.be.instanceOf(RpcError);
      expect(chain.ranges.at(-1)).to.equal(3);
    });

    it("ask the node for the wanted events alone", async () => {
      chain.mine(2);
      expect(await fetchEvents({ ...source(), fromBlock: 1, toBlock: 2, names: ["Other"] })).to.deep.equal([]);
      expect(chain.topics).to.deep.equal([[id("Other(uint32)")]]);
    });

    it("are none where the range is empty", async () => {
      expect(await fetchEvents({ ...source(), fromBlock: 5, toBlock: 4 })).to.deep.equal([]);
      expect(server.messages()).to.equal(0);
    });
  });

  describe("that are watched", () => {
    it("come once each while the chain grows, and go on at a kept cursor", async () => {
      chain.mine(3);
      const first = await collect(2, 1, undefined, () => chain.mine(2));
      expect(first.counts).to.deep.equal([10, 11, 20, 21, 30, 31, 40, 41, 50, 51]);
      chain.mine(1);
      const kept = JSON.parse(JSON.stringify(first.cursor)) as EventCursor;
      expect((await collect(1, 1, kept)).counts).to.deep.equal([60, 61]);
    });

    it("leave out blocks that are not old enough", async () => {
      chain.mine(6);
      expect((await collect(1, 4, undefined, undefined, 2)).counts).to.deep.equal([40, 41]);
    });

    it("come again from where a reorganised chain left what was read", async () => {
      chain.mine(4);
      const { cursor } = await collect(1, 1);
      chain.mine(2);
      const later = await collect(1, 1, cursor);
      chain.reorganise(5);
      const { updates, counts } = await collect(2, 1, later.cursor);
      expect(updates[0]).to.deep.include({ kind: "rewound", toBlock: 4 });
      expect(counts).to.deep.equal([50, 51, 60, 61]);
    });

    it("come again from the start where nothing that was read is left", async () => {
      chain.mine(3);
      const { cursor } = await collect(1, 2);
      chain.reorganise(2);
      const { updates } = await collect(2, 2, cursor);
      expect(updates[0]).to.deep.include({ kind: "rewound", toBlock: 1 });
      expect(updates[1]).to.deep.include({ kind: "events", fromBlock: 2, toBlock: 3 });
    });

    it("are read again where the chain was reorganised while its logs were on the way", async () => {
      chain.mine(4);
      chain.afterLogs = () => {
        chain.reorganise(2);
        chain.afterLogs = () => undefined;
      };
      const { updates } = await collect(1, 1);
      const [update] = updates;
      const hashes = update?.kind === "events" ? update.events.map(({ blockHash }) => blockHash) : [];
      expect(hashes).to.deep.equal([1, 1, 2, 2, 3, 3, 4, 4].map((block) => chain.hashOf(block)));
    });

    it("end when the node has another chain", async () => {
      chain.mine(3);
      const { cursor } = await collect(1, 1);
      chain = new FakeChain("restarted");
      chain.mine(9);
      const { updates } = await collect(5, 1, cursor);
      expect(updates).to.deep.equal([{ kind: "restarted", genesisHash: id("restarted/0") }]);
    });

    it("end when the caller says so, without waiting for the next poll", async () => {
      chain.mine(1);
      const stop = new AbortController();
      const updates = watchEvents({ ...source(), fromBlock: 1, pollMs: 60_000, signal: stop.signal });
      await updates.next();
      setTimeout(() => stop.abort(), 20);
      expect((await updates.next()).done).to.be.true;
    });
  });

  /** Watches until `most` updates have come. */
  async function collect(
    most: number,
    fromBlock: number,
    cursor?: EventCursor,
    between?: () => void,
    confirmations = 0,
  ) {
    const updates: EventUpdate<typeof ABI>[] = [];
    let last = cursor;
    const watched = watchEvents({
      ...source(),
      fromBlock,
      pollMs: 5,
      confirmations,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for await (const update of watched) {
      updates.push(update);
      if (update.kind !== "restarted") last = update.cursor;
      if (updates.length >= most) break;
      between?.();
    }
    const counts = updates.flatMap((update) =>
      update.kind === "events" ? update.events.map(({ args }) => args.count) : [],
    );
    return { updates, counts, cursor: requireCursor(last) };
  }
});

function requireCursor(cursor: EventCursor | undefined): EventCursor {
  if (cursor === undefined) throw new Error("the watch gave no cursor");
  return cursor;
}

/** A chain whose block n has two `Counted` events, 10n and 10n + 1. */
class FakeChain {
  readonly #name: string;
  readonly #hashes: string[];
  #forks = 0;
  readonly ranges: number[] = [];
  topics: unknown;
  mostLogs = Infinity;
  refusal: string | undefined;
  /** What happens as soon as the node has looked its logs up. */
  afterLogs: () => void = () => undefined;

  constructor(name = "first") {
    this.#name = name;
    this.#hashes = [id(`${name}/0`)];
  }

  mine(blocks: number): void {
    for (let mined = 0; mined < blocks; mined += 1) {
      this.#hashes.push(id(`${this.#name}/${String(this.#hashes.length)}/${String(this.#forks)}`));
    }
  }

  /** Puts other blocks in place of those from `first` on. */
  reorganise(first: number): void {
    const gone = this.#hashes.length - first;
    this.#forks += 1;
    this.#hashes.length = first;
    this.mine(gone);
  }

  handle({ method, params: [first] }: JsonRpcRequest): unknown {
    if (method === "eth_getBlockByNumber") return this.#block(first as string);
    if (method !== "eth_getLogs") throw new Refusal(-32601, `the method ${method} does not exist`);
    const filter = first as { fromBlock: string; toBlock: string; topics: string[][] };
    const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)];
    this.ranges.push(to - from + 1);
    this.topics = filter.topics;
    if (this.refusal !== undefined) throw new Refusal(-32000, this.refusal);
    if (filter.topics[0]?.includes(COUNTED) !== true) return [];
    const logs = Array.from({ length: to - from + 1 }, (_, place) => [
      this.#log(from + place, 1),
      this.#log(from + place, 0),
    ]).flat();
    if (logs.length > this.mostLogs)
      throw new Refusal(-32005, `query returned more than ${String(this.mostLogs)} results`);
    this.afterLogs();
    return logs;
  }

  hashOf(block: number): string | undefined {
    return this.#hashes[block];
  }

  #block(tag: string): unknown {
    const number = tag === "latest" ? this.#hashes.length - 1 : Number(tag);
    const hash = this.#hashes[number];
    if (hash === undefined) return null;
    return { number: hex(number), hash, parentHash: "0x00", timestamp: "0x1", gasLimit: "0x1" };
  }

  #log(block: number, index: number): unknown {
    return {
      address: ADDRESS.toLowerCase(),
      topics: [COUNTED],
      data: AbiCoder.defaultAbiCoder().encode(["uint32"], [10 * block + index]),
      blockNumber: hex(block),
      blockHash: this.#hashes[block],
      transactionHash: id(String(block)),
      transactionIndex: "0x0",
      logIndex: hex(index),
    };
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
