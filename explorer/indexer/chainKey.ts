import { createHash } from "node:crypto";
import { blockCall, chainIdCall } from "../../src/chain/calls.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import type { RpcError } from "../../src/chain/rpcErrors.ts";
import type { ChainKey } from "../store/store.ts";
import { chainChanged } from "./readBatches.ts";
import { instanceCall } from "./nodeCalls.ts";
import { SYSTEM_ABIS } from "./systemAbis.ts";

/** Asks the node which chain it has, and which run it is. */
export async function readChainKey(rpc: RpcClient, deployment: Deployment): Promise<ChainKey> {
  const [chainId, genesis, instance] = await rpc.batch([chainIdCall(), blockCall(0), instanceCall()]);
  if (!chainId.ok) throw chainId.error;
  if (!genesis.ok) throw genesis.error;
  if (genesis.value === undefined) throw chainChanged(0);
  return {
    chainId: chainId.value,
    genesisHash: genesis.value.hash,
    instance: instanceOf(instance),
    deployment: fingerprint(deployment),
  };
}

/** The run's name of an answer; a node that has none refuses the question. */
export function instanceOf(
  answer: { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: RpcError },
): string {
  return answer.ok ? answer.value : "";
}

/** Changes with any contract, address or event, so that an index never lacks what the present version would have put into it. */
export function fingerprint({ deployBlock, contracts }: Deployment): string {
  const parts = Object.entries(contracts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, address]) => [name, address, (SYSTEM_ABIS[name] ?? []).filter(({ type }) => type === "event")]);
  return createHash("sha256")
    .update(JSON.stringify([deployBlock, parts]))
    .digest("hex")
    .slice(0, 32);
}
