import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { JouleworkError } from "../errors.ts";

const HARDHAT = fileURLToPath(new URL("../../node_modules/.bin/hardhat", import.meta.url));
const START_PATIENCE_MS = 60_000;

export interface LocalNode {
  readonly url: string;
  /** Stops the node and waits until it is gone. */
  readonly stop: () => Promise<void>;
  /** Settles when the node ends by itself. */
  readonly ended: Promise<void>;
}

export interface StartLocalNodeInput {
  readonly port: number;
  readonly startsAt: number;
  /** Stops the node, also one that is not yet there. */
  readonly signal?: AbortSignal;
}

/**
 * Starts Hardhat's node on 127.0.0.1 as a process of its own, with its clock at `startsAt` (unix seconds). The folder is
 * that of this project, whose configuration it runs.
 */
export async function startLocalNode({ port, startsAt, signal }: StartLocalNodeInput): Promise<LocalNode> {
  await requireFree(port);
  signal?.throwIfAborted();
  const child = spawn(HARDHAT, ["node", "--hostname", "127.0.0.1", "--port", String(port)], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, JOULEWORK_CHAIN_START: new Date(startsAt * 1000).toISOString() },
    stdio: ["ignore", "ignore", "pipe"],
    // A group of its own: Ctrl-C reaches this process first, which stops the node in order.
    detached: true,
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  const ended = once(child, "exit").then(() => undefined);
  const stop = async (): Promise<void> => {
    endGroup(child);
    await ended;
  };
  signal?.addEventListener("abort", () => {
    endGroup(child);
  });
  // Whatever ends this process takes the node with it.
  process.once("exit", () => {
    endGroup(child);
  });
  const deadline = Date.now() + START_PATIENCE_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      endGroup(child);
      throw new JouleworkError({
        code: "NODE_NOT_STARTED",
        what: "The local node did not start",
        values: { port, reason: complaint.trim() },
        hint: "Run `npx hardhat node --hostname 127.0.0.1` to see what it says.",
      });
    }
    await sleep(100);
  }
  return { url: `http://127.0.0.1:${String(port)}`, stop, ended };
}

async function requireFree(port: number): Promise<void> {
  if (!(await answers(port))) return;
  throw new JouleworkError({
    code: "PORT_IN_USE",
    what: "Something answers on the port already",
    values: { port },
    hint: "Stop it, or choose another port with --port.",
  });
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch (error) {
    // It may have ended by itself a moment ago.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
