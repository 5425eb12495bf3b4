import { getAddress } from "ethers";
import type { Abi } from "../../src/chain/abiTypes.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import type { Store } from "../store/store.ts";
import type { Artifacts } from "./artifacts.ts";
import type { Losses } from "./losses/losses.ts";

/** How far the index has come. */
export interface Indexing {
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly done: boolean;
}

/** What every part of the server answers from. */
export interface ServerContext {
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  readonly store: Store;
  readonly artifacts: Artifacts;
  readonly indexing: () => Indexing;
  /** Absent where no update store was named. */
  readonly losses?: Losses;
  /** Name of a contract of the deployment, or of a role's account; undefined of anybody else. Any spelling of the address. */
  readonly nameOf: (address: string) => string | undefined;
  /** Functions, events and errors of a contract of the deployment by its name; undefined where it was not compiled here. */
  readonly abiOf: (contract: string) => Promise<Abi | undefined>;
}

/** Where the pieces of a context come from. */
export type ContextParts = Pick<ServerContext, "rpc" | "deployment" | "store" | "artifacts" | "indexing" | "losses">;

/** A context around a deployment, an index and a node. */
export function createContext(parts: ContextParts): ServerContext {
  const names = new Map(Object.entries(parts.deployment.contracts).map(([name, address]) => [address, name]));
  return {
    ...parts,
    nameOf: (address) => names.get(getAddress(address.toLowerCase())),
    abiOf: async (contract) => (await parts.artifacts.artifact(contract))?.abi,
  };
}
