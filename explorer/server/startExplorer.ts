import { fileURLToPath } from "node:url";
import { blockNumberCall } from "../../src/chain/calls.ts";
import { checkDeployment, type Deployment } from "../../src/chain/deployment.ts";
import { SYSTEM_ERRORS } from "../../src/chain/exchangeAbi.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { createIndexer, type Progress } from "../indexer/indexer.ts";
import { createApp } from "./app.ts";
import { openArtifacts } from "./artifacts.ts";
import { createAudits } from "./audit/audits.ts";
import { createContext, type ServerContext } from "./context.ts";
import { openStores, type IndexPlace } from "./indexPlace.ts";
import type { Limits } from "./limits.ts";
import { listen } from "./listen.ts";
import { createLosses } from "./losses/losses.ts";
import { createQueries } from "./queries/index.ts";

const POLL_MS = 100;
const ARTIFACTS = fileURLToPath(new URL("../../artifacts", import.meta.url));

export interface StartExplorerParameters {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly index: IndexPlace;
  /** Folder or address of the update store of training jobs, for their loss curves. */
  readonly models?: string;
  /** Folder of the built page; without it the API alone is served. */
  readonly page?: string;
  /** This port and no other; the first free one from the default on where absent. */
  readonly port?: number;
  readonly limits?: Limits;
  /** Also checks every answer by its schema. */
  readonly checkAnswers?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Hears of failures that nobody expected, and of an index that does not go on. */
  readonly onFailure?: (error: unknown) => void;
}

export interface Explorer {
  readonly url: string;
  readonly port: number;
  readonly context: ServerContext;
  /** Settles when everything that the node has at the moment is indexed. */
  readonly indexed: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Indexes a deployment's chain and serves it on 127.0.0.1 from the first moment on. */
export async function startExplorer({
  rpcUrl,
  deployment,
  index,
  models,
  page,
  port,
  onProgress,
  onFailure = () => undefined,
  ...options
}: StartExplorerParameters): Promise<Explorer> {
  const rpc = createRpcClient({ url: rpcUrl, errors: SYSTEM_ERRORS });
  await checkDeployment(rpc, deployment);
  const indexer = await createIndexer({
    rpc,
    deployment,
    openStore: openStores(index),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const { store } = indexer;
  const losses = models === undefined ? undefined : createLosses({ rpcUrl, deployment, models }, onFailure);
  const context = createContext({
    ...(losses === undefined ? {} : { losses }),
    rpc,
    deployment,
    store,
    artifacts: openArtifacts(ARTIFACTS),
    indexing() {
      const { fromBlock, indexedBlock, toBlock } = indexer.progress();
      return { fromBlock, toBlock: Math.max(toBlock, indexedBlock), done: indexedBlock >= toBlock };
    },
  });
  const newestBlock = async (): Promise<number> => (await store.head())?.number ?? deployment.deployBlock;
  const audits = createAudits({ rpcUrl, deployment, index, newestBlock });
  const stop = new AbortController();
  try {
    const app = await createApp({
      context,
      queries: createQueries(audits),
      onFailure,
      ...(page === undefined ? {} : { page }),
      ...options,
    });
    const server = await listen(app, port);
    const following = indexer.follow(stop.signal).catch(onFailure);
    return {
      url: `http://127.0.0.1:${String(server.port)}`,
      port: server.port,
      context,
      async indexed() {
        while (!(await isIndexed())) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      },
      async close() {
        stop.abort();
        await server.close();
        await audits.close();
        await losses?.close();
        await following;
        await store.close();
      },
    };
  } catch (error) {
    await audits.close();
    await store.close();
    throw error;
  }

  /** The node's newest block as it is now. */
  async function isIndexed(): Promise<boolean> {
    const newest = await rpc.call(blockNumberCall());
    return ((await store.head())?.number ?? -1) >= newest;
  }
}
