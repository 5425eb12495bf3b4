import type { ScoringRule } from "./types.ts";

/** The outer optimizer of DiLoCo (arXiv 2311.08105), the mean, leave-one-out; what the other figures do is in docs/federated.md. */
export const DEFAULT_SCORING_RULE: ScoringRule = {
  outer: { learningRate: 0.7, momentum: 0.9 },
  aggregation: { kind: "mean" },
  measure: { kind: "leave-one-out" },
  nearCopyPpm: 990_000,
  leastSharePpm: 50_000,
};
