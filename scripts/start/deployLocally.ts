import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import hre from "hardhat";
import { getAddress } from "ethers";
import type { Deployment } from "../../src/chain/deployment.ts";
import JouleworkLocal from "../../modules/JouleworkLocal.ts";

/** The record that tools look for by default: `npm run audit` and the tasks find the running chain by it. */
const DEPLOYMENT_ID = "localhost";

/** Which slots the seasons cover, fixed at deployment, and the rebates that they begin with. */
export interface SeasonParameters {
  /** First slot of season 1. */
  readonly seasonStart: number;
  readonly seasonSlots: number;
  readonly claimSlots: number;
  /** As `packRebatePrices` packs them; those of a new deployment if left out. */
  readonly rebatePrices?: bigint;
}

export interface LocalParameters extends SeasonParameters {
  /** How many sites with votes end the council's rule; the module's own number where absent. */
  readonly handOverSites?: number;
}

/**
 * Deploys the system to the fresh local node at `url` with the production module. The record of an earlier node under
 * the same id is removed first: Ignition would take its contracts for deployed.
 */
export async function deployLocally(
  url: string,
  parameters: LocalParameters,
  deploymentId = DEPLOYMENT_ID,
): Promise<Deployment> {
  const record = fileURLToPath(new URL(`../../deployments/${deploymentId}`, import.meta.url));
  await rm(record, { recursive: true, force: true });
  // A fresh clone has no artifacts yet; where they are up to date this takes a moment.
  await hre.tasks.getTask("build").run({ quiet: true });
  const connection = await hre.network.create({ network: "localhost", override: { url } });
  try {
    const deployed = await connection.ignition.deploy(JouleworkLocal, {
      displayUi: false,
      deploymentId,
      parameters: { JouleworkLocal: { ...parameters } },
    });
    const addresses: [string, string][] = await Promise.all(
      Object.entries(deployed).map(async ([name, contract]): Promise<[string, string]> => [
        `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        getAddress(await contract.getAddress()),
      ]),
    );
    const chainId = Number((await connection.ethers.provider.getNetwork()).chainId);
    const contracts: Record<string, string> = Object.fromEntries(addresses.sort());
    return { network: deploymentId, chainId, deployBlock: 0, contracts };
  } finally {
    await connection.close();
  }
}
