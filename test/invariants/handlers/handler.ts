import type { Run } from "../harness/run.ts";

/** Five numbers from 0 to 999 that a handler reads as it likes; zero is the plainest choice, so that shrinking helps. */
export type Choices = readonly [number, number, number, number, number];

/** What a sequence is made of: it makes one or a few calls, each of which the ghost predicts. */
export interface Handler {
  /** How often it is drawn. */
  readonly weight: number;
  readonly act: (run: Run, choices: Choices) => Promise<void>;
}

/** A number from 0 to `below - 1` that depends on two others, for what has no choice of its own. */
export function mix(a: number, b: number, below: number): number {
  let x = Math.imul(a + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 13)) >>> 0) % below;
}

export function pick<T>(list: readonly T[], choice: number): T {
  const found = list[choice % Math.max(1, list.length)];
  if (found === undefined) throw new Error("there is nothing to choose from");
  return found;
}
