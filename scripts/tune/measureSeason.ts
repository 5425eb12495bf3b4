import { readFile } from "node:fs/promises";
import { JouleworkError } from "../../src/errors.ts";
import { measureEffect, parseTunedSeason } from "../../src/tuning/season/index.ts";
import { writeWhole } from "../simulate/report/writeWhole.ts";
import { effectTable } from "./effectTable.ts";
import { openChain } from "./openChain.ts";
import type { MeasureOptions } from "./options.ts";

/** Holds the season after a change against its prediction. */
export async function measureSeason({ measure: file, json, ...chain }: MeasureOptions): Promise<void> {
  const tuned = parseTunedSeason(await readPrediction(file), file);
  const { exchange } = await openChain(chain);
  const { measured, unchanged, rows } = await measureEffect(exchange, tuned);
  console.log(effectTable(rows, tuned));
  if (json !== undefined)
    await writeWhole(json, `${JSON.stringify({ measured, unchanged, effect: rows }, undefined, 2)}\n`);
}

async function readPrediction(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new JouleworkError({
      code: "PREDICTION_INVALID",
      what: "The file cannot be read",
      values: { file },
      hint: "Name a file that `npm run tune -- --propose --json FILE` wrote after it had proposed.",
      cause,
    });
  }
}
