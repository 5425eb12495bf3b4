import type { Parameters } from "../../parameters.ts";
import type { ModelConfig } from "../../types.ts";
import type { TapeProgram } from "../composeTape.ts";

/** How vectors are put together: all in their order, or the middle ones of each coordinate's values, lowest first. */
export type AggregationKind = "mean" | "sorted";

/** What the program that measures a move depends on. */
export interface MeasurementConfig {
  readonly model: ModelConfig;
  /** Updates of the round that can be read. */
  readonly updates: number;
  readonly aggregation: AggregationKind;
  readonly sliceBytes: number;
}

/** Tensors of weights and momentum, one a parameter each. */
export interface StateTensors {
  readonly weights: readonly number[];
  readonly momentum: readonly number[];
}

/**
 * The loss of one move of the model over the round's validation slice, as primitive operations. It reads byte strings: the slice, the
 * updates in the order of their hashes, the selection, which says what the move is, and the model. Its state is what it finds: the
 * loss, the players' products, and where the move leads, a tensor for each parameter of the weights, then of the momentum. Of the
 * state before it, all zeros, it reads nothing.
 */
export interface MeasurementTape extends TapeProgram {
  readonly config: MeasurementConfig;
  readonly parameters: Parameters;
  /** Its tensor with the loss in whole micro-nats: the high 32 bits, and the low ones. */
  readonly loss: number;
  /** That with the players' scalar products with each other, a row and a column for each. */
  readonly products: number;
}
