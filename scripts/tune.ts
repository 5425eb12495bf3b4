// Searches better rules for a community by simulation and writes the proposal: `npm run tune -- scenarios/suburb.yaml`.
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { readScenario, zoneTerms } from "../src/simulation/scenario.ts";
import { tune, TUNABLES, tuningProposal, type Tuning } from "../src/tuning/index.ts";
import { runsBar } from "./simulate/progress.ts";
import { writeWhole } from "./simulate/report/writeWhole.ts";
import { parseTuneOptions, type TuneFlags } from "./tune/options.ts";
import { tuningTable } from "./tune/tuningTable.ts";

const INTERRUPTED = 130;

const command = new Command("tune")
  .description(
    "Search tariff slope, spread and rebates for a scenario, and judge them on seeds that the search did not see",
  )
  .argument("<scenario>", "YAML or JSON file")
  .option("--seeds <number>", "seeds that the search sees (default 3)")
  .option("--held-out <number>", "further seeds that judge what it found (default 3)")
  .option("--generations <number>", "generations of the search along each direction (default 3)")
  .option("--days <number>", "play so many days instead of the scenario's")
  .option("--threads <number>", "worker threads (default: the machine's)")
  .option("--keep <name...>", `what stays as it is: ${TUNABLES.map(({ name }) => name).join(", ")}`)
  .option("--json <file>", "write all figures")
  .option("--proposal <file>", "write the calls of a proposal, for joulework:propose --calls")
  .option("--from-slot <slot>", "with --proposal: first slot of the new terms")
  .action(async (file: string, flags: TuneFlags) => {
    const {
      seeds,
      heldOut,
      generations,
      days,
      threads = availableParallelism(),
      json,
      proposal,
      fromSlot,
      keep,
    } = parseTuneOptions(flags);
    const given = readScenario(file);
    const scenario = days === undefined ? given : { ...given, days };
    const stop = new AbortController();
    process.once("SIGINT", () => {
      stop.abort(new Error("interrupted"));
    });
    let bar: ReturnType<typeof runsBar> | undefined;
    let tuning: Tuning;
    try {
      tuning = await tune({
        ...{ scenario, generations, threads, keep, signal: stop.signal },
        seeds: upFrom(1, seeds),
        heldOutSeeds: upFrom(seeds + 1, heldOut),
        onProgress: (done, total) => {
          bar ??= runsBar(total);
          bar.advance(done);
        },
      });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      process.exitCode = INTERRUPTED;
      return;
    } finally {
      bar?.finish();
    }
    if (json !== undefined) await writeWhole(json, `${JSON.stringify(tuning, undefined, 2)}\n`);
    console.log(tuningTable(tuning));
    if (proposal === undefined || fromSlot === undefined) return;
    const { present, chosen } = tuning;
    if (chosen === undefined) {
      console.log("No proposal is written.");
      return;
    }
    const terms = new Map(Array.from({ length: scenario.zones }, (_, index) => [index + 1, zoneTerms(scenario)]));
    const { calls, description } = tuningProposal({
      scenario,
      present,
      chosen,
      terms,
      fromSlot,
      heldOutSeeds: heldOut,
    });
    await writeWhole(proposal, `${JSON.stringify(calls, undefined, 2)}\n`);
    console.log(
      `${description}\nnpx hardhat joulework:propose ${JSON.stringify(description)} --calls ${proposal} --network localhost`,
    );
  });

function upFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

try {
  await command.parseAsync();
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
