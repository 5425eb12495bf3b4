import { parentPort, workerData } from "node:worker_threads";
import { openStudy, runTask, type StudyOptions, type StudyTask } from "../../src/equilibrium/index.ts";

// A thread of a study: gets one task after the other and gives each one's result, or lets its error end it.
const study = openStudy(workerData as StudyOptions);
parentPort?.on("message", (task: StudyTask) => {
  void runTask(study, task).then((result) => parentPort?.postMessage(result));
});
