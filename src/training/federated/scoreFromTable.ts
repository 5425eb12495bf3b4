import { bitsFloat } from "../reproducible/tapeBuilder.ts";
import { federatedError } from "./federatedError.ts";
import { floorDiv } from "./floorDiv.ts";
import type { Candidate } from "./formPlayers.ts";
import type { Move } from "./measureMoves.ts";
import {
  roundRule,
  roundRules,
  type Answer,
  type Asking,
  type Question,
  type RoundRule,
  type Ruling,
} from "./roundRules.ts";
import { NO_ROOT, type ScoreTable } from "./scoreTable.ts";
import type { ScoredUpdate, ScoringRule, Verdict } from "./types.ts";

/** What the chain knows of a seat before anything is measured. */
export interface TableSeat {
  /** Content address of its update; null where none was revealed. */
  readonly hash: string | null;
  /** Why it is not to be measured, whatever its bytes are; null for an update of its own. */
  readonly verdict: Extract<Verdict, "refused" | "stale" | "copy"> | null;
}

export interface TableScores {
  readonly updates: readonly ScoredUpdate[];
  /** In the order of the seats. */
  readonly scores: readonly bigint[];
  /** How the model moves. */
  readonly taken: Move;
  readonly lossBefore: bigint;
  readonly lossAfter: bigint;
}

/** A measurement that a table holds the answer of. */
export interface TableQuestion {
  readonly question: Question;
  readonly answer: Answer;
}

/**
 * What a table's measurements make of a round: whole numbers alone, no bytes and no model. The contract has the same function.
 *
 * @throws SCORE_TABLE_INVALID for a table that is not of these seats, or that no measurement gives.
 */
export function scoreFromTable(
  table: ScoreTable,
  rule: ScoringRule | RoundRule,
  seats: readonly TableSeat[],
): TableScores {
  const asked = readTable(table);
  const ruling = asked.run(roundRules(readableUpdates(table, seats), decisive(rule)));
  return rulingScores(ruling, table, seats);
}

/** All measurements of a table, in the order in which they are asked for: what each is, follows from those before. */
export function tableQuestions(
  table: ScoreTable,
  rule: ScoringRule | RoundRule,
  seats: readonly TableSeat[],
): TableQuestion[] {
  const asked = readTable(table);
  asked.run(roundRules(readableUpdates(table, seats), decisive(rule)));
  return asked.questions;
}

function decisive(rule: ScoringRule | RoundRule): RoundRule {
  return "nearCopy" in rule ? rule : roundRule(rule);
}

/**
 * The updates that are measured, in the order of their hashes.
 *
 * @throws SCORE_TABLE_INVALID where the table has another number of seats, or reads what cannot be read.
 */
export function readableUpdates({ updates, readable }: ScoreTable, seats: readonly TableSeat[]): Candidate[] {
  if (updates.length !== seats.length || readable.length !== seats.length) {
    throw federatedError("SCORE_TABLE_INVALID", "The table has another number of seats than the round", {
      seats: seats.length,
      updates: updates.length,
      readable: readable.length,
    });
  }
  const candidates = seats.flatMap(({ hash, verdict }, seat) => {
    const present = updates[seat] !== NO_ROOT;
    const reads = readable[seat] === true;
    if ((present && (hash === null || verdict === "stale" || verdict === "copy")) || (reads && !present)) {
      throw federatedError("SCORE_TABLE_INVALID", "The table reads an update that is none of the round's", { seat });
    }
    return reads && hash !== null ? [{ seat, hash }] : [];
  });
  return candidates.sort((a, b) => (a.hash < b.hash ? -1 : 1));
}

/** A score for each seat: of a player's, its members have equal shares, rounded down. */
export function rulingScores(
  ruling: Ruling,
  { readable }: Pick<ScoreTable, "readable">,
  seats: readonly TableSeat[],
): TableScores {
  const { players, empty, taken, lossBefore, lossAfter } = ruling;
  const updates = seats.map(({ hash, verdict }, seat): ScoredUpdate => {
    const found = players.find(({ player }) => player.seats.includes(seat));
    if (found !== undefined) {
      const group = found.player.seats;
      return { hash, verdict: found.verdict, score: floorDiv(found.score, BigInt(group.length)), group };
    }
    const isEmpty = readable[seat] === true && hash !== null && empty.has(hash);
    return { hash, verdict: isEmpty ? "empty" : (verdict ?? "refused"), score: 0n, group: [] };
  });
  return { updates, scores: updates.map(({ score }) => score), taken, lossBefore, lossAfter };
}

function readTable(table: ScoreTable) {
  const losses = [...table.losses];
  const questions: TableQuestion[] = [];
  const answer = (question: Question): Answer => {
    if (question.kind !== "loss") return table[question.kind].map(bitsFloat);
    const loss = losses.shift();
    if (loss !== undefined) return loss;
    throw federatedError("SCORE_TABLE_INVALID", "The table has too few losses", { losses: table.losses.length });
  };
  function run<Result>(asking: Asking<Result>): Result {
    let asked = asking.next();
    while (asked.done !== true) {
      const given = answer(asked.value);
      questions.push({ question: asked.value, answer: given });
      asked = asking.next(given);
    }
    const spare = (kind: "products" | "squares"): boolean =>
      table[kind].length > 0 && !questions.some(({ question }) => question.kind === kind);
    if (losses.length === 0 && !spare("products") && !spare("squares")) return asked.value;
    throw federatedError("SCORE_TABLE_INVALID", "The table has measurements that nothing asks for", {
      losses: losses.length,
    });
  }
  return { run, questions };
}
