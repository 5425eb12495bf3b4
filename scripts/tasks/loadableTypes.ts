import { existsSync } from "node:fs";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { HardhatPlugin } from "hardhat/types/plugins";

const RELATIVE_IMPORT = /(?:\bfrom\s*|\bimport\(\s*)["'](\.\.?\/[^"'\n]*)["']/g;

/**
 * TypeChain writes for a bundler: it imports "./X.js" where only X.ts exists, and a stray semicolon makes its namespaces
 * of types count as code. Without both, plain Node.js loads the file by stripping its types.
 */
function makeLoadable(source: string): string {
  return source
    .replaceAll(/(["'])(\.\.?\/[^"'\n]*)\.js\1/g, "$1$2.ts$1")
    .replaceAll(/(export interface OutputObject \{[^{}]*\})[ \t]*;/g, "$1");
}

/** The files that the given ones import, themselves included. */
function reachable(entries: readonly string[], sources: ReadonlyMap<string, string>): Set<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    const source = sources.get(path);
    if (source === undefined || found.has(path)) return;
    found.add(path);
    for (const [, target = ""] of source.matchAll(RELATIVE_IMPORT)) visit(resolve(dirname(path), target));
  };
  entries.forEach(visit);
  return found;
}

async function refresh(folder: string): Promise<void> {
  // Without contracts nothing is generated.
  if (!existsSync(folder)) return;
  const sources = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const path = resolve(entry.parentPath, entry.name);
    const generated = await readFile(path, "utf8");
    const loadable = makeLoadable(generated);
    if (loadable !== generated) await writeFile(path, loadable);
    sources.set(path, loadable);
  }

  // TypeChain leaves the files of contracts that were removed, and all files where the common folder of the sources changed.
  const entries = ["index.ts", "hardhat.d.ts"].map((name) => resolve(join(folder, name)));
  const current = reachable(entries, sources);
  for (const path of sources.keys()) {
    if (!current.has(path)) await rm(path, { force: true });
  }
}

/**
 * After every build: makes the generated types loadable by plain Node.js and removes those of contracts that are gone. List
 * it after the toolbox, whose TypeChain plugin has to run first.
 */
export const loadableTypes: HardhatPlugin = {
  id: "joulework-loadable-types",
  hookHandlers: {
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            processArtifactsAfterSuccessfulBuild: async (context) => {
              if (!context.globalOptions.noTypechain)
                await refresh(context.config.typechain.outDir ?? "typechain-types");
            },
          }),
      }),
  },
};
