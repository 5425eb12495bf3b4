import type { Trainer } from "../types.ts";
import type { GlobalState } from "./types.ts";

/** The state before the first round: the trainer's initial weights, and no momentum. */
export function initialState(trainer: Trainer, seed: number): GlobalState {
  return {
    model: trainer.model,
    round: 0,
    weights: trainer.initialWeights(seed),
    momentum: new Float32Array(trainer.parameters),
  };
}
