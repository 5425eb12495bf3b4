// Runs the tests that need no Hardhat: those that import neither it nor a helper that does. No compiler and no chain is
// started, so they take seconds. Arguments go to mocha; files named among them replace the search.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** As in the Hardhat configuration: no test is timed, but one that hangs ends. */
const HANGS_AFTER_MS = "600000";
const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;
const ROOT = resolve(import.meta.dirname, "..");

function importsHardhat(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  for (const [, target = ""] of readFileSync(file, "utf8").matchAll(IMPORT)) {
    if (/^(hardhat|@nomicfoundation)(\/|$)/.test(target)) return true;
    // Only files under test/ are followed: src/ may not import Hardhat, which the linter checks.
    const path = resolve(dirname(file), target);
    if (target.startsWith(".") && path.startsWith(resolve(ROOT, "test")) && importsHardhat(path, seen)) return true;
  }
  return false;
}

const args = process.argv.slice(2);
const named = args.some((argument) => argument.endsWith(".ts"));
const files = named
  ? []
  : globSync("test/**/*.test.ts", { cwd: ROOT })
      .map((file) => resolve(ROOT, file))
      .filter((file) => !importsHardhat(file))
      .sort();

if (!named && files.length === 0) {
  console.error("No test without Hardhat was found under test/.");
  process.exitCode = 1;
} else {
  const mocha = resolve(ROOT, "node_modules", "mocha", "bin", "mocha.js");
  const quiet = resolve(ROOT, "scripts", "quiet.mjs");
  const result = spawnSync(
    process.execPath,
    ["--import", quiet, mocha, "--timeout", HANGS_AFTER_MS, ...args, ...files],
    {
      cwd: ROOT,
      stdio: "inherit",
    },
  );
  process.exitCode = result.status ?? 1;
}
