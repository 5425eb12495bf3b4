import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PAGE = import.meta.dirname;
const DIST = join(PAGE, "dist");
const STAMP = ".sources";

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
  const built = join(DIST, STAMP);
  if (existsSync(built) && (await readFile(built, "utf8")) === stamp) return DIST;
  const { build } = await import("vite");
  // Several processes may build at once: each in a folder of its own, which takes the other's place when it is whole.
  const outDir = await mkdtemp(`${DIST}-`);
  await build({
    root: PAGE,
    configFile: false,
    envFile: false,
    logLevel: "error",
    publicDir: join(PAGE, "public"),
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir,
      emptyOutDir: true,
      // The oldest browsers with `light-dark()`, which both themes are written in.
      target: ["chrome123", "firefox120", "safari17.5"],
      // A file inlined as a data: URL would need an exception in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
  await writeFile(join(outDir, STAMP), stamp);
  await rm(DIST, { recursive: true, force: true });
  await rename(outDir, DIST);
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
