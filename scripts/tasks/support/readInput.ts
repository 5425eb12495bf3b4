import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { JouleworkError } from "../../../src/errors.ts";

/** A JSON file as it is; its shape is for the caller to check. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(path, "JSON", error);
  }
}

/** The rows of a CSV file with a header line. */
export async function readCsvFile(path: string): Promise<Record<string, string>[]> {
  const text = await readFile(path, "utf8");
  try {
    return parse<Record<string, string>>(text, { columns: true, trim: true, skip_empty_lines: true, bom: true });
  } catch (error) {
    throw unreadable(path, "CSV", error);
  }
}

function unreadable(path: string, format: string, error: unknown): JouleworkError {
  return new JouleworkError({
    code: "FILE_UNREADABLE",
    what: `The file is not ${format} (${error instanceof Error ? error.message : String(error)})`,
    values: { path },
    hint: "Correct the file; docs/commands.md shows an example.",
  });
}
