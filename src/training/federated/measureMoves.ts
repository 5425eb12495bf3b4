import type { Trainer } from "../types.ts";
import { aggregate } from "./aggregate.ts";
import { averagingStep } from "./averagingStep.ts";
import type { Player } from "./formPlayers.ts";
import { outerStep } from "./outerStep.ts";
import { lossOf } from "./roundLoss.ts";
import type { AggregationRule, GlobalState, OuterOptimizer } from "./types.ts";

/** A way to move the model: along the aggregate of a round in which of `players` only `present` moved. */
export interface Move {
  readonly rule: AggregationRule;
  /**
   * All who have weight in the aggregate: one that is not present counts with an update that is zero, so that the weight of the
   * present ones does not depend on who is absent. Where there is none, the weights stay.
   */
  readonly players: readonly Player[];
  readonly present: ReadonlySet<Player>;
  /** The plain step, or that of the outer optimizer. */
  readonly step: "averaging" | "outer";
}

export interface MeasuredMove {
  /** Of the moved weights over the slice, micro-nats. */
  readonly loss: bigint;
  /** The state that it leads to. */
  readonly next: () => GlobalState;
}

/** Everything that scores are made of: a loss for each move. */
export type MeasureMove = (move: Move) => Promise<MeasuredMove>;

export interface MeasureMovesParameters {
  readonly trainer: Trainer;
  readonly state: GlobalState;
  readonly slice: Uint8Array;
  readonly outer: OuterOptimizer;
}

/** Measures moves with the trainer's kernels. */
export function measureMoves({ trainer, state, slice, outer }: MeasureMovesParameters): MeasureMove {
  return async ({ rule, players, present, step }) => {
    const still = new Float32Array(trainer.parameters);
    const next = (): GlobalState => {
      if (players.length === 0) return standStill(state);
      const moves = players.map((player) => (present.has(player) ? player : { hash: player.hash, values: still }));
      const gradient = aggregate(rule, moves);
      return step === "outer" ? outerStep(state, gradient, outer) : averagingStep(state, gradient);
    };
    return { loss: await lossOf(trainer, () => next().weights, slice), next };
  };
}

/** The state after a round that moves nothing: the weights as they were, and no momentum. */
export function standStill(state: GlobalState): GlobalState {
  return { ...state, round: state.round + 1, momentum: new Float32Array(state.momentum.length) };
}
