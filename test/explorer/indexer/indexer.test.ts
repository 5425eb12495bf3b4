import { expect } from "chai";
import { getAddress, Interface } from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIndexer, type Indexer, type Progress } from "../../../explorer/indexer/indexer.ts";
import { readBatches } from "../../../explorer/indexer/readBatches.ts";
import { SYSTEM_ABIS } from "../../../explorer/indexer/systemAbis.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import type { EventRow, OpenStore, Store, StoredEvent } from "../../../explorer/store/store.ts";
import type { Deployment } from "../../../src/chain/deployment.ts";
import type { RpcCall, RpcClient } from "../../../src/chain/rpc.ts";
import { RpcTransportError } from "../../../src/chain/rpcErrors.ts";
import { playSmallRun } from "../../audit/smallRun.ts";
import { hardhatRpc } from "../../audit/hardhatRpc.ts";

describe("the indexer on a node", () => {
  let connection: NetworkConnection;
  let deployment: Deployment;
  let openStore: OpenStore;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "joulework-indexer-"));
    openStore = sqliteStores({ folder });
    connection = await hre.network.create();
    ({ deployment } = await playSmallRun(connection));
  });
  after(async () => {
    await connection.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask<T>(method: string, ...params: unknown[]): Promise<T> {
    return (await connection.provider.request({ method, params })) as T;
  }

  async function mineTransfer(): Promise<string> {
    const [from, to] = await ask<string[]>("eth_accounts");
    return ask<string>("eth_sendTransaction", { from, to, value: "0x1" });
  }

  it("holds every transaction as its receipt tells it, and every event of the system once", async () => {
    const indexer = await createIndexer({ rpc: hardhatRpc(connection), deployment, openStore });
    await indexer.backfill();
    const head = await headOf(connection);
    expect(indexer.progress()).to.include({ indexedBlock: head, toBlock: head, problem: null });
    const expected: string[] = [];
    for (let number = deployment.deployBlock; number <= head; number += 1) {
      const block = await ask<NodeBlock>("eth_getBlockByNumber", `0x${number.toString(16)}`, true);
      expect(await indexer.store.block(number)).to.include({ hash: block.hash, time: Number(block.timestamp) });
      for (const sent of block.transactions) {
        const receipt = await ask<NodeReceipt>("eth_getTransactionReceipt", sent.hash);
        const stored = await indexer.store.transaction(sent.hash);
        expect(stored).to.include({
          blockNumber: number,
          index: Number(sent.transactionIndex),
          from: getAddress(sent.from),
          to: sent.to === null ? null : getAddress(sent.to),
          nonce: Number(sent.nonce),
          succeeded: Number(receipt.status) === 1,
          gasUsed: Number(receipt.gasUsed),
          createdContract: receipt.contractAddress === null ? null : getAddress(receipt.contractAddress),
        });
        expect(stored?.method ?? null).to.equal(methodOf(deployment, sent.to, sent.input));
        expected.push(...receipt.logs.flatMap((log) => decoded(deployment, log)));
      }
    }
    expect(expected.length).to.be.greaterThan(200);
    expect((await allEvents(indexer.store)).map(described)).to.deep.equal(expected);
    expect(await indexer.store.transactionBySenderAndNonce(`0x${"12".repeat(20)}`, 0)).to.equal(undefined);
    await indexer.store.close();
  });

  it("reads the same of a part of the chain as of the whole", async () => {
    const rpc = hardhatRpc(connection);
    const toBlock = await headOf(connection);
    const range = { rpc, deployment, toBlock };
    const whole: EventRow[] = [];
    for await (const { events } of readBatches({ ...range, fromBlock: 0 })) whole.push(...events);
    const middle = Math.floor(toBlock / 2);
    const part: EventRow[] = [];
    for await (const { events } of readBatches({ ...range, fromBlock: middle, batchBlocks: 3 })) part.push(...events);
    expect(part).to.deep.equal(whole.filter(({ blockNumber }) => blockNumber >= middle));
    expect(part.some(({ name, keys }) => name !== "TariffFixed" && keys.some(({ kind }) => kind === "slot"))).to.equal(
      true,
    );
  });

  it("goes on where an earlier indexer stopped", async () => {
    const first = await createIndexer({ rpc: hardhatRpc(connection), deployment, openStore });
    await first.backfill();
    await first.store.close();
    const hash = await mineTransfer();
    const second = await createIndexer({ rpc: hardhatRpc(connection), deployment, openStore });
    await second.backfill();
    expect(second.progress().events).to.equal(0);
    expect(await second.store.transaction(hash)).to.include({ succeeded: true, gasUsed: 21_000 });
    await second.store.close();
  });

  it("looks back for zones once, not with every new block", async () => {
    const node = hardhatRpc(connection);
    const earlier = await createIndexer({ rpc: node, deployment, openStore });
    await earlier.backfill();
    await earlier.store.close();
    const asked: RpcCall<unknown>[] = [];
    const rpc: RpcClient = {
      ...node,
      call(request) {
        asked.push(request);
        return node.call(request);
      },
    };
    const indexer = await createIndexer({ rpc, deployment, openStore });
    for (let round = 0; round < 3; round += 1) {
      await mineTransfer();
      await indexer.backfill();
    }
    const back = asked.filter(({ method, params }) => method === "eth_getLogs" && "topics" in (params[0] as object));
    expect(back).to.have.length(1);
    await indexer.store.close();
  });

  it("forgets the blocks that a reorganisation took back, and holds those that came instead", async () => {
    const indexer = await createIndexer({ rpc: hardhatRpc(connection), deployment, openStore });
    const snapshot = await ask<string>("evm_snapshot");
    const gone = [await mineTransfer(), await mineTransfer(), await mineTransfer()];
    await indexer.backfill();
    const before = await headOf(connection);
    for (const hash of gone) expect(await indexer.store.transaction(hash)).to.not.equal(undefined);
    await ask("evm_revert", snapshot);
    await ask("evm_increaseTime", 1_000);
    const come = [await mineTransfer(), await mineTransfer()];
    await indexer.backfill();
    for (const hash of come) expect(await indexer.store.transaction(hash)).to.not.equal(undefined);
    const stored = await indexer.store.head();
    expect(stored?.number).to.equal(before - 1);
    expect(stored?.hash).to.equal((await ask<NodeBlock>("eth_getBlockByNumber", "latest", false)).hash);
    const fresh = await createIndexer({
      rpc: hardhatRpc(connection),
      deployment,
      openStore: sqliteStores({ folder: ":memory:" }),
    });
    await fresh.backfill();
    await sameIndex(indexer.store, fresh.store);
    await indexer.store.close();
    await fresh.store.close();
  });

  it("takes back also what a reorganisation leaves no block for", async () => {
    const indexer = await createIndexer({ rpc: hardhatRpc(connection), deployment, openStore });
    const snapshot = await ask<string>("evm_snapshot");
    await mineTransfer();
    await indexer.backfill();
    await ask("evm_revert", snapshot);
    await indexer.backfill();
    expect((await indexer.store.head())?.number).to.equal(await headOf(connection));
    await indexer.store.close();
  });

  it("follows new blocks, waits for a node that is away, and then goes on by itself", async () => {
    let away = false;
    const node = hardhatRpc(connection);
    const rpc: RpcClient = {
      ...node,
      batch: (calls) => (away ? Promise.reject(gone()) : node.batch(calls)),
      all: (calls) => (away ? Promise.reject(gone()) : node.all(calls)),
    };
    const told: Progress[] = [];
    const waiting = new Set<() => void>();
    const indexer = await createIndexer({
      rpc,
      deployment,
      openStore,
      pollMs: 5,
      onProgress(progress) {
        told.push(progress);
        for (const check of waiting) check();
      },
    });
    const until = (holds: (progress: Progress) => boolean): Promise<void> =>
      new Promise((resolve) => {
        const check = (): void => {
          const last = told.at(-1);
          if (last === undefined || !holds(last)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      });
    const end = new AbortController();
    const following = indexer.follow(end.signal);
    const head = await headOf(connection);
    await until(({ indexedBlock }) => indexedBlock === head);
    away = true;
    await until(({ problem }) => problem !== null);
    const hash = await mineTransfer();
    away = false;
    await until(({ indexedBlock, problem }) => indexedBlock === head + 1 && problem === null);
    expect(await indexer.store.transaction(hash)).to.not.equal(undefined);
    end.abort();
    await following;
    await indexer.store.close();
  });

  it("notices a node that was started anew, indexes it apart, and comes back to the first", async () => {
    const other = await hre.network.create();
    let current = hardhatRpc(connection);
    const rpc: RpcClient = {
      ...current,
      call: (call) => current.call(call),
      all: (calls) => current.all(calls),
      batch: (calls) => current.batch(calls),
    };
    const indexer: Indexer = await createIndexer({ rpc, deployment, openStore });
    await indexer.backfill();
    const [first, head, events] = [indexer.chain(), await indexer.store.head(), await indexer.store.countEvents({})];
    current = hardhatRpc(other);
    await indexer.backfill();
    expect(indexer.chain().instance).to.not.equal(first.instance);
    expect((await indexer.store.head())?.number ?? 0).to.equal(await headOf(other));
    expect(await indexer.store.countEvents({})).to.equal(0);
    current = hardhatRpc(connection);
    await indexer.backfill();
    expect(indexer.chain()).to.deep.equal(first);
    expect(await indexer.store.head()).to.deep.equal(head);
    expect(await indexer.store.countEvents({})).to.equal(events);
    await indexer.store.close();
    await other.close();
  });

  it("keeps an index of another deployment on the same chain apart", async () => {
    const rpc = hardhatRpc(connection);
    const { EnergyCredit = "" } = deployment.contracts;
    const less = { ...deployment, contracts: { EnergyCredit } };
    const indexer = await createIndexer({ rpc, deployment: less, openStore });
    await indexer.backfill();
    expect(await indexer.store.countEvents({})).to.equal(await indexer.store.countEvents({ contract: "EnergyCredit" }));
    expect(await indexer.store.countEvents({})).to.be.greaterThan(0);
    await indexer.store.close();
  });
});

interface NodeBlock {
  readonly hash: string;
  readonly timestamp: string;
  readonly transactions: readonly {
    readonly hash: string;
    readonly transactionIndex: string;
    readonly from: string;
    readonly to: string | null;
    readonly nonce: string;
    readonly input: string;
  }[];
}

interface NodeLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly logIndex: string;
  readonly blockNumber: string;
}

interface NodeReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly contractAddress: string | null;
  readonly logs: readonly NodeLog[];
}

