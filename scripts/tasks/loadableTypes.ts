import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HardhatPlugin } from "hardhat/types/plugins";

/**
 * TypeChain writes for a bundler: it imports "./X.js" where only X.ts exists, and a stray semicolon makes its namespaces
 * of types count as code. Without both, plain Node.js loads the file by stripping its types.
 */
function makeLoadable(source: string): string {
  return source
    .replaceAll(/(["'])(\.\.?\/[^"'\n]*)\.js\1/g, "$1$2.ts$1")
    .replaceAll(/(export interface OutputObject \{[^{}]*\})[ \t]*;/g, "$1");
}

/** Rewrites the generated types after every build. List it after the toolbox, whose TypeChain plugin has to run first. */
export const loadableTypes: HardhatPlugin = {
  id: "joulework-loadable-types",
  hookHandlers: {
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            processArtifactsAfterSuccessfulBuild: async (context) => {
              if (context.globalOptions.noTypechain) return;
              const folder = context.config.typechain.outDir ?? "typechain-types";
              for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
                if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
                const path = join(entry.parentPath, entry.name);
                const source = await readFile(path, "utf8");
                const loadable = makeLoadable(source);
                if (loadable !== source) await writeFile(path, loadable);
              }
            },
          }),
      }),
  },
};
