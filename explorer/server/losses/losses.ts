import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { JobAnswer } from "../../api/job.ts";
import type { LossWork } from "./lossWorker.ts";

/** Losses of training jobs, measured anew from the models and slices of an update store. */
export interface Losses {
  /**
   * Those of a job that has ended this many rounds; undefined while they are measured for the first time, in a thread of its
   * own. A store that lacks a model or cannot be read gives none.
   */
  readonly of: (job: number, endedRounds: number) => Promise<JobAnswer["losses"] | undefined>;
  readonly close: () => Promise<void>;
}

/** How long an answer waits for a measurement; the next one has it. */
const PATIENCE_MS = 3_000;

export function createLosses(
  work: Omit<LossWork, "job">,
  onFailure: (error: unknown) => void = () => undefined,
): Losses {
  const measured = new Map<number, { readonly endedRounds: number; readonly losses: Promise<JobAnswer["losses"]> }>();
  const workers = new Set<Worker>();

  async function measure(job: number): Promise<JobAnswer["losses"]> {
    const workerData: LossWork = { ...work, job };
    const worker = new Worker(new URL("./lossWorker.ts", import.meta.url), { workerData });
    workers.add(worker);
    try {
      const [losses] = (await Promise.race([once(worker, "message"), ended(worker)])) as [JobAnswer["losses"]];
      return losses;
    } catch (error) {
      onFailure(error);
      return [];
    } finally {
      workers.delete(worker);
      void worker.terminate();
    }
  }

  return {
    async of(job, endedRounds) {
      const known = measured.get(job);
      const losses = known?.endedRounds === endedRounds ? known.losses : measure(job);
      measured.set(job, { endedRounds, losses });
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS, undefined);
      });
      return Promise.race([losses, patience]).finally(() => clearTimeout(timer));
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}

/** A thread that ends without a word has no losses. */
async function ended(worker: Worker): Promise<[JobAnswer["losses"]]> {
  await once(worker, "exit");
  return [[]];
}
