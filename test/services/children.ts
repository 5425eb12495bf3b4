import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { TestChainInfo, TestChainParameters } from "./testChain.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const NODE = [process.execPath, ["--import", "./scripts/quiet.mjs"]] as const;
const START_MS = 90_000;

/** A child process and the lines that it prints. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** The first line, also one of before, that a pattern fits. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Kills it at once, as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a program of this repository. */
export function startChild(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Child {
  const [program, options] = NODE;
  const child = spawn(program, [...options, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<void>((done) => {
    child.once("exit", () => {
      ended = true;
      for (const listener of listeners) listener();
      done();
    });
  });
  return {
    process: child,
    lines,
    line: (pattern) =>
      new Promise((found, failed) => {
        const look = (): void => {
          const match = lines.map((line) => pattern.exec(line)).find((each) => each !== null);
          if (match === undefined && !ended) return;
          clearTimeout(timer);
          listeners.delete(look);
          if (match === undefined)
            failed(new Error(`the process ended without ${String(pattern)}:\n${lines.join("\n")}`));
          else found(match);
        };
        const timer = setTimeout(() => {
          listeners.delete(look);
          failed(new Error(`the process did not print ${String(pattern)} in time:\n${lines.join("\n")}`));
        }, START_MS);
        listeners.add(look);
        look();
      }),
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

export interface RunningTestChain extends TestChainInfo {
  readonly child: Child;
  /** A folder for journals, with the record of the deployment `test`; it goes when the chain stops. */
  readonly folder: string;
  /** Moves the chain's time on with its next block. */
  jump(time: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a node of its own with the real contracts. */
export async function startTestChain(parameters: TestChainParameters): Promise<RunningTestChain> {
  const code = `import("./test/services/testChain.ts").then((m) => m.serveTestChain(${JSON.stringify(parameters)}))`;
  const child = startChild(["-e", code]);
  const [line] = await child.line(/^\{"url".*\}$/);
  const info = JSON.parse(line) as TestChainInfo;
  const folder = mkdtempSync(join(tmpdir(), "joulework-services-"));
  writeFileSync(join(folder, "test.json"), JSON.stringify(info.deployment));
  return {
    ...info,
    child,
    folder,
    async jump(time) {
      await fetch(info.url, {
        method: "POST",
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "test_jump", params: [time] }),
      });
    },
    async stop() {
      await child.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Starts scripts/gateway.ts or scripts/matcher.ts and waits until it listens. */
export async function startService(
  chain: RunningTestChain,
  service: "gateway" | "matcher",
  options: readonly string[] = [],
): Promise<Child & { readonly url: string }> {
  const key = service === "gateway" ? chain.gatewayKey : chain.matcherKey;
  const child = startChild(
    [
      `scripts/${service}.ts`,
      ...["--rpc", chain.url, "--deployment", "test", "--deployments", chain.folder],
      ...["--journal", join(chain.folder, `${service}.sqlite`), "--port", "0", "--poll", "50"],
      ...options,
    ],
    { [`JOULEWORK_${service.toUpperCase()}_KEY`]: key },
  );
  const [, url = ""] = await child.line(/listening on (\S+)/);
  return { ...child, url };
}
