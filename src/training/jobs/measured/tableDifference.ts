import type { Move } from "../../federated/measureMoves.ts";
import type { RoundRule } from "../../federated/roundRules.ts";
import { scoreFromTable, tableQuestions, type TableSeat } from "../../federated/scoreFromTable.ts";
import type { ScoreTable } from "../../federated/scoreTable.ts";
import type { ScoringRule } from "../../federated/types.ts";

/** What two tables differ in first, as the contract's `DifferencePart` counts. */
export const DIFFERENCE = {
  none: 0,
  model: 1,
  slice: 2,
  update: 3,
  readable: 4,
  product: 5,
  square: 6,
  loss: 7,
  moved: 8,
  next: 9,
} as const;

/** Names in the order of `DifferencePart`. */
export const DIFFERENCE_NAMES = [
  ...(["nothing", "the model", "the slice", "an update", "whether an update can be read"] as const),
  ...(["a product", "a square", "a loss", "the moved weights", "the next model"] as const),
] as const;

/** The place where two tables differ first. */
export interface CasePlace {
  readonly part: number;
  /** Seat, or place in the list. */
  readonly position: number;
}

/** Where two tables differ first; in the next model where they do not, and their results tell other addresses of it. */
export function firstDifference(a: ScoreTable, b: ScoreTable): CasePlace {
  if (a.model !== b.model) return { part: DIFFERENCE.model, position: 0 };
  if (a.slice !== b.slice) return { part: DIFFERENCE.slice, position: 0 };
  const lists = [
    [DIFFERENCE.update, a.updates, b.updates],
    [DIFFERENCE.readable, a.readable, b.readable],
    [DIFFERENCE.product, a.products, b.products],
    [DIFFERENCE.square, a.squares, b.squares],
    [DIFFERENCE.loss, a.losses, b.losses],
  ] as const;
  for (const [part, left, right] of lists) {
    const position = left.findIndex((value, at) => value !== right[at]);
    if (position >= 0) return { part, position };
  }
  return { part: a.moved === b.moved ? DIFFERENCE.next : DIFFERENCE.moved, position: 0 };
}

/** The move that the number in question was measured with. */
export function measuredMove(
  table: ScoreTable,
  rule: ScoringRule | RoundRule,
  seats: readonly TableSeat[],
  { part, position }: CasePlace,
): Move {
  if (part === DIFFERENCE.moved) return scoreFromTable(table, rule, seats).taken;
  const questions = tableQuestions(table, rule, seats).map(({ question }) => question);
  const moves = questions.flatMap((question) => (question.kind === "loss" ? [question.move] : []));
  const move = moves[position];
  if (part === DIFFERENCE.loss && move !== undefined) return move;
  const kind = part === DIFFERENCE.product ? "products" : "squares";
  const asked = questions.find((question) => question.kind === kind);
  if (asked === undefined || asked.kind === "loss") throw new RangeError(`nothing is measured at ${String(part)}`);
  const { players } = asked;
  return { rule: { kind: "mean" }, players, present: new Set(players), step: "averaging" };
}
