// Searches better rules for a community, proposes them, and measures what they did: `npm run tune -- scenarios/suburb.yaml`, or `-- --propose`.
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { TUNABLES } from "../src/tuning/index.ts";
import { measureSeason } from "./tune/measureSeason.ts";
import { parseTuneOptions, type TuneFlags } from "./tune/options.ts";
import { proposeSeason } from "./tune/proposeSeason.ts";
import { tuneScenario } from "./tune/tuneScenario.ts";

const INTERRUPTED = 130;

const command = new Command("tune")
  .description(
    "Search tariff slope, spread and rebates for a scenario, or for a running chain's own season, and judge them on seeds that the search did not see",
  )
  .argument("[scenario]", "YAML or JSON file")
  .option(
    "--propose",
    "instead of a scenario: tune from a season of a running chain, and take the proposal through the governor",
  )
  .option(
    "--play-on",
    "with --propose on the chain of npm start: play the next season too, and compare it with the prediction",
  )
  .option(
    "--measure <file>",
    "instead: compare the season after a change with the prediction that --propose --json wrote",
  )
  .option("--network <name>", "network of the Hardhat configuration (default: localhost)")
  .option("--rpc <url>", "its node (default: the network's own)")
  .option("--deployment <id>", "recorded deployment (default: the network's name)")
  .option("--season <number>", "with --propose: the season to tune from (default: the newest with a day of readings)")
  .option("--zone <number>", "with --propose: one zone alone")
  .option("--seed <number>", "with --play-on: the seed of npm start (default 1)")
  .option("--save <folder>", "with --propose: keep the season's scenario and readings here")
  .option("--seeds <number>", "seeds that the search sees (default 3)")
  .option("--held-out <number>", "further seeds that judge what it found (default 3)")
  .option("--generations <number>", "generations of the search along each direction (default 3)")
  .option("--days <number>", "play so many days instead of the scenario's")
  .option("--threads <number>", "worker threads (default: the machine's)")
  .option(
    "--keep <name...>",
    `what stays as it is: ${TUNABLES.map(({ name }) => name).join(", ")}, or nothing (default with --propose: spreadPpm)`,
  )
  .option("--constants", "also search the contracts' constants, for a new deployment; no proposal holds them")
  .option("--json <file>", "write all figures")
  .option("--proposal <file>", "with a scenario: write the calls of a proposal, for joulework:propose --calls")
  .option("--from-slot <slot>", "with --proposal: first slot of the new terms")
  .action(async (file: string | undefined, flags: TuneFlags) => {
    const options = parseTuneOptions(file, flags);
    if ("measure" in options) {
      await measureSeason(options);
      return;
    }
    const done = "propose" in options ? await proposeSeason(options) : await tuneScenario(options);
    if (!done) process.exitCode = INTERRUPTED;
  });

try {
  await command.parseAsync();
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
