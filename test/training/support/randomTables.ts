import { roundRule, roundRules, type Answer, type Question } from "../../../src/training/federated/roundRules.ts";
import { WORST_LOSS } from "../../../src/training/federated/roundLoss.ts";
import { readableUpdates, type TableSeat } from "../../../src/training/federated/scoreFromTable.ts";
import { NO_ROOT, type ScoreTable } from "../../../src/training/federated/scoreTable.ts";
import type { ScoringRule } from "../../../src/training/federated/types.ts";
import { floatBits } from "../../../src/training/reproducible/tapeBuilder.ts";
import type { Choices } from "../../differential/random.ts";

/** A round of seats, its rule by leave-one-out, and a table of answers that somebody might have measured. */
export interface RandomTable {
  readonly table: ScoreTable;
  readonly rule: ScoringRule;
  readonly seats: readonly TableSeat[];
}

/**
 * A random round of up to `most` seats, some of which have no update of their own. Vectors are near-copies of each other, equally
 * long or without length often enough; losses are often equal, and worst sometimes.
 */
export function randomTable(choices: Choices, most = 6): RandomTable {
  const count = choices.whole(0, most);
  const seats = Array.from({ length: count }, (): TableSeat => {
    const verdict = choices.of([null, null, null, null, null, "refused", "stale", "copy"] as const);
    return { hash: verdict === "refused" ? null : choices.hex(32), verdict };
  });
  const updates = seats.map(({ verdict }) => (verdict === null && choices.chance(0.9) ? choices.hex(32) : NO_ROOT));
  const readable = updates.map((root) => root !== NO_ROOT && choices.chance(0.9));
  const rule: ScoringRule = {
    outer: { learningRate: 0.7, momentum: 0.9 },
    aggregation: choices.of([
      { kind: "mean" },
      { kind: "median" },
      { kind: "trimmed-mean", trimPpm: 250_000 },
    ] as const),
    measure: { kind: "leave-one-out" },
    nearCopyPpm: choices.of([990_000, 1_000_000, choices.whole(1, 1_000_000)]),
    leastSharePpm: choices.of([50_000, 0, choices.whole(0, 500_000)]),
  };
  const roots = { model: choices.hex(32), slice: choices.hex(32), moved: choices.hex(32), next: choices.hex(32) };
  const blank: ScoreTable = { ...roots, updates, readable, products: [], squares: [], losses: [] };
  const answers = { products: [] as number[], squares: [] as number[], losses: [] as bigint[] };
  const asking = roundRules(readableUpdates(blank, seats), roundRule(rule));
  let asked = asking.next();
  while (asked.done !== true) {
    const answer = randomAnswer(choices, asked.value, rule);
    if (typeof answer === "bigint") answers.losses.push(answer);
    else if (asked.value.kind !== "loss") answers[asked.value.kind] = answer.map(floatBits);
    asked = asking.next(answer);
  }
  return { table: { ...blank, ...answers }, rule, seats };
}

function randomAnswer(choices: Choices, question: Question, { nearCopyPpm }: ScoringRule): Answer {
  if (question.kind === "loss") return randomLoss(choices);
  const squares = question.players.map(() => randomSquare(choices));
  if (question.kind === "squares") return squares;
  // The table is what somebody told: it need not be symmetric.
  return squares.flatMap((a, row) =>
    squares.map((b, column) => {
      if (row === column) return a;
      const cosine = choices.of([choices.whole(-1_000_000, 1_000_000), nearCopyPpm, nearCopyPpm - 1, 1_000_000]) / 1e6;
      return Math.fround(cosine * Math.sqrt(a) * Math.sqrt(b));
    }),
  );
}

function randomSquare(choices: Choices): number {
  const size = choices.of([0, 1, 1, choices.whole(1, 4), choices.whole(1, 1_000_000)]);
  return Math.fround(size * 2 ** choices.of([0, 0, 0, -149, -60, 100]));
}

function randomLoss(choices: Choices): bigint {
  if (choices.chance(0.03)) return WORST_LOSS;
  return BigInt(choices.of([100, choices.whole(90, 110), choices.whole(0, 2_000_000)]));
}
