import { id, Interface, type Fragment } from "ethers";
import type { ServerContext } from "../context.ts";
import type { VerifiedContract } from "./verifiedContract.ts";

type Read = (contract: VerifiedContract, context: ServerContext) => unknown;
/** Sourcify knows the field; this project does not record it. */
const NOT_RECORDED: Read = () => null;

// The fields of Sourcify's interface of version 2 (https://docs.sourcify.dev/docs/api). A group has fields of its own.
const FIELDS: Readonly<Record<string, Read | Readonly<Record<string, Read>>>> = {
  matchId: NOT_RECORDED,
  abi: ({ artifact }) => artifact.abi,
  metadata: parsedMetadata,
  sources: ({ sources }) =>
    Object.fromEntries(Object.entries(sources).map(([path, { content }]) => [path, { content }])),
  sourceIds: NOT_RECORDED,
  userdoc: (contract) => parsedMetadata(contract).output?.userdoc ?? null,
  devdoc: (contract) => parsedMetadata(contract).output?.devdoc ?? null,
  storageLayout: NOT_RECORDED,
  transientStorageLayout: NOT_RECORDED,
  additionalInput: NOT_RECORDED,
  stdJsonInput: async ({ artifact }, { artifacts }) => (await artifacts.buildInfo(artifact)).input,
  stdJsonOutput: NOT_RECORDED,
  creationBytecode: NOT_RECORDED,
  runtimeBytecode: {
    onchainBytecode: ({ deployed }) => deployed,
    recompiledBytecode: NOT_RECORDED,
    sourceMap: NOT_RECORDED,
    linkReferences: ({ artifact }) => artifact.deployedLinkReferences,
    cborAuxdata: NOT_RECORDED,
    immutableReferences: ({ artifact }) => artifact.immutableReferences,
    transformations: NOT_RECORDED,
    transformationValues: NOT_RECORDED,
  },
  deployment: {
    transactionHash: async ({ address }, { store }) => (await store.creationOf(address))?.hash ?? null,
    blockNumber: async ({ address }, { store }) => text((await store.creationOf(address))?.blockNumber),
    transactionIndex: async ({ address }, { store }) => text((await store.creationOf(address))?.index),
    deployer: async ({ address }, { store }) => (await store.creationOf(address))?.from ?? null,
  },
  compilation: {
    language: async ({ artifact }, { artifacts }) => (await artifacts.buildInfo(artifact)).input.language,
    compiler: () => "solc",
    compilerVersion: async ({ artifact }, { artifacts }) => (await artifacts.buildInfo(artifact)).solcLongVersion,
    compilerSettings: async ({ artifact }, { artifacts }) => (await artifacts.buildInfo(artifact)).input.settings,
    name: ({ artifact }) => artifact.contractName,
    fullyQualifiedName: ({ artifact }) => `${artifact.inputSourceName}:${artifact.contractName}`,
  },
  signatures: {
    function: (contract) => signatures(contract, "function"),
    event: (contract) => signatures(contract, "event"),
    error: (contract) => signatures(contract, "error"),
  },
  proxyResolution: NOT_RECORDED,
};

/** Which fields an answer has: all without some, or some; each a name, or a group's name and one of it with a dot between. */
export type FieldChoice = { readonly fields: readonly string[] } | { readonly omit: readonly string[] };

/** A name among `names` that Sourcify does not have. */
export function unknownField(names: readonly string[]): string | undefined {
  return names.find((name) => readersOf(name).length === 0);
}

/** The chosen fields of a contract. What Sourcify has and this project does not record is null. */
export async function contractFields(
  contract: VerifiedContract,
  context: ServerContext,
  choice: FieldChoice,
): Promise<Record<string, unknown>> {
  const omitted = new Set("omit" in choice ? choice.omit.flatMap((name) => readersOf(name).map(pathOf)) : []);
  const wanted = "fields" in choice ? choice.fields : Object.keys(FIELDS);
  const answer: Record<string, unknown> = {};
  for (const reader of wanted.flatMap(readersOf)) {
    if (omitted.has(pathOf(reader))) continue;
    const value = await reader.read(contract, context);
    if (reader.group === undefined) answer[reader.name] = value;
    else answer[reader.group] = { ...(answer[reader.group] as object | undefined), [reader.name]: value };
  }
  return answer;
}

interface Reader {
  readonly group: string | undefined;
  readonly name: string;
  readonly read: Read;
}

function readersOf(path: string): Reader[] {
  const [group = "", ...rest] = path.split(".");
  const field = Object.hasOwn(FIELDS, group) ? FIELDS[group] : undefined;
  if (field === undefined || rest.length > 1) return [];
  if (typeof field === "function") return rest.length === 0 ? [{ group: undefined, name: group, read: field }] : [];
  const readers = Object.entries(field).map(([name, read]) => ({ group, name, read }));
  return rest.length === 0 ? readers : readers.filter(({ name }) => name === rest[0]);
}

function pathOf({ group, name }: Reader): string {
  return group === undefined ? name : `${group}.${name}`;
}

interface Metadata {
  readonly output?: { readonly userdoc?: unknown; readonly devdoc?: unknown };
}

function parsedMetadata({ metadata }: VerifiedContract): Metadata {
  return JSON.parse(metadata) as Metadata;
}

function signatures({ artifact }: VerifiedContract, kind: Fragment["type"]) {
  return new Interface(artifact.abi).fragments
    .filter(({ type }) => type === kind)
    .map((fragment) => {
      const signature = fragment.format("sighash");
      const hash = id(signature);
      return { signature, signatureHash32: hash, signatureHash4: hash.slice(0, 10) };
    });
}

function text(value: number | undefined): string | null {
  return value === undefined ? null : String(value);
}
