import { encodeState } from "../../federated/encodeState.ts";
import type { TableSeat } from "../../federated/scoreFromTable.ts";
import type { ScoreTable } from "../../federated/scoreTable.ts";
import type { GlobalState, ScoringRule } from "../../federated/types.ts";
import type { KernelFunctions } from "../../reproducible/evaluatePrimitive.ts";
import { addressJob } from "../../reproducible/scoring/addressJob.ts";
import { composeMeasurement } from "../../reproducible/scoring/composeMeasurement.ts";
import { measurementJob, updatesOnTape } from "../../reproducible/scoring/measurementJob.ts";
import { readStateJob } from "../../reproducible/scoring/readStateJob.ts";
import type { StringsJob } from "../../reproducible/scoring/stringsJob.ts";
import { contentAddress } from "../../store/contentAddress.ts";
import { DIFFERENCE, measuredMove, type CasePlace } from "./tableDifference.ts";

/** A party's own view of a round: its bytes, and the table that it measured. */
export interface RoundKnowledge {
  readonly rule: ScoringRule;
  readonly seats: readonly TableSeat[];
  readonly table: ScoreTable;
  readonly state: GlobalState;
  readonly slice: Uint8Array;
  /** Bytes of each seat's update; null where they are not to be had. */
  readonly updates: readonly (Uint8Array | null)[];
  /** Bytes of the state after the round. */
  readonly next: Uint8Array;
}

/** The byte string whose root a case is about; undefined where it is about a measurement, or the bytes are not to be had. */
export function caseString(
  { state, slice, updates, next }: RoundKnowledge,
  { part, position }: CasePlace,
): Uint8Array | undefined {
  if (part === DIFFERENCE.model) return encodeState(state);
  if (part === DIFFERENCE.slice) return slice;
  if (part === DIFFERENCE.update) return updates[position] ?? undefined;
  return part === DIFFERENCE.next ? next : undefined;
}

/**
 * The reproducible job that decides a case, as this party computes it.
 *
 * @param string Takes the place of its own byte string in a case about one.
 */
export async function caseJob(
  knowledge: RoundKnowledge,
  place: CasePlace,
  functions: KernelFunctions,
  string = caseString(knowledge, place),
): Promise<StringsJob> {
  const { state, rule, slice } = knowledge;
  if (string !== undefined) {
    return place.part === DIFFERENCE.next
      ? readStateJob(state.model, encodeState(state), string, functions)
      : addressJob(string, functions);
  }
  const move = measuredMove(knowledge.table, rule, knowledge.seats, place);
  const updates = readableBytes(knowledge);
  const tape = composeMeasurement({
    model: state.model,
    updates: updatesOnTape(state, updates).length,
    aggregation: move.rule.kind === "mean" ? "mean" : "sorted",
    sliceBytes: slice.length,
  });
  return measurementJob(tape, { state, slice, updates, outer: rule.outer }, move, functions);
}

/** The updates that are measured, in the order of their hashes. */
function readableBytes({ table, updates }: RoundKnowledge): Uint8Array[] {
  const read = updates.flatMap((bytes, seat) =>
    bytes !== null && table.readable[seat] === true ? [{ bytes, hash: contentAddress(bytes) }] : [],
  );
  return read.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ bytes }) => bytes);
}
