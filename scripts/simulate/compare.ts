import { readFile } from "node:fs/promises";
import { formatComparison, type Scenario } from "../../src/simulation/index.ts";
import type { SimulateOptions } from "./options.ts";
import { comparisonFigures, comparisonPage } from "./report/comparisonReport.ts";
import { writeWhole } from "./report/writeWhole.ts";

/** Plays every step, writes the files that are asked for, and prints the table. */
export async function compare(file: string, scenario: Scenario, { json, html }: SimulateOptions): Promise<void> {
  const found = comparisonFigures(scenario, (step) => {
    console.error(`playing: ${step}`);
  });
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(found, undefined, 2)}\n`);
  if (html !== undefined) await writeWhole(html, comparisonPage(scenario, await readFile(file, "utf8"), found));
  console.log(formatComparison(found));
}
