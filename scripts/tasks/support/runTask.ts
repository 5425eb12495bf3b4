import { formatForUser } from "../../../src/errors.ts";

/** Runs a task; a failure is told in a line that says what to do next, and the exit code is 1. */
export async function runTask(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(isHardhatError(error) ? `Error ${error.message}` : formatForUser(error));
    process.exitCode = 1;
  }
}

// Hardhat's own errors name their number and what to do; they are the user's, not defects.
function isHardhatError(error: unknown): error is Error {
  return error instanceof Error && "_isHardhatError" in error;
}
