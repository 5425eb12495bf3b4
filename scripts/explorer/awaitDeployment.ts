import { setTimeout as sleep } from "node:timers/promises";
import { checkDeployment, readDeployment, type Deployment } from "../../src/chain/deployment.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { JouleworkError } from "../../src/errors.ts";

const LOOK_EVERY_MS = 1_000;
/** What changes by itself once somebody deploys. */
const NOT_YET = new Set(["DEPLOYMENT_MISSING", "DEPLOYMENT_INVALID", "CONTRACT_MISSING", "RPC_UNREACHABLE"]);

/**
 * The recorded deployment once it is on the node's chain and its record has stopped growing; undefined where the signal
 * came first.
 */
export async function awaitDeployment(
  id: string,
  rpcUrl: string,
  signal: AbortSignal,
): Promise<Deployment | undefined> {
  const rpc = createRpcClient({ url: rpcUrl, patienceMs: 0 });
  let seen = "";
  while (!signal.aborted) {
    try {
      const deployment = await readDeployment(id);
      await checkDeployment(rpc, deployment);
      const record = JSON.stringify(deployment);
      if (record === seen) return deployment;
      seen = record;
    } catch (error) {
      if (!(error instanceof JouleworkError) || !NOT_YET.has(error.code)) throw error;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
