import { contentAddress } from "../store/contentAddress.ts";
import type { Trainer } from "../types.ts";
import { aggregate } from "./aggregate.ts";
import { averagingStep } from "./averagingStep.ts";
import { decodeUpdate } from "./decodeUpdate.ts";
import type { Player } from "./formPlayers.ts";
import { dot } from "./isNearCopy.ts";
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

/** What scores are made of. */
export interface RoundMeasures {
  /** Scalar products of the players' vectors with each other, a row for each. */
  readonly products: (players: readonly Player[]) => Promise<Float32Array>;
  readonly move: (move: Move) => Promise<MeasuredMove>;
}

/**
 * Measures a round's moves.
 *
 * @param updates Bytes of the updates that can be read, in the order of their hashes.
 */
export type MeasureRound = (updates: readonly Uint8Array[]) => RoundMeasures;

export interface MeasureMovesParameters {
  readonly trainer: Trainer;
  readonly state: GlobalState;
  readonly slice: Uint8Array;
  readonly outer: OuterOptimizer;
}

/** Measures moves with the trainer's kernels. */
export function measureMoves({ trainer, state, slice, outer }: MeasureMovesParameters): MeasureRound {
  const still = new Float32Array(trainer.parameters);
  return (updates) => {
    const vectorOf = playersVectors(trainer, updates);
    return {
      products: (players) => {
        const vectors = players.map(vectorOf);
        return Promise.resolve(Float32Array.from(vectors.flatMap((a) => vectors.map((b) => dot(a, b)))));
      },
      async move({ rule, players, present, step }) {
        const next = (): GlobalState => {
          if (players.length === 0) return standStill(state);
          const moves = players.map((player) => {
            return { hash: player.hash, values: present.has(player) ? vectorOf(player) : still };
          });
          const gradient = aggregate(rule, moves);
          return step === "outer" ? outerStep(state, gradient, outer) : averagingStep(state, gradient);
        };
        return { loss: await lossOf(trainer, () => next().weights, slice), next };
      },
    };
  };
}

/** The mean of a player's members times its factor. Means are kept, since a player is part of many moves. */
function playersVectors({ model, parameters }: Trainer, updates: readonly Uint8Array[]) {
  const values = new Map(
    updates.map((bytes) => [contentAddress(bytes), decodeUpdate(model, parameters, bytes)] as const),
  );
  const means = new Map<string, Float32Array>();
  return ({ members, factor }: Player): Float32Array => {
    const key = members.join(" ");
    let mean = means.get(key);
    if (mean === undefined) {
      const vectors = members.map((member) => ({ hash: member, values: values.get(member) ?? new Float32Array() }));
      mean = aggregate({ kind: "mean" }, vectors);
      means.set(key, mean);
    }
    return factor === 1 ? mean : mean.map((value) => value * factor);
  };
}

/** The state after a round that moves nothing: the weights as they were, and no momentum. */
export function standStill(state: GlobalState): GlobalState {
  return { ...state, round: state.round + 1, momentum: new Float32Array(state.momentum.length) };
}
