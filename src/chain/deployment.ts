import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { getAddress, isAddress } from "ethers";
import { z } from "zod";
import { JouleworkError } from "../errors.ts";
import { chainIdCall, codeCall } from "./calls.ts";
import type { RpcClient } from "./rpc.ts";

const addressSchema = z
  .string()
  .refine((text) => isAddress(text), "not an address")
  .transform((text) => getAddress(text));

export const deploymentSchema = z.object({
  /** Name of the network, which is also the name of its record. */
  network: z.string().min(1),
  chainId: z.int().positive(),
  /** No event of the deployment is older. */
  deployBlock: z.int().nonnegative(),
  contracts: z.record(z.string(), addressSchema),
});

/** Where the contracts of one chain are. */
export type Deployment = z.output<typeof deploymentSchema>;

// Ignition's journal is a log of everything it did; these are the entries that place a deployment in the chain.
const journalEntrySchema = z.union([
  z.object({ type: z.literal("DEPLOYMENT_INITIALIZE"), chainId: z.int().positive() }),
  z.object({
    type: z.literal("TRANSACTION_CONFIRM"),
    receipt: z.object({ blockNumber: z.int().nonnegative(), contractAddress: z.string().optional() }),
  }),
]);

/** A deployment from a plain object, checked. */
export function parseDeployment(record: unknown, origin = "the given object"): Deployment {
  const parsed = deploymentSchema.safeParse(record);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(origin, issue === undefined ? "unreadable" : `${issue.path.join(".")}: ${issue.message}`);
}

/**
 * The deployment `id` that Ignition recorded in `directory`: `deployments/localhost/`, say. A record of the form
 * `deployments/<id>.json` serves too, for a chain that somebody else deployed to.
 */
export async function readDeployment(id: string, directory = "deployments"): Promise<Deployment> {
  const folder = join(directory, id);
  const flat = await readJson(`${folder}.json`);
  const addresses = await readJson(join(folder, "deployed_addresses.json"));
  if (addresses === undefined) {
    if (flat !== undefined) return parseDeployment(flat, `${folder}.json`);
    throw new JouleworkError({
      code: "DEPLOYMENT_MISSING",
      what: "There is no record of this deployment",
      values: { deployment: id, directory },
      hint: "Deploy first, or name one that is recorded there.",
    });
  }
  const path = join(folder, "deployed_addresses.json");
  const byFuture = z.record(z.string(), addressSchema).safeParse(addresses);
  if (!byFuture.success) throw invalid(path, byFuture.error.issues[0]?.message ?? "unreadable");
  const { chainId, deployBlock } = await readJournal(
    join(folder, "journal.jsonl"),
    new Set(Object.values(byFuture.data)),
  );
  return { network: id, chainId, deployBlock, contracts: byName(byFuture.data) };
}

/** Refuses a deployment that is not on the node's chain: another chain id, or no code at one of its addresses. */
export async function checkDeployment(rpc: RpcClient, deployment: Deployment): Promise<void> {
  const chainId = await rpc.call(chainIdCall());
  if (chainId !== deployment.chainId) {
    throw new JouleworkError({
      code: "CHAIN_ID_WRONG",
      what: "The node is on another chain than the deployment",
      values: { network: deployment.network, expected: deployment.chainId, node: chainId },
      hint: "Use the node of that network, or another deployment.",
    });
  }
  const contracts = Object.entries(deployment.contracts);
  const codes = await rpc.all(contracts.map(([, address]) => codeCall(address)));
  contracts.forEach(([name, address], place) => {
    if (codes[place] !== "0x") return;
    throw new JouleworkError({
      code: "CONTRACT_MISSING",
      what: "No contract is at the recorded address",
      values: { name, address, network: deployment.network },
      hint: "The node may have been started anew since the deployment: deploy again.",
    });
  });
}

/** The address of a contract, or an error that lists what there is. */
export function contractAddress(deployment: Deployment, name: string): string {
  const address = deployment.contracts[name];
  if (address !== undefined) return address;
  throw new JouleworkError({
    code: "CONTRACT_UNKNOWN",
    what: "The deployment has no contract of this name",
    values: { name, network: deployment.network, known: Object.keys(deployment.contracts).join(", ") },
    hint: "Deploy the current version, or use one of the names it has.",
  });
}

// Ignition names a contract "Module#Contract"; the module says where it was deployed from, which no reader needs.
function byName(byFuture: Readonly<Record<string, string>>): Record<string, string> {
  const contracts: Record<string, string> = {};
  for (const [future, address] of Object.entries(byFuture)) {
    const name = future.slice(future.lastIndexOf("#") + 1);
    const other = contracts[name];
    if (other !== undefined && other !== address) throw invalid(future, `two contracts are named ${name}`);
    contracts[name] = address;
  }
  return contracts;
}

async function readJournal(
  path: string,
  deployed: ReadonlySet<string>,
): Promise<{ chainId: number; deployBlock: number }> {
  const text = await readText(path);
  if (text === undefined) throw invalid(path, "the journal is missing");
  let chainId: number | undefined;
  let deployBlock: number | undefined;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const parsed = journalEntrySchema.safeParse(parseJson(line, path));
    if (!parsed.success) continue;
    const entry = parsed.data;
    if (entry.type === "DEPLOYMENT_INITIALIZE") {
      chainId = entry.chainId;
    } else if (isAddress(entry.receipt.contractAddress) && deployed.has(getAddress(entry.receipt.contractAddress))) {
      deployBlock = Math.min(deployBlock ?? Infinity, entry.receipt.blockNumber);
    }
  }
  if (chainId === undefined) throw invalid(path, "it names no chain");
  // A deployment of contracts that were there before has no block of its own.
  return { chainId, deployBlock: deployBlock ?? 0 };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  return text === undefined ? undefined : parseJson(text, path);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, "not JSON", error);
  }
}

function invalid(origin: string, problem: string, cause?: unknown): JouleworkError {
  return new JouleworkError({
    code: "DEPLOYMENT_INVALID",
    what: "The record of the deployment cannot be read",
    values: { origin, problem },
    hint: "Deploy again, or restore the record.",
    cause,
  });
}
