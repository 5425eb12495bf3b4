import type { MiddlewareHandler } from "hono";
import { RefusedError } from "./problems.ts";

/** What one server does at a time, and for how long. */
export interface Limits {
  /** Questions that are being answered at one moment. */
  readonly concurrent: number;
  /** Milliseconds for one answer. */
  readonly answerMs: number;
  /** Bytes of a request's body. */
  readonly bodyBytes: number;
}

export const DEFAULT_LIMITS: Limits = { concurrent: 64, answerMs: 15_000, bodyBytes: 1_048_576 };

/**
 * Refuses a question where too many are being answered. One that takes too long gets an answer that says so, but counts
 * until its work has really ended.
 */
export function limitWork({ concurrent, answerMs }: Limits): MiddlewareHandler {
  let running = 0;
  return async (context, next) => {
    if (running >= concurrent) {
      context.header("retry-after", "1");
      throw new RefusedError(429, {
        code: "TOO_MANY_REQUESTS",
        what: "The explorer is busy with other questions",
        values: { concurrent },
        hint: "Ask again in a second.",
      });
    }
    running += 1;
    const work = next().finally(() => {
      running -= 1;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new RefusedError(503, {
            code: "ANSWER_TOO_SLOW",
            what: "The answer takes too long",
            values: { milliseconds: answerMs },
            hint: "Ask for less, or again when the node is less busy.",
          }),
        );
      }, answerMs);
    });
    try {
      await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
