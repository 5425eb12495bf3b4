import { JouleworkError } from "../../../src/errors.ts";

/** The code of the JouleworkError that `action` ends with; any other error, or none, is told as text. */
export async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return error instanceof JouleworkError ? error.code : `other error: ${String(error)}`;
  }
  return "no error";
}
