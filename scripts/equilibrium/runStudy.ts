import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  joinResults,
  openStudy,
  planStudy,
  runTask,
  type StudyOptions,
  type StudyResult,
} from "../../src/equilibrium/index.ts";

/**
 * Computes a study on several threads. Every task draws its own markets from the seed and its result has its place, so that the
 * study is the same on any number of threads.
 */
export async function runStudy(
  options: StudyOptions,
  threads: number,
  onProgress: (done: number, tasks: number) => void,
): Promise<StudyResult> {
  const study = openStudy(options);
  const tasks = planStudy(study);
  const parts: StudyResult[] = [];
  let next = 0;
  let done = 0;
  onProgress(0, tasks.length);
  const work = async (run: (task: (typeof tasks)[number]) => Promise<StudyResult>): Promise<void> => {
    for (let place = next++; place < tasks.length; place = next++) {
      const task = tasks[place];
      if (task === undefined) continue;
      parts[place] = await run(task);
      onProgress(++done, tasks.length);
    }
  };
  if (threads === 1) {
    await work((task) => runTask(study, task));
    return joinResults(parts);
  }
  const workers = Array.from(
    { length: Math.min(threads, tasks.length) },
    () => new Worker(new URL("./worker.ts", import.meta.url), { workerData: options }),
  );
  try {
    await Promise.all(
      workers.map((worker) =>
        work(async (task) => {
          const answered = once(worker, "message") as Promise<[StudyResult]>;
          worker.postMessage(task);
          const [result] = await answered;
          return result;
        }),
      ),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return joinResults(parts);
}
