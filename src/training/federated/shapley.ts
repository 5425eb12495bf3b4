import { createHash } from "node:crypto";
import { toBytes } from "../../market/bytes.ts";
import { floorDiv } from "./floorDiv.ts";
import type { AskingLosses } from "./leaveOneOut.ts";
import type { ContributionMeasure } from "./types.ts";

type ShapleyMeasure = Extract<ContributionMeasure, { kind: "shapley" }>;

/**
 * Truncated Monte Carlo Shapley values (Ghorbani and Zou, arXiv 1904.02868): the mean drop of the loss when a player joins
 * those before it, over drawn orders. Where the loss is within the tolerance of everybody's, the rest of an order adds
 * nothing. The mean is rounded down.
 */
export function* shapley<Player>(
  players: readonly Player[],
  { permutations, seed, toleranceMicroNats }: Omit<ShapleyMeasure, "kind">,
): AskingLosses<Player, bigint[]> {
  const remember = remembering(players);
  const nobody = yield* remember([]);
  const everybody = yield* remember(players.map((_, i) => i));
  const sums = players.map(() => 0n);
  for (let round = 0; round < permutations; ++round) {
    const present: number[] = [];
    let before = nobody;
    for (const index of permutation(players.length, seed, round)) {
      if (absolute(before - everybody) <= toleranceMicroNats) break;
      present.push(index);
      const after = yield* remember(present);
      sums[index] = (sums[index] ?? 0n) + before - after;
      before = after;
    }
  }
  return sums.map((sum) => floorDiv(sum, BigInt(permutations)));
}

/**
 * The `round`-th order of 0 to count - 1: Fisher and Yates from the last place down, taking for place i the first 48 bits
 * of SHA-256(seed, round, i), numbers as 4 bytes with the highest first, modulo i + 1.
 */
export function permutation(count: number, seed: string, round: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  const input = Buffer.concat([toBytes("seed", seed, 32), Buffer.alloc(8)]);
  input.writeUInt32BE(round, 32);
  for (let i = count - 1; i > 0; --i) {
    input.writeUInt32BE(i, 36);
    const drawn = createHash("sha256").update(input).digest().readUIntBE(0, 6) % (i + 1);
    const other = order[drawn] ?? 0;
    order[drawn] = order[i] ?? 0;
    order[i] = other;
  }
  return order;
}

function remembering<Player>(players: readonly Player[]) {
  const known = new Map<string, bigint>();
  return function* (present: readonly number[]): AskingLosses<Player, bigint> {
    const sorted = [...present].sort((a, b) => a - b);
    const key = sorted.join(" ");
    const found = known.get(key);
    if (found !== undefined) return found;
    const measured = yield new Set(sorted.flatMap((i) => players.slice(i, i + 1)));
    known.set(key, measured);
    return measured;
  };
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
