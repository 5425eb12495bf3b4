import { createRpcClient } from "../../src/chain/rpc.ts";
import { chainIdCall } from "../../src/chain/calls.ts";
import { readDeployment } from "../../src/chain/deployment.ts";
import { connectExchange, type ConnectedExchange } from "../../src/chain/exchange.ts";
import { createSender, type Sender } from "../../src/chain/sender.ts";
import { accountKey, LOCAL_CHAIN_ID } from "../tasks/support/keys.ts";
import { networkAccounts, networkUrl } from "../explorer/networkUrl.ts";

export interface ChainOptions {
  readonly network: string;
  readonly rpc?: string | undefined;
  readonly deployment: string;
}

/** A running chain with a deployment on it. */
export interface OpenChain {
  readonly exchange: ConnectedExchange;
  /** A node of this machine whose keys are public and whose time can be moved. */
  readonly isLocal: boolean;
  /** Sends for the owner of sites, as the network's configuration or the environment has its key. */
  readonly owner: () => Promise<Sender>;
}

/** Connects to a deployment on a running chain. */
export async function openChain({ network, rpc, deployment }: ChainOptions): Promise<OpenChain> {
  const url = rpc ?? (await networkUrl(network));
  const record = await readDeployment(deployment);
  const exchange = await connectExchange({ rpcUrl: url, deployment: record });
  const chainId = await createRpcClient({ url }).call(chainIdCall());
  return {
    exchange,
    isLocal: chainId === LOCAL_CHAIN_ID,
    async owner() {
      const accounts = rpc === undefined ? await networkAccounts(network) : "remote";
      const privateKey = await accountKey("owner", { network, accounts, chainId });
      return createSender({ rpc: exchange.rpc, privateKey, chainId });
    },
  };
}
