import { Hono } from "hono";
import hre from "hardhat";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createIndexer } from "../../../explorer/indexer/indexer.ts";
import { openArtifacts } from "../../../explorer/server/artifacts.ts";
import { createContext } from "../../../explorer/server/context.ts";
import { mountLookups } from "../../../explorer/server/lookup/mountLookups.ts";
import { mountOtterscan } from "../../../explorer/server/otterscan/mountOtterscan.ts";
import { mountSourcify } from "../../../explorer/server/sourcify/mountSourcify.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import { deployLocally } from "../../../scripts/start/deployLocally.ts";
import { plainCall } from "../../../src/chain/calls.ts";
import { readDeployment, type Deployment } from "../../../src/chain/deployment.ts";
import { createRpcClient } from "../../../src/chain/rpc.ts";

/** The whole system on a node, with its index and the endpoints that other explorers read. */
export interface DeployedSystem {
  /** As Ignition recorded it: with every library. */
  readonly deployment: Deployment;
  readonly node: (method: string, ...params: unknown[]) => Promise<unknown>;
  readonly get: (path: string) => Promise<Response>;
  /** One of Otterscan's methods, through the endpoint. */
  readonly ots: (method: string, ...params: unknown[]) => Promise<unknown>;
  readonly index: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function deploySystem(): Promise<DeployedSystem> {
  const server = await hre.network.createServer("default", "127.0.0.1", 0);
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;
  const record = `localhost-test-${port}`;
  const directory = join(hre.config.paths.ignition, "deployments");
  // What deploys the local system lists no libraries: the endpoints have to find them.
  const listed = await deployLocally(url, { seasonStart: 1_945_056, seasonSlots: 96, claimSlots: 8 }, record);
  const deployment = await readDeployment(record, directory);
  await rm(join(directory, record), { recursive: true, force: true });
  const rpc = createRpcClient({ url });
  const indexer = await createIndexer({ rpc, deployment, openStore: sqliteStores({ folder: ":memory:" }) });
  await indexer.backfill();
  const context = createContext({
    rpc,
    deployment: { ...deployment, contracts: listed.contracts },
    store: indexer.store,
    artifacts: openArtifacts(hre.config.paths.artifacts),
    indexing: () => ({ fromBlock: 0, toBlock: 0, done: true }),
  });
  const app = new Hono();
  mountOtterscan(app, context);
  mountSourcify(app, context);
  mountLookups(app, context);
  return {
    deployment,
    node: (method, ...params) => rpc.call(plainCall(method, params)),
    get: async (path) => app.request(path),
    async ots(method, ...params) {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      const answer = (await (await app.request("/rpc", { method: "POST", body })).json()) as { result: unknown };
      return answer.result;
    },
    index: () => indexer.backfill(),
    async stop() {
      await indexer.store.close();
      await server.close();
    },
  };
}
