// Measures which lines of the contracts the tests of the contracts reach, without those of services, explorer and command
// lines, which run the same contracts again. It fails where a test does, and where a line is not reached, which it names.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const REPORT = resolve(ROOT, "coverage", "lcov.info");

const TESTS = [
  "test/{accounts,certificates,compute,credit,differential,exchange,governance}/*.test.ts",
  "test/{registry,reproducible,reputation,seasons}/*.test.ts",
  "test/compute/jobs/**/*.test.ts",
  "test/training/jobs/onChain.test.ts",
  "test/invariants/exchange.test.ts",
];

/** Lines without an execution, as `file:line`, of a report in the format of lcov: a `SF` for a file, a `DA` for a line. */
function unreached(report: string): string[] {
  let file = "";
  return report.split("\n").flatMap((entry) => {
    if (entry.startsWith("SF:")) file = entry.slice("SF:".length);
    const line = /^DA:(\d+),0$/.exec(entry)?.[1];
    return line === undefined ? [] : [`${file}:${line}`];
  });
}

const hardhat = resolve(ROOT, "node_modules", "hardhat", "dist", "src", "cli.js");
const quiet = resolve(ROOT, "scripts", "quiet.mjs");
const files = globSync(TESTS, { cwd: ROOT }).sort();
const measured = spawnSync(
  process.execPath,
  ["--import", quiet, hardhat, "test", "--coverage", "--no-typechain", ...files],
  { cwd: ROOT, stdio: "inherit" },
);
process.exitCode = measured.status ?? 1;
if (process.exitCode === 0) {
  const lines = unreached(readFileSync(REPORT, "utf8"));
  for (const line of lines) console.error(`no test reaches ${line}`);
  if (lines.length > 0) process.exitCode = 1;
}
