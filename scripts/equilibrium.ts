import cliProgress from "cli-progress";
import Table from "cli-table3";
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { readScenario } from "../src/simulation/index.ts";
import { parseEquilibriumFlags, type EquilibriumFlags } from "./equilibrium/options.ts";
import { runStudy } from "./equilibrium/runStudy.ts";
import { studyPage } from "./equilibrium/studyPage.ts";
import { studyTables } from "./equilibrium/tables.ts";
import { writeWhole } from "./simulate/report/writeWhole.ts";

const program = new Command("equilibrium")
  .description("Measure what deviations from honest play gain under each clearing rule, and where they lead.")
  .option("--scenario <file>", "whose traders play, besides single units", "scenarios/suburb.yaml")
  .option("--rule <names...>", "clearing rules; all if left out")
  .option("--lever <names...>", "ways to deviate; all if left out")
  .option("--sizes <numbers>", "numbers of traders, with commas", "4,8,16,32,64,128")
  .option("--seeds <number>", "markets of each measurement", "400")
  .option("--seed <number>", "what all markets are drawn from", "1")
  .option("--threads <number>", "threads; all processors if left out")
  .option("--no-game", "without the empirical games")
  .option("--json <file>", "write the figures as JSON")
  .option("--html <file>", "write a page with tables and plots")
  .allowExcessArguments(false);

const NO_LINES_BETWEEN_ROWS = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

program.parse();
try {
  const options = parseEquilibriumFlags(program.opts<EquilibriumFlags>());
  const { threads, json, html, rules, levers, sizes, seeds, seed, game } = options;
  const scenario = readScenario(options.scenario);
  const bar = new cliProgress.SingleBar({
    format: "  {bar} {value}/{total} measurements, {eta_formatted} left",
    // Where no bar can be drawn, a line now and then.
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    hideCursor: true,
  });
  const result = await runStudy({ scenario, rules, levers, sizes, seeds, seed, game }, threads, (done, tasks) => {
    if (done === 0) bar.start(tasks, 0);
    else bar.update(done);
  }).finally(() => {
    bar.stop();
  });
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (html !== undefined) await writeWhole(html, studyPage(options, result));
  for (const { title, text, head, rows } of studyTables(result)) {
    const table = new Table({ head: [...head], style: { head: [], border: [] }, chars: NO_LINES_BETWEEN_ROWS });
    table.push(...rows.map((row) => [...row]));
    console.log(`\n${title}\n${text}\n${table.toString()}`);
  }
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
