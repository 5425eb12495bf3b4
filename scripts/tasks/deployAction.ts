import { rm } from "node:fs/promises";
import { join } from "node:path";
import { id } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import Joulework from "../../modules/Joulework.ts";
import JouleworkLocal from "../../modules/JouleworkLocal.ts";
import { checkDeployment, readDeployment } from "../../src/chain/deployment.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { JouleworkError } from "../../src/errors.ts";
import { LOCAL_CHAIN_ID, type KeySource } from "./support/keys.ts";
import { addressField, parseInput } from "./support/parseInput.ts";
import { printFacts } from "./support/printTable.ts";
import { readJsonFile } from "./support/readInput.ts";
import { runTask } from "./support/runTask.ts";
import { openNetwork, type OpenNetwork } from "./support/session.ts";

interface DeployArguments {
  readonly paymentToken: string;
  readonly parameters: string;
  readonly deployment: string;
}

/** Parameters that name who holds a role; their defaults are the accounts after the deployer's. */
const HOLDERS = ["governor", "registrar", "grid", "guardian", "inspector"] as const;

// A price may be beyond what a JSON number holds exactly, so it is written as text.
const priceParameter = z
  .string()
  .regex(/^\d+$/, "must be digits")
  .transform((digits) => BigInt(digits));
const parametersSchema = z.strictObject({
  governor: addressField.optional(),
  registrar: addressField.optional(),
  grid: addressField.optional(),
  guardian: addressField.optional(),
  inspector: addressField.optional(),
  governorDelay: z.int().min(0).optional(),
  sellPrice: priceParameter.optional(),
  redeemPrice: priceParameter.optional(),
});

export default function deployAction(input: DeployArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const network = await openNetwork(hre);
    const { paymentToken } = parseInput(z.object({ paymentToken: z.literal("").or(addressField) }), {
      paymentToken: input.paymentToken,
    });
    const parsed = input.parameters === "" ? {} : parseInput(parametersSchema, await readJsonFile(input.parameters));
    const parameters = Object.fromEntries(
      Object.entries(parsed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    );
    const id = input.deployment === "" ? network.keys.network : input.deployment;
    const directory = join(hre.config.paths.ignition, "deployments");
    await dropStale(network, id, directory);
    await deploy(hre, network, { id, paymentToken, parameters });
    const deployment = await readDeployment(id, directory);
    await checkDeployment(createRpcClient({ url: network.url }), deployment);
    printFacts({ deployment: id, "chain id": deployment.chainId, ...deployment.contracts });
  });
}

/** A local node forgets its chain when it stops; the journal of the chain before would be taken for this one's. */
async function dropStale({ url, keys }: OpenNetwork, id: string, directory: string): Promise<void> {
  try {
    await checkDeployment(createRpcClient({ url }), await readDeployment(id, directory));
  } catch (error) {
    if (!(error instanceof JouleworkError)) throw error;
    if (error.code === "DEPLOYMENT_MISSING" || error.code === "DEPLOYMENT_INVALID") return;
    if (error.code !== "CONTRACT_MISSING" || keys.chainId !== LOCAL_CHAIN_ID) throw error;
    await rm(join(directory, id), { recursive: true, force: true });
  }
}

async function deploy(
  hre: HardhatRuntimeEnvironment,
  { keys }: OpenNetwork,
  {
    id: deploymentId,
    paymentToken,
    parameters,
  }: { id: string; paymentToken: string; parameters: Record<string, string | number | bigint> },
): Promise<void> {
  const local = paymentToken === "";
  if (local && keys.chainId !== LOCAL_CHAIN_ID) {
    throw new JouleworkError({
      code: "PAYMENT_TOKEN_MISSING",
      what: "A chain that is not local needs a payment token",
      values: { network: keys.network, chainId: keys.chainId },
      hint: "Give the address of the ERC-20 that credits are sold for: --payment-token 0x...",
    });
  }
  const accounts = await accountsFor(keys, parameters);
  const connection = await hre.network.create(
    accounts === undefined ? keys.network : { network: keys.network, override: { accounts } },
  );
  const options = { deploymentId, displayUi: false };
  try {
    if (local) {
      await connection.ignition.deploy(JouleworkLocal, { ...options, parameters: { JouleworkLocal: parameters } });
    } else {
      await connection.ignition.deploy(Joulework, {
        ...options,
        parameters: { Joulework: { ...parameters, paymentToken } },
      });
    }
  } catch (error) {
    throw new JouleworkError({
      code: "DEPLOYMENT_FAILED",
      what: `The deployment did not get through (${error instanceof Error ? error.message : String(error)})`,
      values: { deployment: deploymentId },
      hint: "Run the task again: it goes on where it stopped.",
    });
  } finally {
    await connection.close();
  }
}

/**
 * Ignition refuses a module whose default accounts are not all there, also where parameters take their place. Where the
 * network has fewer keys than roles, the parameters must name every holder, and keys that hold nothing fill the places.
 */
async function accountsFor(
  { network, accounts }: KeySource,
  parameters: Readonly<Record<string, unknown>>,
): Promise<string[] | undefined> {
  if (!Array.isArray(accounts) || accounts.length > HOLDERS.length) return undefined;
  const missing = HOLDERS.filter((holder) => parameters[holder] === undefined);
  if (missing.length > 0) {
    throw new JouleworkError({
      code: "ROLE_HOLDERS_MISSING",
      what: "The network has fewer accounts than the system has roles, so each holder has to be named",
      values: { network, missing: missing.join(", ") },
      hint: "Name them in a JSON file: --parameters file.json.",
    });
  }
  const given = await Promise.all(accounts.map((account) => account.getHexString()));
  return [...given, ...HOLDERS.slice(given.length - 1).map((holder) => id(`joulework holds nothing: ${holder}`))];
}
