import { JouleworkError } from "../../errors.ts";
import type { Trainer } from "../types.ts";
import { aggregate } from "./aggregate.ts";
import type { Player } from "./formPlayers.ts";
import { averagingStep } from "./averagingStep.ts";
import type { AggregationRule, GlobalState } from "./types.ts";

/** Taken for the loss of weights that give no finite number; differences of losses stay within 64 bits. */
export const WORST_LOSS = 1n << 62n;

/** Codes of what weights without a finite loss end with; any other failure is the machine's and no measurement. */
const NOT_FINITE = new Set(["OUTER_STEP_NOT_FINITE", "TRAINING_DIVERGED"]);

export interface RoundLossParameters {
  readonly trainer: Trainer;
  readonly state: GlobalState;
  readonly slice: Uint8Array;
}

/** Loss of weights over the slice, micro-nats. */
export async function lossOf(trainer: Trainer, weights: () => Float32Array, slice: Uint8Array): Promise<bigint> {
  try {
    const loss = await trainer.evaluate(weights(), slice);
    return loss < WORST_LOSS ? loss : WORST_LOSS;
  } catch (error) {
    if (error instanceof JouleworkError && NOT_FINITE.has(error.code)) return WORST_LOSS;
    throw error;
  }
}

/**
 * The loss of the global weights less the aggregate of a round in which only `present` moved; each of the others counts as
 * one that did not move, whose update is zero. So the weight of the present ones does not depend on who is absent. The
 * outer optimizer has no part in it: what earlier rounds left in its momentum is nobody's work of this one.
 */
export function roundLoss(
  { trainer, state, slice }: RoundLossParameters,
  rule: AggregationRule,
  players: readonly Player[],
  present: ReadonlySet<Player>,
): Promise<bigint> {
  const still = new Float32Array(trainer.parameters);
  const moves = players.map((player) => (present.has(player) ? player : { hash: player.hash, values: still }));
  return lossOf(trainer, () => averagingStep(state, aggregate(rule, moves)).weights, slice);
}
