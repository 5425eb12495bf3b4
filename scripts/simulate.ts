import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { compare } from "./simulate/compare.ts";
import type { Scenario } from "../src/simulation/index.ts";
import { parseSimulateFlags, type SimulateFlags, type SimulateOptions } from "./simulate/options.ts";
import { readGiven } from "./simulate/readGiven.ts";
import { sweep } from "./simulate/sweep.ts";

/** What shells give for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const program = new Command("simulate")
  .description("Play a scenario under each step, compare the steps, and write a report; or sweep, or check a day.")
  .argument("<scenario>", "a YAML or JSON file, such as scenarios/suburb.yaml")
  .option("--days <number>", "days instead of the scenario's")
  .option("--seed <number>", "seed instead of the scenario's")
  .option("--profiles <dir>", "measurements instead of those that the scenario names")
  .option("--homes <part>", "of measured homes: all, kept, or every third one that is held-out")
  .option("--html <file>", "write a report as one page with plots")
  .option("--json <file>", "write the figures as JSON")
  .option("--csv <file>", "of a sweep: write every run as CSV")
  .option("--seeds <list>", "play with each of these seeds, such as 1..20 or 1,4,9")
  .option(
    "--vary <field=values>",
    "play with each of these values, such as market.slopePpm=0,250000; repeatable",
    listed,
  )
  .option("--threads <number>", "of a sweep: worker threads (default: as many as the machine runs at once)")
  .option("--twin <day>", "replay a day, from 1 on, on a local chain and compare every integer; exit code 1 on any")
  .option("--agents <number>", "of --twin: most agents (default: 24)")
  .option("--port <number>", "of --twin: port of the local node (default: 8545)")
  .allowExcessArguments(false);

program.parse();
try {
  const options = parseSimulateFlags(program.opts<SimulateFlags>());
  const [file = ""] = program.args;
  const scenario = readGiven(file, options);
  if (options.twin !== undefined) await interruptible(async (signal) => replay(scenario, options, signal));
  else if (options.sweep === undefined) await compare(file, scenario, options);
  else await interruptible((signal) => sweep(file, scenario, options, signal));
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}

async function replay(scenario: Scenario, { twin }: SimulateOptions, signal: AbortSignal): Promise<void> {
  if (twin === undefined) return;
  // Hardhat is loaded where a chain is asked for.
  const { checkTwin } = await import("./simulate/twin.ts");
  if (!(await checkTwin(scenario, twin, signal))) process.exitCode = 1;
}

function listed(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Ctrl-C ends threads and nodes in order. Work in this thread alone is simply ended by it, so it is not asked. */
async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      controller.abort();
    });
  }
  try {
    await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    console.error("Interrupted.");
    process.exitCode = INTERRUPTED;
  }
}
