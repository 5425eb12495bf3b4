import { JouleworkError } from "../../src/errors.ts";

/** The node's address of a network of the Hardhat configuration, which is loaded for it alone. */
export async function networkUrl(name: string): Promise<string> {
  const { default: hre } = await import("hardhat");
  const network = hre.config.networks[name];
  if (network?.type === "http") {
    try {
      return await network.url.getUrl();
    } catch (cause) {
      throw new JouleworkError({
        code: "NETWORK_ADDRESS_MISSING",
        what: "The network's node has no address",
        // The first line names the variable; the others advise on plugins.
        values: {
          network: name,
          problem: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause),
        },
        hint: "Set the variable in the environment or with `npx hardhat keystore set`, or give the address with --rpc.",
      });
    }
  }
  const known = Object.entries(hre.config.networks).flatMap(([key, { type }]) => (type === "http" ? [key] : []));
  throw new JouleworkError({
    code: "NETWORK_UNKNOWN",
    what: "The Hardhat configuration has no such network with a node",
    values: { network: name, known: known.join(", ") },
    hint: "Name one of these, or give the node's address with --rpc.",
  });
}
