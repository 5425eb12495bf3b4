import { encodeState } from "../../federated/encodeState.ts";
import { encodeUpdate } from "../../federated/encodeUpdate.ts";
import type { Move } from "../../federated/measureMoves.ts";
import type { GlobalState, OuterOptimizer } from "../../federated/types.ts";
import { contentAddress } from "../../store/contentAddress.ts";
import type { ModelConfig } from "../../types.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import type { MeasurementTape } from "./measurementTypes.ts";
import { encodeSelection } from "./selection.ts";
import { stringsJob, type StringsJob } from "./stringsJob.ts";

/** What the measurements of a round have in common. */
export interface MeasuredRound {
  readonly state: GlobalState;
  readonly slice: Uint8Array;
  /** Bytes of the updates that can be read, in the order of their hashes. */
  readonly updates: readonly Uint8Array[];
  readonly outer: OuterOptimizer;
}

/** The byte strings that the measurement of a move reads. */
export function measurementStrings({ state, slice, updates, outer }: MeasuredRound, move: Move): Uint8Array[] {
  const read = updatesOnTape(state, updates);
  return [slice, ...read, encodeSelection(move, read.map(contentAddress), outer), encodeState(state)];
}

/** The updates that a measurement reads. A program has a place for one at least: where none can be read, one that is zero. */
export function updatesOnTape({ model, weights }: GlobalState, updates: readonly Uint8Array[]): readonly Uint8Array[] {
  return updates.length > 0 ? updates : [zeroUpdate(model, weights.length)];
}

/** An update that moves nothing. */
export function zeroUpdate(model: ModelConfig, parameters: number): Uint8Array {
  return encodeUpdate(model, new Float32Array(parameters));
}

/**
 * A measurement as a reproducible job whose one step it is: its end state holds the loss, the products, and where the move leads.
 */
export function measurementJob(
  tape: MeasurementTape,
  round: MeasuredRound,
  move: Move,
  functions: KernelFunctions,
): Promise<StringsJob> {
  return stringsJob({ tape, strings: measurementStrings(round, move), functions });
}