function gone(): RpcTransportError {
  return new RpcTransportError({
    code: "RPC_UNREACHABLE",
    what: "The node does not answer",
    hint: "Start it.",
    transient: true,
    unsent: true,
  });
}

async function headOf({ provider }: NetworkConnection): Promise<number> {
  return Number(await provider.request({ method: "eth_blockNumber" }));
}

async function allEvents(store: Store): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const last = events.at(-1);
    const after = last === undefined ? {} : { after: { blockNumber: last.blockNumber, index: last.logIndex } };
    const page = await store.events({}, { limit: 1_000, order: "oldest", ...after });
    if (page.length === 0) return events;
    events.push(...page);
  }
}

async function sameIndex(one: Store, other: Store): Promise<void> {
  expect(await one.head()).to.deep.equal(await other.head());
  const [events, others] = [await allEvents(one), await allEvents(other)];
  expect(events).to.deep.equal(others);
}

function described({ contract, name, blockNumber, logIndex, args }: StoredEvent): string {
  const values = Object.values(JSON.parse(args) as object).map((value) => flat(value));
  return `${blockNumber}/${logIndex} ${contract}.${name}(${values.join()})`;
}

/** A log as ethers decodes it, in the words of `described`; nothing where the system's interfaces lack it. */
function decoded({ contracts }: Deployment, log: NodeLog): string[] {
  const [contract = ""] = Object.entries(contracts).find(([, address]) => address === getAddress(log.address)) ?? [];
  const parsed = new Interface(SYSTEM_ABIS[contract] ?? []).parseLog(log);
  if (parsed === null) return [];
  const values = [...parsed.args].map((value) => flat(value));
  return [`${Number(log.blockNumber)}/${Number(log.logIndex)} ${contract}.${parsed.name}(${values.join()})`];
}

function flat(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => flat(item)).join();
  if (typeof value === "object" && value !== null)
    return Object.values(value)
      .map((item) => flat(item))
      .join();
  return String(value);
}

function methodOf({ contracts }: Deployment, to: string | null, input: string): string | null {
  const [contract] = Object.entries(contracts).find(([, address]) => to !== null && address === getAddress(to)) ?? [];
  if (contract === undefined) return null;
  return new Interface(SYSTEM_ABIS[contract] ?? []).getFunction(input.slice(0, 10))?.name ?? null;
}
