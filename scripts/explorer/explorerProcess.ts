import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const started = z.object({ url: z.string() });

export interface ExplorerProcessParameters {
  readonly rpcUrl: string;
  /** Recorded deployment. */
  readonly deployment: string;
  /** Folder of the index. */
  readonly folder: string;
  /** Update store of training jobs. */
  readonly models?: string;
  readonly port?: number | undefined;
  /** Waits until somebody has deployed. */
  readonly wait?: boolean;
}

export interface ExplorerProcess {
  /** Settles with its address once it answers; fails where it ends before. */
  readonly url: Promise<string>;
  readonly stop: () => Promise<void>;
}

/** The explorer in a process of its own, so that whoever starts it is not slowed; it ends with this process at the latest. */
export function explorerProcess({
  rpcUrl,
  deployment,
  folder,
  models,
  port,
  wait,
}: ExplorerProcessParameters): ExplorerProcess {
  const child = spawn(
    process.execPath,
    [
      ...["--import", "./scripts/quiet.mjs", "scripts/explorer.ts"],
      ...["--rpc", rpcUrl, "--deployment", deployment, "--data", folder],
      ...(models === undefined ? [] : ["--models", models]),
      ...(port === undefined ? [] : ["--port", String(port)]),
      ...(wait === true ? ["--wait"] : []),
    ],
    { cwd: ROOT, stdio: ["ignore", "ignore", "pipe", "ipc"] },
  );
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  const ended = once(child, "exit").then(() => undefined);
  const url = Promise.race([
    once(child, "message").then(([message]) => started.parse(message).url),
    ended.then(() => {
      throw new JouleworkError({
        code: "EXPLORER_NOT_STARTED",
        what: "The explorer did not start",
        values: { reason: complaint.trim() },
        hint: "Run `npm run explorer` to see what it says.",
      });
    }),
  ]);
  // Not everybody waits for it.
  url.catch(() => undefined);
  return {
    url,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await ended;
    },
  };
}
