import type { Trainer } from "../types.ts";
import { measureMoves, type MeasureRound } from "./measureMoves.ts";
import { measureTable, type MeasureTableParameters } from "./measureTable.ts";
import { modelRoot } from "./modelRoot.ts";
import { scoreFromTable } from "./scoreFromTable.ts";
import type { RoundScores } from "./types.ts";

export interface ScoreUpdatesParameters extends MeasureTableParameters {
  /** Of the job's kernels; it measures losses. */
  readonly trainer: Trainer;
}

/**
 * The evaluator's program: what each update was worth, and the model after the round. It reads nothing but its parameters,
 * and what it tells is the same to the last digit wherever it runs. `docs/federated.md` gives the rules in words.
 *
 * @throws SCORING_RULE_INVALID, STATE_INVALID; an update that cannot be read is no error but scores zero.
 */
export function scoreUpdates(parameters: ScoreUpdatesParameters): Promise<RoundScores> {
  const { trainer, state, slice, rule } = parameters;
  return scoreByMoves(parameters, measureMoves({ trainer, state, slice, outer: rule.outer }));
}

/** The same from what somebody else measures: all of it but that are decisions over a table of numbers. */
export async function scoreByMoves(parameters: MeasureTableParameters, measure: MeasureRound): Promise<RoundScores> {
  const { table, seats, next } = await measureTable(parameters, measure);
  const { updates, scores, lossBefore, lossAfter } = scoreFromTable(table, parameters.rule, seats);
  return { updates, scores, table, next, aggregateRoot: modelRoot(next), lossBefore, lossAfter };
}
