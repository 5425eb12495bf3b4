import { JsonRpcProvider, Network } from "ethers";
import type { Deployment } from "./deployment.ts";

/**
 * An ethers provider for TypeChain's contracts. Its cache is off: for a quarter of a second it would give old answers, an
 * old nonce among them.
 */
export function createProvider(
  rpcUrl: string,
  { chainId, network }: Pick<Deployment, "chainId" | "network">,
): JsonRpcProvider {
  const staticNetwork = new Network(network, chainId);
  return new JsonRpcProvider(rpcUrl, staticNetwork, { staticNetwork, cacheTimeout: -1 });
}
