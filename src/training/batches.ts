import { DRAWS, drawWords, multiplyHigh } from "./philox.ts";

/**
 * Where in a text each sequence of a step begins: a function of seed, step and the number of beginnings alone. A
 * beginning is followed by the context and one byte more.
 */
export function batchStarts(seed: number, step: number, batch: number, beginnings: number): number[] {
  return Array.from({ length: batch }, (_, sequence) =>
    multiplyHigh(drawWords(seed, DRAWS.batches, step, sequence)[0], beginnings),
  );
}
