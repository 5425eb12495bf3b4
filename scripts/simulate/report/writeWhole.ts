import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { JouleworkError } from "../../../src/errors.ts";

/** Writes a file that is either the old one or the whole new one, whatever happens meanwhile. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomUUID()}`;
  try {
    await writeFile(beside, text, { flag: "wx" });
    await rename(beside, file);
  } catch (cause) {
    await rm(beside, { force: true });
    throw new JouleworkError({
      code: "REPORT_UNWRITABLE",
      what: "The report cannot be written there",
      values: { file },
      hint: "Give a file in a folder that you may write to.",
      cause,
    });
  }
}
