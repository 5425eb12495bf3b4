import { JouleworkError } from "../../../src/errors.ts";

/** The code of the typed error that `work` fails with; "none" if it succeeds, and any other error is the test's failure. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    if (error instanceof JouleworkError) return error.code;
    throw error;
  }
}
