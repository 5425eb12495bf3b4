import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Scenario } from "../../src/simulation/index.ts";
import { combinationsOf, runSweep } from "../../src/simulation/sweep/index.ts";
import type { SimulateOptions } from "./options.ts";
import { runsBar } from "./progress.ts";
import { writeWhole } from "./report/writeWhole.ts";
import { sweepCsv, sweepPage, sweepTable, type Sweep } from "./sweepReport.ts";

/** Plays all combinations, writes the files that are asked for, and prints the table. */
export async function sweep(
  file: string,
  scenario: Scenario,
  { sweep: asked, threads = availableParallelism(), json, csv, html }: SimulateOptions,
  signal: AbortSignal,
): Promise<void> {
  const combinations = combinationsOf(scenario, asked?.axes ?? []);
  const played = asked?.seeds ?? [scenario.seed];
  const bar = runsBar(combinations.length * played.length);
  let found: Sweep;
  try {
    const swept = await runSweep({ combinations, seeds: played, threads, signal, onDone: bar.advance });
    found = { scenario: { name: scenario.name, days: scenario.days }, seeds: played, combinations: swept };
  } finally {
    bar.finish();
  }
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(found, undefined, 2)}\n`);
  if (csv !== undefined) await writeWhole(csv, sweepCsv(found));
  if (html !== undefined) await writeWhole(html, sweepPage(scenario, await readFile(file, "utf8"), found));
  console.log(sweepTable(found));
}
