import { JouleworkError } from "../../src/errors.ts";

/** The node's address of a network of the Hardhat configuration, which is loaded for it alone. */
export async function networkUrl(name: string): Promise<string> {
  const { default: hre } = await import("hardhat");
  const network = hre.config.networks[name];
  if (network?.type === "http") return network.url.getUrl();
  const known = Object.entries(hre.config.networks).flatMap(([key, { type }]) => (type === "http" ? [key] : []));
  throw new JouleworkError({
    code: "NETWORK_UNKNOWN",
    what: "The Hardhat configuration has no such network with a node",
    values: { network: name, known: known.join(", ") },
    hint: "Name one of these, or give the node's address with --rpc.",
  });
}
