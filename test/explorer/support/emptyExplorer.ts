import type { Hono } from "hono";
import { createApp, type AppParameters } from "../../../explorer/server/app.ts";
import { openArtifacts } from "../../../explorer/server/artifacts.ts";
import type { Audits } from "../../../explorer/server/audit/audits.ts";
import { createContext } from "../../../explorer/server/context.ts";
import { createQueries } from "../../../explorer/server/queries/index.ts";
import type { Queries } from "../../../explorer/server/queries/query.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import { createRpcClient } from "../../../src/chain/rpc.ts";

/** Nobody listens there. */
const NO_NODE = "http://127.0.0.1:9";
const ADDRESS = "0x00000000000000000000000000000000000000Ee";

export interface EmptyExplorerOptions extends Pick<AppParameters, "limits" | "page" | "onFailure"> {
  /** Queries in place of the server's own. */
  readonly queries?: Partial<Queries>;
}

/** The server over an index without a block and a node that is away: what it does with questions, whatever they are about. */
export async function emptyExplorer({ queries, ...options }: EmptyExplorerOptions = {}): Promise<Hono> {
  const deployment = {
    network: "nowhere",
    chainId: 31_337,
    deployBlock: 0,
    contracts: { EnergyExchange: ADDRESS, EnergyCredit: ADDRESS },
  };
  const chain = { chainId: 31_337, genesisHash: `0x${"00".repeat(32)}`, instance: "", deployment: "" };
  const context = createContext({
    rpc: createRpcClient({ url: NO_NODE, patienceMs: 0 }),
    deployment,
    store: await sqliteStores({ folder: ":memory:" })(chain),
    artifacts: openArtifacts("no such folder"),
    indexing: () => ({ fromBlock: 0, toBlock: 0, done: false }),
  });
  const refuse = (): never => {
    throw new Error("there is nothing to audit");
  };
  const audits: Audits = { start: refuse, get: refuse, close: () => Promise.resolve() };
  return createApp({ context, queries: { ...createQueries(audits), ...queries }, checkAnswers: true, ...options });
}

/** A request as a browser on this machine makes it. */
export function ask(app: Hono, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { host: "127.0.0.1:5100", ...(init.headers as Record<string, string> | undefined) };
  return Promise.resolve(app.request(path, { ...init, headers }));
}
