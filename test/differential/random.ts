import { randomStream, type RandomStream } from "../../src/meters/profiles/randomStream.ts";

/** How many random cases to try: 2,000 or what a proof asks for, or one in `every` of them where each takes long. */
export function fuzzRuns(every = 1): number {
  const asked = Number(process.env.JOULEWORK_FUZZ_RUNS ?? 2_000);
  if (!Number.isSafeInteger(asked) || asked < 1) throw new Error("JOULEWORK_FUZZ_RUNS is not a number of runs");
  return Math.ceil(asked / every);
}

/** Random whole numbers and choices, the same in every run for the same label. */
export class Choices {
  readonly #stream: RandomStream;

  constructor(label: string) {
    this.#stream = randomStream(20_250_621, label);
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#stream.uniform() * (most - least + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#stream.uniform() < probability;
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.whole(0, values.length - 1)];
    if (value === undefined) throw new Error("there is nothing to choose from");
    return value;
  }

  /** A whole number of `bits` bits whose edges come often. */
  edged(bits: number): bigint {
    const most = (1n << BigInt(bits)) - 1n;
    const kind = this.whole(0, 5);
    if (kind === 0) return 0n;
    if (kind === 1) return most;
    if (kind === 2) return 1n << BigInt(this.whole(0, bits - 1));
    if (kind === 3) return most - 1n;
    return this.bits(bits);
  }

  /** Uniform over `bits` bits. */
  bits(bits: number): bigint {
    let value = 0n;
    for (let taken = 0; taken < bits; taken += 24) value = (value << 24n) | BigInt(this.whole(0, 0xffffff));
    return value & ((1n << BigInt(bits)) - 1n);
  }

  /** Bytes as 0x-hex. */
  hex(bytes: number): string {
    return `0x${this.bits(8 * bytes)
      .toString(16)
      .padStart(2 * bytes, "0")}`;
  }
}
