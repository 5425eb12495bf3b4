import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { contractAddress, readDeployment } from "../../../src/chain/deployment.ts";
import type { RpcClient } from "../../../src/chain/rpc.ts";
import { JouleworkError } from "../../../src/errors.ts";
import type { Artifacts } from "../artifacts.ts";
import type { CompiledCode } from "./compareBytecode.ts";
import type { CompilerInput, ContractKey } from "./recompile.ts";
import { withLibraries } from "./withLibraries.ts";

/** A contract of a deployment record with what it was compiled from. */
export interface RecordedContract {
  readonly name: string;
  readonly address: string;
  readonly key: ContractKey;
  readonly compiled: CompiledCode;
  readonly buildInfoId: string;
  readonly readInput: () => Promise<CompilerInput>;
}

// Ignition's list of what it deployed.
const ADDRESSES = "deployed_addresses.json";

const place = z.object({ start: z.int(), length: z.int() });
const artifactSchema = z.object({
  contractName: z.string(),
  inputSourceName: z.string(),
  deployedBytecode: z.string(),
  deployedLinkReferences: z.record(z.string(), z.record(z.string(), z.array(place))),
  immutableReferences: z.record(z.string(), z.array(place)),
  buildInfoId: z.string(),
});
const inputSchema = z.object({
  solcLongVersion: z.string(),
  input: z.object({
    language: z.string(),
    sources: z.record(z.string(), z.unknown()),
    settings: z.record(z.string(), z.unknown()),
  }),
});

/** Whether the record holds what its contracts were compiled from; an address list does not. */
export function keepsSources(id: string, directory: string): boolean {
  return existsSync(join(directory, id, ADDRESSES));
}

/**
 * The contracts of the deployment `id`. Ignition keeps artifact and compiler input of each in the deployment's folder; of
 * a record that is an address list alone, the project's own artifacts serve, also those of libraries that it does not list.
 */
export async function recordedContracts(
  id: string,
  directory: string,
  { artifacts, rpc }: { readonly artifacts: Artifacts; readonly rpc: RpcClient },
): Promise<readonly RecordedContract[]> {
  const deployment = await readDeployment(id, directory);
  const folder = join(directory, id);
  if (!keepsSources(id, directory)) {
    const contracts = await withLibraries({ rpc, artifacts, contracts: deployment.contracts });
    return Promise.all(Object.entries(contracts).map(([name, address]) => fromProject(name, address, artifacts)));
  }
  const futures = await readJson(join(folder, ADDRESSES));
  return Promise.all(
    Object.keys(z.record(z.string(), z.string()).parse(futures)).map(async (future) => {
      const name = future.slice(future.lastIndexOf("#") + 1);
      const artifact = await readRecord(join(folder, "artifacts", `${future}.json`), artifactSchema);
      const infoPath = join(folder, "build-info", `${artifact.buildInfoId}.json`);
      return recorded(name, contractAddress(deployment, name), artifact, () => readRecord(infoPath, inputSchema));
    }),
  );
}

async function fromProject(name: string, address: string, artifacts: Artifacts): Promise<RecordedContract> {
  const artifact = await artifacts.artifact(name);
  if (artifact !== undefined) return recorded(name, address, artifact, () => artifacts.buildInfo(artifact));
  throw new JouleworkError({
    code: "ARTIFACT_MISSING",
    what: "The deployment has a contract that is not compiled here",
    values: { name },
    hint: "Compile the version that was deployed: npm run build.",
  });
}

function recorded(
  name: string,
  address: string,
  artifact: z.output<typeof artifactSchema>,
  readInput: () => Promise<CompilerInput>,
): RecordedContract {
  const { contractName, inputSourceName, buildInfoId } = artifact;
  const key = { source: inputSourceName, name: contractName };
  return { name, address, key, compiled: artifact, buildInfoId, readInput };
}

async function readRecord<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  throw new JouleworkError({
    code: "DEPLOYMENT_INVALID",
    what: "A file of the deployment's record cannot be read",
    values: { path, problem: parsed.error.issues[0]?.message ?? "unreadable" },
    hint: "Deploy again, or restore the record.",
  });
}

/** The file's content; undefined where there is none or it is not JSON. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
