import { Hono } from "hono";
import { Interface } from "ethers";
import hre from "hardhat";
import { createIndexer } from "../../../explorer/indexer/indexer.ts";
import { openArtifacts } from "../../../explorer/server/artifacts.ts";
import { createContext, type ServerContext } from "../../../explorer/server/context.ts";
import { mountOtterscan, type MountOtterscanOptions } from "../../../explorer/server/otterscan/mountOtterscan.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import { plainCall } from "../../../src/chain/calls.ts";
import { parseDeployment } from "../../../src/chain/deployment.ts";
import { createRpcClient, type RpcClient } from "../../../src/chain/rpc.ts";
import { compileSource, type CompiledContract } from "../verify/compileSource.ts";
import { WORLD_SOURCE } from "./worldSource.ts";

export interface RpcAnswer {
  readonly jsonrpc: string;
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string };
}

/** A node with the World contract on it, its index, and an endpoint over both. */
export interface World {
  readonly rpc: RpcClient;
  readonly context: ServerContext;
  readonly app: Hono;
  readonly address: string;
  readonly abi: Interface;
  /** The node's own accounts; the first one deployed the contract. */
  readonly accounts: readonly string[];
  readonly contracts: Record<string, CompiledContract>;
  /** Sends to the World, or somewhere else; the hash also where it reverts. */
  readonly send: (method: string, args: readonly unknown[], options?: SendOptions) => Promise<string>;
  readonly transfer: (from: string, to: string, value: number) => Promise<string>;
  /** Sends these within one block. */
  readonly inOneBlock: (send: () => Promise<unknown>) => Promise<void>;
  readonly index: () => Promise<void>;
  readonly ask: (method: string, ...params: unknown[]) => Promise<RpcAnswer>;
  readonly result: (method: string, ...params: unknown[]) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

interface SendOptions {
  readonly from?: string;
  readonly value?: number;
}

const GAS = "0x400000";

export async function startWorld(options: MountOtterscanOptions = {}): Promise<World> {
  const server = await hre.network.createServer("default", "127.0.0.1", 0);
  const { port } = await server.listen();
  const rpc = createRpcClient({ url: `http://127.0.0.1:${port}` });
  const node = (method: string, params: readonly unknown[] = []): Promise<unknown> =>
    rpc.call(plainCall(method, params));
  const contracts = compileSource(WORLD_SOURCE);
  const { World: compiled } = contracts;
  if (compiled === undefined) throw new Error("World");
  const accounts = (await node("eth_accounts")) as string[];
  const [deployer = ""] = accounts;

  // Failing transactions are wanted: a raw hash comes back in either case once the node does not throw on them.
  await node("hardhat_setLoggingEnabled", [false]);
  const sendTransaction = async (transaction: object): Promise<string> => {
    const before = BigInt((await node("eth_getTransactionCount", [from(transaction), "pending"])) as string);
    try {
      return (await node("eth_sendTransaction", [{ gas: GAS, ...transaction }])) as string;
    } catch (error) {
      // Hardhat mines it and reports the revert instead of the hash.
      const block = (await node("eth_getBlockByNumber", ["latest", true])) as {
        transactions: { hash: string; from: string; nonce: string }[];
      };
      const mined = block.transactions.find(
        ({ from: sender, nonce }) => sender === from(transaction).toLowerCase() && BigInt(nonce) === before,
      );
      if (mined === undefined) throw error;
      return mined.hash;
    }
  };

  const creation = await sendTransaction({ from: deployer, data: compiled.bytecode });
  const receipt = (await node("eth_getTransactionReceipt", [creation])) as { contractAddress: string };
  const address = receipt.contractAddress;
  const deployment = parseDeployment({ network: "world", chainId: 31337, deployBlock: 0, contracts: {} });
  const indexer = await createIndexer({ rpc, deployment, openStore: sqliteStores({ folder: ":memory:" }) });
  const context = createContext({
    rpc,
    deployment,
    store: indexer.store,
    artifacts: openArtifacts(hre.config.paths.artifacts),
    indexing: () => ({ fromBlock: 0, toBlock: 0, done: true }),
  });
  const app = new Hono();
  mountOtterscan(app, context, options);
  const abi = new Interface(compiled.abi);

  const ask = async (method: string, ...params: unknown[]): Promise<RpcAnswer> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 7, method, params });
    return (await (await post(app, body)).json()) as RpcAnswer;
  };
  return {
    rpc,
    context,
    app,
    address,
    abi,
    accounts,
    contracts,
    send: (method, args, { from: sender = deployer, value = 0 } = {}) =>
      sendTransaction({ from: sender, to: address, value: hex(value), data: abi.encodeFunctionData(method, args) }),
    transfer: (sender, to, value) => sendTransaction({ from: sender, to, value: hex(value) }),
    async inOneBlock(send) {
      await node("evm_setAutomine", [false]);
      await send();
      await node("evm_setAutomine", [true]);
      await node("evm_mine");
    },
    index: () => indexer.backfill(),
    ask,
    async result(method, ...params) {
      const { result, error } = await ask(method, ...params);
      if (error !== undefined) throw new Error(`${method}: ${error.message}`);
      return result;
    },
    async stop() {
      await indexer.store.close();
      await server.close();
    },
  };
}

/** Posts a body to the endpoint as a browser would. */
export async function post(app: Hono, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return app.request("/rpc", { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
}

function from(transaction: object): string {
  return "from" in transaction ? String(transaction.from) : "";
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
