import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { startOptions, type StartFlags } from "./start/options.ts";
import { runCommunity } from "./start/runCommunity.ts";

const program = new Command("npm start --")
  .description("Trade and settle a community's day on a local chain, audit it, and keep the chain running.")
  .option("--once", "end after the audit; exit code 1 if it failed")
  .option("--days <number>", "days to trade", "1")
  .option("--meters <number>", "meters on sites; one feeder a zone comes on top", "30")
  .option("--seed <number>", "seed of everything that is drawn", "1")
  .option("--start <date>", "first day, YYYY-MM-DD, universal time", "2025-06-21")
  .option("--rule <rule>", "clearing rule: midpoint or sbba", "midpoint")
  .option("--profiles <dir>", "measured homes instead of simulated ones: CityLearn 2022 or a long CSV")
  .option("--report <file>", "write the report as JSON")
  .option("--data <dir>", "keep the journals of gateway and matcher here, in an empty folder")
  .option("--port <number>", "port of the local node", "8545")
  .option("--explorer-port <number>", "port of the explorer (default: 5100, or the next free one)")
  .option("--no-explorer", "serve no explorer beside the node; with --once there is none, since the run ends")
  .option("--quiet", "print the result only")
  .allowExcessArguments(false);

program.parse();
try {
  process.exitCode = await runCommunity(startOptions(program.opts<StartFlags>()));
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
