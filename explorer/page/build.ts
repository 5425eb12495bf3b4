import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PAGE = import.meta.dirname;
const DIST = join(PAGE, "dist");
const STAMP = join(DIST, ".sources");

let running: Promise<string> | undefined;

/**
 * Builds the page with Vite and gives the folder of its files. Nothing is built while the sources, this file and the
 * locked dependencies are those of the last build; calls at the same time share one build.
 */
export function buildPage(): Promise<string> {
  running ??= buildIfChanged().finally(() => {
    running = undefined;
  });
  return running;
}

async function buildIfChanged(): Promise<string> {
  const stamp = await hashOfSources();
  if (existsSync(STAMP) && (await readFile(STAMP, "utf8")) === stamp) return DIST;
  const { build } = await import("vite");
  await build({
    root: PAGE,
    configFile: false,
    envFile: false,
    logLevel: "error",
    publicDir: join(PAGE, "public"),
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: DIST,
      emptyOutDir: true,
      // The oldest browsers with `light-dark()`, which both themes are written in.
      target: ["chrome123", "firefox120", "safari17.5"],
      // A file inlined as a data: URL would need an exception in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
  await writeFile(STAMP, stamp);
  return DIST;
}

async function hashOfSources(): Promise<string> {
  const files = globSync(["index.html", "build.ts", "public/**", "src/**", "../../package-lock.json"], {
    cwd: PAGE,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(file)
      .update("\0")
      .update(await readFile(file));
  return hash.digest("hex");
}
