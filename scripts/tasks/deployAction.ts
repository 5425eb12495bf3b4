import { rm } from "node:fs/promises";
import { join } from "node:path";
import { getAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import Joulework from "../../modules/Joulework.ts";
import JouleworkLocal from "../../modules/JouleworkLocal.ts";
import { HOLDERS } from "../../modules/system.ts";
import { checkDeployment, readDeployment } from "../../src/chain/deployment.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { JouleworkError } from "../../src/errors.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
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

// A price or a number of votes may be beyond what a JSON number holds exactly, so it is written as text.
const wholeText = z
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
  timelockDelay: z.int().min(0).optional(),
  votingDelay: z.int().min(0).optional(),
  votingPeriod: z.int().min(1).optional(),
  proposalThreshold: wholeText.optional(),
  quorumPercent: z.int().min(0).max(100).optional(),
  handOverSites: z.int().min(1).optional(),
  seasonStart: z.int().min(1).optional(),
  seasonSlots: z.int().min(96).max(2688).optional(),
  claimSlots: z.int().min(8).max(960).optional(),
  rebatePrices: wholeText.optional(),
  sellPrice: wholeText.optional(),
  redeemPrice: wholeText.optional(),
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
    await printExplorerLink("/", createRpcClient({ url: network.url }));
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
  const connection = await hre.network.create(keys.network);
  const options = { deploymentId, displayUi: false };
  try {
    const accounts = z.array(addressField).parse(await connection.provider.request({ method: "eth_accounts" }));
    const holders = roleHolders({ network: keys.network, accounts, parameters, local });
    if (local) {
      await connection.ignition.deploy(JouleworkLocal, {
        ...options,
        parameters: { JouleworkLocal: { ...parameters, ...holders } },
      });
    } else {
      await connection.ignition.deploy(Joulework, {
        ...options,
        parameters: { Joulework: { ...parameters, ...holders, paymentToken } },
      });
    }
  } catch (error) {
    if (error instanceof JouleworkError) throw error;
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

interface RoleHoldersInput {
  readonly network: string;
  /** The accounts that the network's configuration or its node has keys of; the first one deploys. */
  readonly accounts: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly local: boolean;
}

/**
 * Who holds each role: whom the parameters name, else the network's account at the role's place. Where the network has
 * fewer accounts than that, nobody is chosen silently.
 */
function roleHolders({ network, accounts, parameters, local }: RoleHoldersInput): Record<string, string> {
  const enough = accounts.length > HOLDERS.length;
  if (local && !enough) {
    throw new JouleworkError({
      code: "LOCAL_ACCOUNTS_MISSING",
      what: "A local deployment uses six accounts, and the network has fewer",
      values: { network, accounts: accounts.length },
      hint: "Leave `accounts` out of the network's configuration: the local node has its own.",
    });
  }
  const missing = HOLDERS.filter((holder) => parameters[holder] === undefined);
  if (!enough && missing.length > 0) {
    throw new JouleworkError({
      code: "ROLE_HOLDERS_MISSING",
      what: `The network has fewer accounts than the system has roles: nobody is named for ${missing.join(", ")}`,
      values: { network, accounts: accounts.length },
      hint: `Name each in a JSON file, ${JSON.stringify(Object.fromEntries(missing.map((holder) => [holder, "0x..."])))}: --parameters file.json.`,
    });
  }
  const holders = HOLDERS.map((holder, index) => {
    const named = parameters[holder];
    return [holder, typeof named === "string" ? named : (accounts[index + 1] ?? "")] as const;
  });
  const [deployer] = accounts;
  for (const [holder, address] of holders) {
    if (holder !== "governor" || getAddress(address) !== deployer) continue;
    throw new JouleworkError({
      code: "GOVERNOR_IS_DEPLOYER",
      what: "The deployer gives up every role at the end, so it cannot be the governor",
      values: { governor: address },
      hint: "Name another account as governor in the parameters, or deploy with another key.",
    });
  }
  return Object.fromEntries(holders);
}
