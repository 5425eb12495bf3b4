import { parentPort, workerData } from "node:worker_threads";
import { connectExchange } from "../../../src/chain/exchange.ts";
import type { Deployment } from "../../../src/chain/deployment.ts";
import { connectJobs } from "../../../src/training/jobs/jobsLink.ts";
import { readReceipt } from "../../../src/training/jobs/receipt.ts";
import { openTrainer } from "../../../src/training/openTrainer.ts";
import { openUpdateStore } from "../../../src/training/store/index.ts";
import type { JobAnswer } from "../../api/job.ts";

export interface LossWork {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Folder or address of the update store. */
  readonly models: string;
  readonly job: number;
}

/** The loss of each settled round's model on the round's own slice; round 0 is the model before the first one. */
async function measure({ rpcUrl, deployment, models, job }: LossWork): Promise<JobAnswer["losses"]> {
  const store = openUpdateStore(models);
  const link = connectJobs(await connectExchange({ rpcUrl, deployment }));
  const { rounds } = await readReceipt({ link, job, losses: { store, openTrainer } });
  const losses: JobAnswer["losses"] = [];
  for (const { round, validation, loss } of rounds) {
    if (loss === undefined) continue;
    // The first byte of a slice is read and not predicted.
    const bytes = BigInt((await store.get(validation)).length - 1);
    const perByte = (total: bigint): string => String(total / bytes);
    if (losses.length === 0) losses.push({ round: round - 1, lossMicroNats: perByte(loss.before) });
    losses.push({ round, lossMicroNats: perByte(loss.after) });
  }
  return losses;
}

parentPort?.postMessage(await measure(workerData as LossWork));
