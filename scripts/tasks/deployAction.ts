import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import Joulework from "../../modules/Joulework.ts";
import JouleworkLocal from "../../modules/JouleworkLocal.ts";
import { checkDeployment, readDeployment } from "../../src/chain/deployment.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { JouleworkError } from "../../src/errors.ts";
import { LOCAL_CHAIN_ID } from "./support/keys.ts";
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

// Ignition takes a bigint as text that ends in n; a price may be beyond what a JSON number holds.
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
    id,
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
  const connection = await hre.network.create();
  const options = { deploymentId: id, displayUi: false };
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
      values: { deployment: id },
      hint: "Run the task again: it goes on where it stopped.",
    });
  } finally {
    await connection.close();
  }
}
