import type { ModelConfig } from "../types.ts";
import type { ScoreTable } from "./scoreTable.ts";

/** What all workers of a round start from. Its bytes have a content address, the `modelRoot`. */
export interface GlobalState {
  readonly model: ModelConfig;
  /** Rounds that led here; 0 for the initial weights. */
  readonly round: number;
  readonly weights: Float32Array;
  /** The outer optimizer's buffer, one value a weight; zero at first. */
  readonly momentum: Float32Array;
}

/** The outer optimizer: stochastic gradient descent with Nesterov momentum over aggregated pseudo-gradients. */
export interface OuterOptimizer {
  readonly learningRate: number;
  readonly momentum: number;
}

/** How the vectors of a round become one. */
export type AggregationRule =
  | { readonly kind: "mean" }
  | { readonly kind: "median" }
  /** Drops the floor(n x `trimPpm` / 1,000,000) largest and as many smallest values of each coordinate; below half. */
  | { readonly kind: "trimmed-mean"; readonly trimPpm: number };

/** How a contribution to the drop of the validation loss is measured. */
export type ContributionMeasure =
  | { readonly kind: "leave-one-out" }
  | {
      readonly kind: "shapley";
      /** Orders that are drawn. */
      readonly permutations: number;
      /** 32 bytes of 0x-hex that nobody chose, such as a block's randomness. */
      readonly seed: string;
      /** An order is cut where what is left to gain is at most this. */
      readonly toleranceMicroNats: bigint;
    };

/** Everything that evaluators must agree on; part of the job's specification. */
export interface ScoringRule {
  readonly outer: OuterOptimizer;
  readonly aggregation: AggregationRule;
  readonly measure: ContributionMeasure;
  /** Updates whose cosine is at least this are one contribution; above 0, up to 1,000,000. */
  readonly nearCopyPpm: number;
  /**
   * Who alone lowers the loss by less than this share of what the best one does alone earns nothing: half of all random
   * updates lower it a little by luck. From 0 to 500,000.
   */
  readonly leastSharePpm: number;
}

/** An update as it stands on the chain. */
export interface RevealedUpdate {
  /** Its bytes; null where it was not revealed or nobody has them. */
  readonly bytes: Uint8Array | null;
  /** 1 for the first commitment of the round: of equal updates the earliest one counts. */
  readonly commitOrder: number;
  /** The length that its reveal told, where the chain keeps it. */
  readonly sizeBytes?: number;
}

/** What became of an update. Only `counted` scores above zero. */
export type Verdict =
  /** It lowers the validation loss; it is paid and part of the aggregate. */
  | "counted"
  /** There are no bytes, not as many as its reveal told, or they are no update of this model. */
  | "refused"
  /** It was revealed in an earlier round. */
  | "stale"
  /** The same bytes were committed to before in this round. */
  | "copy"
  /** It has no length: all its values are zero, or their squares vanish in single precision. */
  | "empty"
  /** Taken alone it does not lower the loss, or by less than the rule's least share. */
  | "useless"
  /** Without it the others do as well or better. */
  | "no-gain"
  /** All that would count, together, do not lower the loss: the round changes no weight and pays nothing. */
  | "void";

export interface ScoredUpdate {
  /** SHA-256 of its bytes; null where there are none. */
  readonly hash: string | null;
  readonly verdict: Verdict;
  /**
   * Whole micro-nats over the validation slice, within a signed 64-bit number. What was measured and is not above zero is
   * told as measured; pay takes it as zero.
   */
  readonly score: bigint;
  /** Places that share one score with this one, itself among them; empty unless it was measured. */
  readonly group: readonly number[];
}

/** What an honest evaluator commits to. The same inputs give the same digits on every machine. */
export interface RoundScores {
  /** In the order of the on-chain seats. */
  readonly updates: readonly ScoredUpdate[];
  readonly scores: readonly bigint[];
  /** What they follow from. */
  readonly table: ScoreTable;
  /** The state after the round. */
  readonly next: GlobalState;
  /** `modelRoot` of `next`. */
  readonly aggregateRoot: string;
  /** Validation loss of the weights before and after, micro-nats over the slice. */
  readonly lossBefore: bigint;
  readonly lossAfter: bigint;
}
