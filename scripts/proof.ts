import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { proofs, type Proof, type Slice } from "./proof/proofs.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const program = new Command("proof")
  .description("Run the proofs at full size, or a named slice of them. Each prints what it ran and counts as one.")
  .addOption(new Option("--slice <name>", "how much").choices(["full", "ci"]).default("full"))
  .option("--only <name>", "one proof by its name")
  .allowExcessArguments(false);

program.parse();
const { slice, only } = program.opts<{ slice: Slice; only?: string }>();
let passed = 0;
let failed = 0;
for (const proof of proofs.filter(({ name }) => only === undefined || name === only)) {
  const run = proof[slice];
  if (run === undefined) continue;
  console.log(`\n=== ${proof.name}: ${proof.claim}`);
  if (proof.needs !== undefined && !existsSync(new URL(`../${proof.needs}`, import.meta.url))) {
    console.log(`skipped: ${proof.needs} is not there`);
    continue;
  }
  if (await succeeds(run)) ++passed;
  else ++failed;
}
console.log(`\n${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function succeeds({ command, env = {} }: NonNullable<Proof[Slice]>): Promise<boolean> {
  console.log(`$ ${[...Object.entries(env).map(([key, value]) => `${key}=${value}`), ...command].join(" ")}`);
  const [program_ = "", ...args] = command;
  const child = spawn(program_, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
}
