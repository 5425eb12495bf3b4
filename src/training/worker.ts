// A thread of the trainer: it waits for a call, takes its share of every operation of it, and waits again.
import { parentPort, workerData } from "node:worker_threads";
import { CALLS, STOP, type WorkerInput } from "./engine.ts";
import { instantiateKernels } from "./kernelModule.ts";

const { module, memory, thread, threads } = workerData as WorkerInput;
const kernels = instantiateKernels(module, memory);
const calls = new Int32Array(memory.buffer);

let ticket = 0;
parentPort?.postMessage("ready");
for (;;) {
  Atomics.wait(calls, CALLS.ticket, ticket);
  const now = Atomics.load(calls, CALLS.ticket);
  if (now === ticket) continue;
  ticket = now;
  const count = Atomics.load(calls, CALLS.count) >>> 0;
  if (count === STOP) break;
  if (kernels.run(Atomics.load(calls, CALLS.first), count, thread, threads) === 0) break;
}
