import { federatedError } from "./federatedError.ts";
import type { AggregationRule } from "./types.ts";

/** A pseudo-gradient with the hash that gives it its place. */
export interface Contribution {
  readonly hash: string;
  readonly values: Float32Array;
}

/**
 * One pseudo-gradient of many. The order of `contributions` does not matter: they are taken in the order of their hashes,
 * and every operation is rounded to single precision.
 *
 * @throws AGGREGATION_INVALID without contributions, with different lengths, or for a trim that leaves nothing.
 */
export function aggregate(rule: AggregationRule, contributions: readonly Contribution[]): Float32Array {
  const sorted = [...contributions].sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0));
  const vectors = sorted.map(({ values }) => values);
  const length = vectors[0]?.length ?? 0;
  if (length === 0 || vectors.some((vector) => vector.length !== length)) {
    throw federatedError("AGGREGATION_INVALID", "There is nothing to aggregate, or vectors of different lengths", {
      vectors: vectors.length,
    });
  }
  return rule.kind === "mean"
    ? mean(vectors, length)
    : ofSorted(vectors, length, aggregatedRanks(rule, vectors.length));
}

/**
 * Which of `count` values, lowest first, are part of an aggregate: the first of them, and the one after the last.
 *
 * @throws AGGREGATION_INVALID for a trim that is not from 0 to below half.
 */
export function aggregatedRanks(rule: AggregationRule, count: number): readonly [first: number, end: number] {
  const trim = trimmedValues(rule, count);
  return [trim, count - trim];
}

function trimmedValues(rule: AggregationRule, count: number): number {
  if (rule.kind === "mean") return 0;
  if (rule.kind === "median") return Math.floor((count - 1) / 2);
  const { trimPpm } = rule;
  if (!Number.isInteger(trimPpm) || trimPpm < 0 || trimPpm >= 500_000) {
    throw federatedError("AGGREGATION_INVALID", "The trim is not from 0 to below half", { trimPpm });
  }
  return Math.floor((count * trimPpm) / 1_000_000);
}

function mean(vectors: readonly Float32Array[], length: number): Float32Array {
  const sum = new Float32Array(length);
  for (const vector of vectors) {
    // A store into a Float32Array rounds to single precision.
    for (let i = 0; i < length; ++i) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0);
  }
  return sum.map((value) => value / vectors.length);
}

/** The mean of each coordinate's values of these ranks, lowest first. */
function ofSorted(
  vectors: readonly Float32Array[],
  length: number,
  [first, end]: readonly [number, number],
): Float32Array {
  const result = new Float32Array(length);
  const column = new Float32Array(vectors.length);
  const kept = end - first;
  for (let i = 0; i < length; ++i) {
    vectors.forEach((vector, row) => (column[row] = vector[i] ?? 0));
    column.sort();
    let sum = 0;
    for (let row = first; row < end; ++row) sum = Math.fround(sum + (column[row] ?? 0));
    result[i] = sum / kept;
  }
  return result;
}
