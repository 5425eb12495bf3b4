import { expect } from "chai";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIndexer } from "../../../explorer/indexer/indexer.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import type { OpenStore, Store, StoredEvent, StoredTransaction } from "../../../explorer/store/store.ts";
import type { Deployment } from "../../../src/chain/deployment.ts";
import { createRpcClient } from "../../../src/chain/rpc.ts";
import { playSmallRun } from "../../audit/smallRun.ts";
import { startJsonRpcServer, type JsonRpcTestServer } from "../../chain/jsonRpcServer.ts";

const ROOT = new URL("../../../", import.meta.url);
/** Milliseconds after the n-th request at which the process is killed: while it asks, decodes and writes. */
const KILLS = [
  [2, 0],
  [30, 0],
  [60, 15],
  [120, 0],
  [40, 60],
  [200, 25],
  [10, 120],
] as const;

describe("an indexer that is killed", () => {
  let connection: NetworkConnection;
  let deployment: Deployment;
  let folder: string;
  let server: JsonRpcTestServer;
  let onRequest: () => void = () => undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "joulework-killed-"));
    connection = await hre.network.create();
    ({ deployment } = await playSmallRun(connection));
    server = await startJsonRpcServer({
      handler({ method, params }) {
        onRequest();
        return connection.provider.request({ method, params: [...params] });
      },
    });
  });
  after(async () => {
    await server.close();
    await connection.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function startIndexer(): ChildProcess {
    const of = (path: string): string => JSON.stringify(new URL(path, ROOT).href);
    const script = `
      const { createIndexer } = await import(${of("explorer/indexer/indexer.ts")});
      const { sqliteStores } = await import(${of("explorer/store/sqliteStore.ts")});
      const { createRpcClient } = await import(${of("src/chain/rpc.ts")});
      const indexer = await createIndexer({
        rpc: createRpcClient({ url: ${JSON.stringify(server.url)} }),
        deployment: ${JSON.stringify(deployment)},
        openStore: sqliteStores({ folder: ${JSON.stringify(folder)} }),
      });
      await indexer.backfill();
      await indexer.store.close();`;
    const quiet = new URL("scripts/quiet.mjs", ROOT).href;
    return spawn(process.execPath, ["--import", quiet, "--input-type=module", "--eval", script], { stdio: "inherit" });
  }

  async function open(openStore: OpenStore): Promise<Store> {
    const indexer = await createIndexer({ rpc: createRpcClient({ url: server.url }), deployment, openStore });
    await indexer.backfill();
    return indexer.store;
  }

  it("goes on at any point and ends with the index of one that was left in peace", async () => {
    let killed = 0;
    for (const [requests, delayMs] of KILLS) {
      const child = startIndexer();
      let seen = 0;
      onRequest = () => {
        seen += 1;
        if (seen === requests) setTimeout(() => child.kill("SIGKILL"), delayMs);
      };
      const [, signal] = (await once(child, "exit")) as [number | null, string | null];
      if (signal === "SIGKILL") killed += 1;
    }
    onRequest = () => undefined;
    expect(killed).to.be.greaterThan(2);
    const last = startIndexer();
    expect((await once(last, "exit"))[0]).to.equal(0);
    const resumed = await open(sqliteStores({ folder }));
    const undisturbed = await open(sqliteStores({ folder: ":memory:" }));
    expect(await contentOf(resumed)).to.deep.equal(await contentOf(undisturbed));
    await resumed.close();
    await undisturbed.close();
  });
});

interface Content {
  readonly head: number;
  readonly events: StoredEvent[];
  readonly transactions: StoredTransaction[];
}

async function contentOf(store: Store): Promise<Content> {
  const head = (await store.head())?.number ?? -1;
  const content: Content = { head, events: [], transactions: [] };
  const page = { limit: 1_000, order: "oldest" } as const;
  for (let number = 0; number <= head; number += 1) {
    content.events.push(...(await store.events({ fromBlock: number, toBlock: number }, page)));
    content.transactions.push(...(await store.transactionsOfBlock(number, page)));
  }
  return content;
}
