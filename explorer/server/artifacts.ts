import { once as first } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";

const place = z.object({ start: z.int(), length: z.int() });
const links = z.record(z.string(), z.record(z.string(), z.array(place)));

const artifactSchema = z.object({
  contractName: z.string(),
  sourceName: z.string(),
  inputSourceName: z.string(),
  abi: z.array(z.looseObject({ type: z.string() })),
  bytecode: z.string(),
  deployedBytecode: z.string(),
  linkReferences: links,
  deployedLinkReferences: links,
  immutableReferences: z.record(z.string(), z.array(place)),
  buildInfoId: z.string(),
});

const buildInfoSchema = z.object({
  id: z.string(),
  solcLongVersion: z.string(),
  input: z.object({
    language: z.string(),
    settings: z.record(z.string(), z.unknown()),
    sources: z.record(z.string(), z.object({ content: z.string() })),
  }),
});

/** A compiled contract as Hardhat keeps it. */
export type Artifact = z.output<typeof artifactSchema>;
/** What the compiler was given, whole. */
export type BuildInfo = z.output<typeof buildInfoSchema>;

/** The compiled contracts of this project, from the folder that `npm run build` writes. */
export interface Artifacts {
  /** By the contract's name; undefined where it was not compiled. */
  readonly artifact: (contractName: string) => Promise<Artifact | undefined>;
  /** The compiler's input that an artifact comes from. */
  readonly buildInfo: (artifact: Artifact) => Promise<BuildInfo>;
  /** The metadata that the compiler wrote of a contract, as it was hashed into the code; undefined where it wrote none. */
  readonly metadata: (artifact: Artifact) => Promise<string | undefined>;
}

/** Reads artifacts lazily, each file once. */
export function openArtifacts(directory: string): Artifacts {
  const paths = once(() => artifactPaths(directory));
  const artifacts = new Map<string, Promise<Artifact | undefined>>();
  const infos = new Map<string, Promise<BuildInfo>>();
  const metadata = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const infoPath = (id: string, ending: string): string => join(directory, "build-info", `${id}${ending}`);
  return {
    artifact: (name) =>
      cached(artifacts, name, async () => {
        const path = (await paths()).get(name);
        return path === undefined ? undefined : artifactSchema.parse(await readJson(path));
      }),
    buildInfo: ({ buildInfoId }) =>
      cached(infos, buildInfoId, async () => buildInfoSchema.parse(await readJson(infoPath(buildInfoId, ".json")))),
    async metadata({ buildInfoId, inputSourceName, contractName }) {
      const known = await cached(metadata, buildInfoId, () => readMetadata(infoPath(buildInfoId, ".output.json")));
      return known.get(`${inputSourceName}:${contractName}`);
    },
  };
}

/** In a thread of its own; nothing but the metadata is kept of the compiler's output. */
async function readMetadata(path: string): Promise<ReadonlyMap<string, string>> {
  const worker = new Worker(new URL("./metadataWorker.ts", import.meta.url), { workerData: path });
  try {
    const [found] = (await first(worker, "message")) as [[string, string][]];
    return new Map(found);
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await worker.terminate();
  }
}

/** Where each contract with code lies; the folder of a source carries its name. */
async function artifactPaths(directory: string): Promise<ReadonlyMap<string, string>> {
  if (!existsSync(directory)) return new Map();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json") && entry.parentPath.endsWith(".sol"))
    .map((entry) => [basename(entry.name, ".json"), join(entry.parentPath, entry.name)] as const);
  return new Map(paths);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): JouleworkError {
  return new JouleworkError({
    code: "ARTIFACT_UNREADABLE",
    what: "A file of the compiled contracts cannot be read",
    values: { path },
    hint: "Compile again: npm run build.",
    cause,
  });
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= read());
}

function cached<T>(map: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  let running = map.get(key);
  if (running === undefined) {
    running = read();
    map.set(key, running);
    // Whoever asks next tries again.
    running.catch(() => map.delete(key));
  }
  return running;
}
