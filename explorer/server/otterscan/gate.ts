import { refusal } from "./jsonRpc.ts";

export interface GateParameters {
  /** Works that go on at one time. */
  readonly concurrent: number;
  /** Works that may wait; one more is refused. */
  readonly waiting: number;
}

/** Lets a few dear works through at a time, in the order in which they came. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function createGate({ concurrent, waiting }: GateParameters): Gate {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= concurrent) {
      if (queue.length >= waiting) {
        throw refusal(
          "limitExceeded",
          "Too many traces are being made",
          { concurrent, waiting },
          "Ask again when they are done.",
        );
      }
      // Whoever ends hands its place on, so `running` does not change.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
