import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { JouleworkError } from "../../src/errors.ts";

const QUIET = fileURLToPath(new URL("../quiet.mjs", import.meta.url));
const START = fileURLToPath(new URL("../start.ts", import.meta.url));
const FOUND = /The explorer shows it at (http:\S+)/;

/** The demonstration in a process of its own, with the address of its explorer once the day is over. */
export function playedExplorer(port: string): { readonly url: Promise<string>; readonly stop: () => Promise<void> } {
  const run = spawn(process.execPath, ["--import", QUIET, START, "--port", port], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(run, "exit");
  const url = new Promise<string>((resolve, reject) => {
    createInterface({ input: run.stdout }).on("line", (line) => {
      const [, found] = FOUND.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    run.once("error", reject);
    run.once("exit", (code) => {
      reject(
        new JouleworkError({
          code: "DAY_NOT_PLAYED",
          what: "The demonstration ended before its explorer ran",
          values: { code },
          hint: "Its last lines are above; `npm start` shows all of it.",
        }),
      );
    });
  });
  return {
    url,
    async stop() {
      if (run.exitCode !== null) return;
      run.kill("SIGINT");
      await ended;
    },
  };
}
