import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/freePort.ts";

export interface StartedPostgres {
  readonly connectionString: string;
  stop(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const USER = "joulework";

/** The newest server of Debian's packages, or what JOULEWORK_POSTGRES_BIN names; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const named = process.env.JOULEWORK_POSTGRES_BIN;
  if (named !== undefined) return named;
  const found = globSync("/usr/lib/postgresql/*/bin").filter((folder) => existsSync(join(folder, "initdb")));
  return found.sort((a, b) => versionOf(a) - versionOf(b)).at(-1);
}

/** A server of its own on a free port of 127.0.0.1, with a folder that goes when it stops. It asks for the password, if there is one. */
export async function startPostgres(programs: string, password?: string): Promise<StartedPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "joulework-postgres-"));
  const account = serverAccount();
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const options = { cwd: folder, ...account } as const;
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  if (password !== undefined) writeFileSync(passwordFile, password);
  const entry = password === undefined ? ["-A", "trust"] : ["-A", "scram-sha-256", "--pwfile", passwordFile];
  const init = ["-D", data, "-U", USER, ...entry, "-E", "UTF8", "--no-locale", "--no-sync"];
  const made = spawnSync(join(programs, "initdb"), init, { ...options, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const settings = ["-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`, "-c", "fsync=off"];
  const server = spawn(join(programs, "postgres"), ["-D", data, "-p", String(port), ...settings], {
    ...options,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-2_000);
  });
  const ended = once(server, "exit");
  const deadline = Date.now() + PATIENCE_MS;
  while (!log.includes("ready to accept connections")) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`postgres: ${log}`);
    await sleep(50);
  }
  return {
    connectionString: `postgres://${USER}${password === undefined ? "" : `:${password}`}@127.0.0.1:${String(port)}/postgres`,
    async stop() {
      // Fast shutdown: whoever is connected is sent away.
      server.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server refuses to run as root: Debian's package brings an account for it. */
function serverAccount(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (option: string): number => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

function versionOf(folder: string): number {
  return Number(/postgresql\/(\d+)/.exec(folder)?.[1] ?? 0);
}
