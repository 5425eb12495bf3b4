import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { JouleworkError } from "../errors.ts";
import { instantiateKernels, type Kernels } from "./kernelModule.ts";
import type { Program } from "./program.ts";
import { WebAssembly, type WasmMemory, type WasmModule } from "./webAssembly.ts";

/** Words of the shared memory by which the first thread calls the others; the kernels keep words 16 to 47 for themselves. */
export const CALLS = { ticket: 48, first: 49, count: 50 } as const;
/** Operations that a worker is asked for when it shall end. */
export const STOP = 0xffffffff;

export interface WorkerInput {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly thread: number;
  readonly threads: number;
}

/** A program's memory, the kernels over it, and the threads that share the work. */
export class Engine {
  readonly program: Program;
  readonly kernels: Kernels;
  readonly floats: Float32Array;
  readonly words: Uint32Array;
  readonly #calls: Int32Array;
  readonly #workers: readonly Worker[];

  private constructor(program: Program, kernels: Kernels, memory: WasmMemory, workers: readonly Worker[]) {
    this.program = program;
    this.kernels = kernels;
    this.floats = new Float32Array(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
    this.#calls = new Int32Array(memory.buffer);
    this.#workers = workers;
    new Uint8Array(memory.buffer).set(program.encoded, program.records);
  }

  static async start(program: Program, module: WasmModule, threads: number): Promise<Engine> {
    const memory = new WebAssembly.Memory({ initial: program.pages, maximum: program.pages, shared: true });
    const workers = await Promise.all(
      Array.from({ length: threads - 1 }, async (_, index) => {
        const workerData: WorkerInput = { module, memory, thread: index + 1, threads };
        const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
        await once(worker, "message");
        // It waits for work without end, which is no reason for the process to live.
        worker.unref();
        return worker;
      }),
    );
    return new Engine(program, instantiateKernels(module, memory), memory, workers);
  }

  /** Runs operations by their position in the program; every thread takes its share of each. */
  run(from: number, count: number): void {
    const first = this.program.records + from * 128;
    const threads = this.#workers.length + 1;
    if (threads > 1) this.#call(first, count);
    if (this.kernels.run(first, count, 0, threads) === 0) {
      throw new JouleworkError({
        code: "TRAINER_THREAD_LOST",
        what: "A thread of the trainer did not finish its part of an operation",
        values: { threads },
        hint: "Look for a lack of memory on this machine, then train again from the last weights.",
      });
    }
  }

  async close(): Promise<void> {
    this.#call(0, STOP);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #call(first: number, count: number): void {
    Atomics.store(this.#calls, CALLS.first, first);
    Atomics.store(this.#calls, CALLS.count, count);
    Atomics.add(this.#calls, CALLS.ticket, 1);
    Atomics.notify(this.#calls, CALLS.ticket);
  }
}
