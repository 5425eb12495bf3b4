import { bytesTree } from "../reproducible/chunkTree.ts";
import { movedRoot } from "../reproducible/scoring/globalTensors.ts";
import { floatBits } from "../reproducible/tapeBuilder.ts";
import { encodeState } from "./encodeState.ts";
import type { MeasuredMove, MeasureRound, Move, RoundMeasures } from "./measureMoves.ts";
import { requireScoringRule } from "./requireScoringRule.ts";
import { roundRule, roundRules, type Answer, type Question } from "./roundRules.ts";
import type { TableSeat } from "./scoreFromTable.ts";
import { NO_ROOT, type ScoreTable } from "./scoreTable.ts";
import { sortOutUpdates } from "./sortOutUpdates.ts";
import type { GlobalState, RevealedUpdate, ScoringRule } from "./types.ts";

export interface MeasureTableParameters {
  /** What the round's workers started from. */
  readonly state: GlobalState;
  /** In the order of the on-chain seats. */
  readonly updates: readonly RevealedUpdate[];
  /** Hashes of the updates of earlier rounds of the job. */
  readonly earlier: ReadonlySet<string>;
  /** The round's validation slice. */
  readonly slice: Uint8Array;
  readonly rule: ScoringRule;
}

export interface MeasuredTable {
  readonly table: ScoreTable;
  readonly seats: readonly TableSeat[];
  /** The state after the round. */
  readonly next: GlobalState;
}

/**
 * Reads a round's bytes and measures what the rules ask for.
 *
 * @throws SCORING_RULE_INVALID; an update that cannot be read is no error.
 */
export async function measureTable(parameters: MeasureTableParameters, measure: MeasureRound): Promise<MeasuredTable> {
  const { state, updates, earlier, slice, rule } = parameters;
  requireScoringRule(rule);
  const sorted = sortOutUpdates({ model: state.model, parameters: state.weights.length, updates, earlier });
  const readable = sorted
    .flatMap(({ seat, hash, verdict, bytes }) =>
      verdict === null && hash !== null && bytes !== null ? [{ seat, hash, bytes }] : [],
    )
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const measured = measuring(measure(readable.map(({ bytes }) => bytes)));
  const asking = roundRules(readable, roundRule(rule));
  let asked = asking.next();
  while (asked.done !== true) asked = asking.next(await measured.answer(asked.value));
  const next = measured.stateAfter(asked.value.taken);
  const table: ScoreTable = {
    model: rootOf(encodeState(state)),
    slice: rootOf(slice),
    updates: sorted.map(({ bytes }) => (bytes === null ? NO_ROOT : rootOf(bytes))),
    readable: sorted.map(({ verdict }) => verdict === null),
    ...measured.answers(),
    moved: `0x${movedRoot(next).toString("hex")}`,
    next: rootOf(encodeState(next)),
  };
  return { table, seats: sorted.map(({ hash, verdict }) => ({ hash, verdict })), next };
}

function measuring(measures: RoundMeasures) {
  const answers = { products: [] as number[], squares: [] as number[], losses: [] as bigint[] };
  const moves = new Map<Move, MeasuredMove>();
  async function answer(question: Question): Promise<Answer> {
    if (question.kind === "loss") {
      const measured = await measures.move(question.move);
      moves.set(question.move, measured);
      answers.losses.push(measured.loss);
      return measured.loss;
    }
    const { kind, players } = question;
    const products = await measures.products(players);
    const wanted = kind === "products" ? products : products.filter((_, at) => at % (players.length + 1) === 0);
    answers[kind] = Array.from(wanted, floatBits);
    return Array.from(wanted);
  }
  function stateAfter(move: Move): GlobalState {
    const measured = moves.get(move);
    if (measured === undefined) throw new RangeError("the move that is taken was measured");
    return measured.next();
  }
  return { answer, answers: () => answers, stateAfter };
}

function rootOf(bytes: Uint8Array): string {
  return `0x${bytesTree(bytes).root.toString("hex")}`;
}
