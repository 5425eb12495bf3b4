import { evenNoise } from "../simulation/noise.ts";

/** A stream of even numbers in [0, 1): the same seed and purpose give the same stream on every machine and thread. */
export class Draws {
  readonly #seed: number;
  readonly #purpose: number;
  #drawn = 0;

  constructor(seed: number, purpose: number) {
    this.#seed = seed;
    this.#purpose = purpose;
  }

  next(): number {
    return evenNoise(this.#seed, this.#purpose, this.#drawn++);
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}
