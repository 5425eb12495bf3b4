// The explorer as a process: indexes a deployment's chain and serves it on this machine.
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { explorerOptions, type ExplorerFlags } from "./explorer/options.ts";
import { runExplorer } from "./explorer/runExplorer.ts";

const program = new Command("npm run explorer --")
  .description(
    "Serve a page and an API over a deployment's chain, on 127.0.0.1. It reads the chain and never writes to it.",
  )
  .option("--network <name>", "network of the Hardhat configuration, and the name of its record", "localhost")
  .option("--deployment <id>", "recorded deployment (default: the network's name)")
  .option("--rpc <url>", "the node (default: the network's own)")
  .option("--port <number>", "port (default: 5100, or the next free one)")
  .option("--data <dir>", "keep the index here", "cache/explorer")
  .option("--models <place>", "update store of training jobs, a folder or http(s) address, for their loss curves")
  .option("--store <url>", "keep the index in PostgreSQL: postgres://user@host/database")
  .option("--wait", "wait until the node answers and the deployment is recorded")
  .option("--no-page", "answer the API alone")
  .allowExcessArguments(false);

program.parse();
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
// Started by another command, it ends with that one.
process.once("disconnect", () => stop.abort());
try {
  await runExplorer(explorerOptions(program.opts<ExplorerFlags>()), stop.signal);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
} finally {
  if (process.connected) process.disconnect();
}
