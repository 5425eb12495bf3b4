import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { AuditRun } from "../../api/audit.ts";
import { formatForUser } from "../../../src/errors.ts";
import { notFound } from "../problems.ts";
import type { AuditMessage, AuditWork } from "./auditWorker.ts";

/** Audits of the deployment, one at a time, in a thread of their own: the server goes on answering meanwhile. */
export interface Audits {
  /** Starts one, or gives the one that runs. */
  readonly start: () => Promise<AuditRun>;
  /** @throws NOT_FOUND */
  readonly get: (id: string) => AuditRun;
  /** Ends the one that runs. */
  readonly close: () => Promise<void>;
}

export interface CreateAuditsParameters extends Omit<AuditWork, "toBlock"> {
  /** The newest block that is indexed. */
  readonly newestBlock: () => Promise<number>;
}

/** Finished audits that can still be asked for. */
const KEPT = 20;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export function createAudits({ newestBlock, ...work }: CreateAuditsParameters): Audits {
  const runs = new Map<string, Writable<AuditRun>>();
  let running: { readonly run: Writable<AuditRun>; readonly worker: Worker } | undefined;
  let starting: Promise<AuditRun> | undefined;

  async function begin(): Promise<AuditRun> {
    const toBlock = await newestBlock();
    // Once through the chain for the audit, and once for the index.
    const total = 2 * Math.max(0, toBlock - work.deployment.deployBlock + 1);
    const run: Writable<AuditRun> = { id: randomUUID(), state: "running", done: 0, total, checks: [], problem: null };
    runs.set(run.id, run);
    const [oldest] = runs.keys();
    if (runs.size > KEPT && oldest !== undefined) runs.delete(oldest);
    const workerData: AuditWork = { ...work, toBlock };
    const worker = new Worker(new URL("./auditWorker.ts", import.meta.url), { workerData });
    running = { run, worker };
    worker.on("message", (message: AuditMessage) => {
      if (message.kind === "progress") run.done = Math.min(run.total, Math.max(run.done, message.done));
      else finish(run, message);
    });
    worker.on("error", (error) => {
      Object.assign(run, { state: "broken", problem: formatForUser(error).split("\n")[0] ?? "" });
    });
    worker.on("exit", () => {
      if (running?.worker === worker) running = undefined;
      if (run.state === "running") Object.assign(run, { state: "broken", problem: "The audit was stopped." });
    });
    return { ...run };
  }

  return {
    async start() {
      // One that has ended may still have a thread that is about to.
      if (running?.run.state === "running") return { ...running.run };
      starting ??= begin().finally(() => {
        starting = undefined;
      });
      return starting;
    },
    get(id) {
      const run = runs.get(id);
      if (run === undefined) throw notFound("There is no such audit", { id });
      return { ...run };
    },
    async close() {
      await running?.worker.terminate();
    },
  };
}

function finish(run: Writable<AuditRun>, { checks }: Extract<AuditMessage, { readonly kind: "checks" }>): void {
  run.checks = [...checks];
  run.done = run.total;
  run.state = checks.every(({ passed }) => passed) ? "passed" : "failed";
}
