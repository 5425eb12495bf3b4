import { decodeUpdate } from "../federated/decodeUpdate.ts";
import { encodeUpdate } from "../federated/encodeUpdate.ts";
import type { ModelConfig } from "../types.ts";

/** What a worker has at hand when it decides what to commit to. */
export interface UpdateContext {
  readonly model: ModelConfig;
  /** Number of weights. */
  readonly parameters: number;
  /** Most bytes that the job takes. */
  readonly maxUpdateBytes: number;
  readonly round: number;
  /** Trains, and gives the bytes of the update. */
  readonly honest: () => Promise<Uint8Array>;
}

/** How a worker plays. All but the honest one are for demonstrations and tests: a job has to survive them. */
export interface WorkerBehaviour {
  readonly name: string;
  /** The bytes that the worker commits to. */
  readonly update: (context: UpdateContext) => Promise<Uint8Array>;
  /** Whether it opens its commitment. */
  readonly reveals: boolean;
}

/** Trains on its data and commits to what came out. */
export const honestWorker: WorkerBehaviour = { name: "honest", update: ({ honest }) => honest(), reveals: true };

/** Negates its update and makes it larger, to lead the model away. */
export function poisonedWorker(scale = 4): WorkerBehaviour {
  return {
    name: "poisoned",
    async update({ model, parameters, honest }) {
      const values = decodeUpdate(model, parameters, await honest());
      return encodeUpdate(
        model,
        values.map((value) => -scale * value),
      );
    },
    reveals: true,
  };
}

/** Commits to the update of another, which it got hold of; trains itself where there is none. */
export function copyingWorker(of: (round: number) => Promise<Uint8Array | undefined>): WorkerBehaviour {
  return { name: "copier", update: async ({ round, honest }) => (await of(round)) ?? honest(), reveals: true };
}

/** Does no work: an update of zeros. */
export const lazyWorker: WorkerBehaviour = {
  name: "lazy",
  update: ({ model, parameters }) => Promise.resolve(encodeUpdate(model, new Float32Array(parameters))),
  reveals: true,
};

/** Commits, and never opens its commitment. */
export const lateWorker: WorkerBehaviour = { name: "late", update: ({ honest }) => honest(), reveals: false };

/** Appends bytes until its update is larger than the job takes. */
export const oversizedWorker: WorkerBehaviour = {
  name: "oversized",
  async update({ maxUpdateBytes, honest }) {
    const bytes = new Uint8Array(maxUpdateBytes + 1);
    bytes.set((await honest()).subarray(0, bytes.length));
    return bytes;
  },
  reveals: true,
};
