import type { HttpNetworkConfig } from "hardhat/types/config";
import { JouleworkError } from "../../src/errors.ts";

/** The node's address of a network of the Hardhat configuration, which is loaded for it alone. */
export async function networkUrl(name: string): Promise<string> {
  const { url } = await httpNetwork(name);
  try {
    return await url.getUrl();
  } catch (cause) {
    throw new JouleworkError({
      code: "NETWORK_ADDRESS_MISSING",
      what: "The network's node has no address",
      // The first line names the variable; the others advise on plugins.
      values: { network: name, problem: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause) },
      hint: "Set the variable in the environment or with `npx hardhat keystore set`, or give the address with --rpc.",
    });
  }
}

/** The accounts that the Hardhat configuration gives a network with a node. */
export async function networkAccounts(name: string): Promise<HttpNetworkConfig["accounts"]> {
  const { accounts } = await httpNetwork(name);
  return accounts;
}

async function httpNetwork(name: string): Promise<HttpNetworkConfig> {
  const { default: hre } = await import("hardhat");
  const network = hre.config.networks[name];
  if (network?.type === "http") return network;
  const known = Object.entries(hre.config.networks).flatMap(([key, { type }]) => (type === "http" ? [key] : []));
  throw new JouleworkError({
    code: "NETWORK_UNKNOWN",
    what: "The Hardhat configuration has no such network with a node",
    values: { network: name, known: known.join(", ") },
    hint: "Name one of these, or give the node's address with --rpc.",
  });
}
