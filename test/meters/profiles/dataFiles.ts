import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { JouleworkError } from "../../../src/errors.ts";

/** Runs `use` on a folder holding these files, and removes it afterwards. */
export function withFiles<T>(files: Readonly<Record<string, string>>, use: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), "joulework-profiles-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    return use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The error that `run` throws; fails if it throws none or one that is not ours. */
export function errorOf(run: () => unknown): JouleworkError {
  try {
    run();
  } catch (error) {
    expect(error).to.be.instanceOf(JouleworkError);
    if (error instanceof JouleworkError) return error;
  }
  throw new Error("nothing was thrown");
}
