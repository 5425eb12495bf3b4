import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { compareSteps, formatComparison, readScenario } from "../src/simulation/index.ts";
import { parseSimulateFlags, type SimulateFlags } from "./simulate/options.ts";

const program = new Command("simulate")
  .description("Play a scenario without anything, with trading, and with moving prices, and compare.")
  .argument("<scenario>", "a YAML or JSON file, such as scenarios/suburb.yaml")
  .option("--days <number>", "days instead of the scenario's")
  .option("--seed <number>", "seed instead of the scenario's")
  .option("--json <file>", "write the figures as JSON")
  .allowExcessArguments(false);

program.parse();
try {
  const { json, ...changes } = parseSimulateFlags(program.opts<SimulateFlags>());
  const scenario = { ...readScenario(program.args[0] ?? ""), ...changes };
  const comparison = compareSteps(scenario, (step) => {
    console.error(`playing: ${step}`);
  });
  if (json !== undefined) await writeFile(json, `${JSON.stringify(comparison, undefined, 2)}\n`);
  console.log(formatComparison(comparison));
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
