import { contentAddress } from "../store/contentAddress.ts";
import { encodeUpdate } from "./encodeUpdate.ts";
import { federatedError } from "./federatedError.ts";
import type { GlobalState } from "./types.ts";

export interface LocalTrainInput {
  readonly weights: Float32Array;
  /** The worker's own text; it stays with the worker. */
  readonly shard: Uint8Array;
  readonly seed: number;
  /** Number of the first step: batches of different rounds differ. */
  readonly firstStep: number;
  readonly steps: number;
}

/** How a worker trains; whoever trains elsewhere plugs in here. Returns the weights after the last step. */
export type LocalTrainer = (input: LocalTrainInput) => Promise<Float32Array>;

export interface LocalUpdateParameters {
  readonly state: GlobalState;
  readonly train: LocalTrainer;
  readonly shard: Uint8Array;
  readonly seed: number;
  /** Local steps a round, DiLoCo's H. */
  readonly steps: number;
}

export interface LocalUpdate {
  /** What the worker commits to. */
  readonly hash: string;
  /** What it reveals. */
  readonly bytes: Uint8Array;
}

/**
 * A worker's round: local steps from the global weights, then the pseudo-gradient, global minus local weights, quantised.
 * The inner optimizer starts afresh each round, so that a worker needs nothing but the global state.
 *
 * @throws UPDATE_MODEL if the trainer returns another number of weights, UPDATE_NOT_FINITE if training diverged.
 */
export async function localUpdate({ state, train, shard, seed, steps }: LocalUpdateParameters): Promise<LocalUpdate> {
  const { weights, round } = state;
  // A trainer that writes into what it is given must not move where the difference is taken from.
  const local = await train({ weights: weights.slice(), shard, seed, firstStep: round * steps, steps });
  if (local.length !== weights.length) {
    throw federatedError("UPDATE_MODEL", "Training returned another number of weights", {
      parameters: local.length,
      expectedParameters: weights.length,
    });
  }
  const gradient = Float32Array.from(weights, (value, i) => value - (local[i] ?? Number.NaN));
  const bytes = encodeUpdate(state.model, gradient);
  return { hash: contentAddress(bytes), bytes };
}
