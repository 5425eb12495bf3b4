import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";
import { MOST_SELECTED, selectRefused, selectTimedOut, type Selected } from "./selected.ts";

const PROCESS = fileURLToPath(new URL("selectProcess.ts", import.meta.url));
const QUIET = fileURLToPath(new URL("../../scripts/quiet.mjs", import.meta.url));
const TIME_LIMIT_MS = 10_000;
const ANSWER_BYTES = 64 * 2 ** 20;

const answerSchema = z.union([
  z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.unknown())) }),
  z.object({ refused: z.string() }),
]);

/** Runs a question in a process of its own, because SQLite cannot be interrupted from JavaScript: it is ended when its time is over. */
export async function selectFromFile(path: string, sql: string, timeLimitMs = TIME_LIMIT_MS): Promise<Selected> {
  if (path === ":memory:") {
    throw new JouleworkError({
      code: "SELECT_UNAVAILABLE",
      what: "An index in memory cannot be asked in SQL",
      hint: "Keep the index in a folder.",
    });
  }
  const text = await new Promise<string>((resolve, reject) => {
    const options = { timeout: timeLimitMs, killSignal: "SIGKILL", maxBuffer: ANSWER_BYTES } as const;
    const args = ["--import", QUIET, PROCESS, path, String(MOST_SELECTED)];
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.killed === true) reject(selectTimedOut(timeLimitMs));
      else reject(selectRefused(stderr.trim().slice(0, 500) || error.message));
    });
    child.stdin?.end(sql);
  });
  const answer = answerSchema.parse(JSON.parse(text));
  if ("refused" in answer) throw selectRefused(answer.refused);
  return answer;
}
