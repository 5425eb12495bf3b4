import { federatedError } from "./federatedError.ts";
import { formPlayers, type Candidate, type Player } from "./formPlayers.ts";
import { nearCopyThreshold } from "./isNearCopy.ts";
import { leaveOneOut, type AskingLosses } from "./leaveOneOut.ts";
import type { Move } from "./measureMoves.ts";
import { WORST_LOSS } from "./roundLoss.ts";
import { shapley } from "./shapley.ts";
import { shortenPlayers, type MeasuredPlayer } from "./shortenPlayers.ts";
import type { AggregationRule, ContributionMeasure, ScoringRule, Verdict } from "./types.ts";

/** What of a scoring rule decides, as a contract is told it. */
export interface RoundRule {
  /** The square of the least cosine of near-copies, in single precision. */
  readonly nearCopy: number;
  readonly leastSharePpm: number;
  readonly aggregation: AggregationRule;
  readonly measure: ContributionMeasure;
}

export function roundRule({ nearCopyPpm, leastSharePpm, aggregation, measure }: ScoringRule): RoundRule {
  return { nearCopy: nearCopyThreshold(nearCopyPpm), leastSharePpm, aggregation, measure };
}

/** Something that is measured: the scalar products of vectors with each other, their squares alone, or the loss of a move. */
export type Question =
  | { readonly kind: "products" | "squares"; readonly players: readonly Player[] }
  | { readonly kind: "loss"; readonly move: Move };

/** Products row by row, squares, or micro-nats. */
export type Answer = readonly number[] | bigint;

/** Asks for measurements one by one. What it asks depends on nothing but the answers before. */
export type Asking<Result> = Generator<Question, Result, Answer>;

export interface RuledPlayer {
  readonly player: Player;
  readonly verdict: Verdict;
  /** Of all its members together, micro-nats. */
  readonly score: bigint;
}

export interface Ruling {
  readonly players: readonly RuledPlayer[];
  /** Hashes of updates that have no length. */
  readonly empty: ReadonlySet<string>;
  /** How the model moves. */
  readonly taken: Move;
  readonly lossBefore: bigint;
  readonly lossAfter: bigint;
}

/**
 * The rules by which a round is scored: decisions over whole numbers, and over a few of single precision. `docs/federated.md` gives
 * them in words.
 *
 * @param readable In the order of their hashes.
 * @throws SCORE_TABLE_INVALID for an answer that no measurement gives.
 */
export function* roundRules(readable: readonly Candidate[], rule: RoundRule): Asking<Ruling> {
  const count = readable.length;
  const products = count === 0 ? [] : yield* askProducts(readable);
  const product = (a: number, b: number): number => products[a * count + b] ?? 0;
  const places = [...readable.keys()].filter((place) => product(place, place) > 0);
  const candidates = places.flatMap((place) => readable.slice(place, place + 1));
  const between = (a: number, b: number): number => product(places[a] ?? 0, places[b] ?? 0);
  const players = formPlayers(candidates, between, rule.nearCopy);

  const measured = yield* contributions(rule, yield* withSquares(players));
  const still: Move = { rule: rule.aggregation, players: [], present: new Set<Player>(), step: "averaging" };
  const lossBefore = yield* askLoss(still);
  const accepted = measured.filter(({ verdict }) => verdict === "counted").map(({ player }) => player);
  const { taken, loss } = yield* bestMove(rule.aggregation, accepted, still, lossBefore);
  return {
    players: taken === still ? measured.map(voided) : measured,
    empty: new Set(readable.filter((_, place) => !places.includes(place)).map(({ hash }) => hash)),
    ...{ taken, lossBefore, lossAfter: loss },
  };
}

function* askProducts(readable: readonly Candidate[]): Asking<readonly number[]> {
  const players = readable.map(({ seat, hash }) => ({ seats: [seat], hash, members: [hash], factor: 1 }));
  const count = players.length;
  const products = yield* askNumbers({ kind: "products", players }, count * count);
  for (let place = 0; place < count; ++place) requireSquare(products[place * count + place]);
  return products;
}

function* withSquares(players: readonly Player[]): Asking<MeasuredPlayer[]> {
  if (players.length === 0) return [];
  const squares = yield* askNumbers({ kind: "squares", players }, players.length);
  return players.map((player, i) => ({ ...player, square: requireSquare(squares[i]) }));
}

/** First who is of use alone, at its share of the step; then what each of these adds to the others. */
function* contributions(rule: RoundRule, players: readonly MeasuredPlayer[]): Asking<RuledPlayer[]> {
  const gains = yield* gainsAlone(shortenPlayers(players));
  const best = gains.reduce((most, gain) => (gain > most ? gain : most), 0n);
  const results: RuledPlayer[] = [];
  const leading: MeasuredPlayer[] = [];
  players.forEach((player, i) => {
    const gain = gains[i] ?? 0n;
    if (gain > 0n && gain * 1_000_000n >= best * BigInt(rule.leastSharePpm)) leading.push(player);
    else results.push({ player, verdict: "useless", score: gain < 0n ? gain : 0n });
  });
  if (leading.length === 0) return results;
  const { measure } = rule;
  // Orders that are drawn are orders of seats.
  if (measure.kind === "shapley") leading.sort((a, b) => (a.seats[0] ?? 0) - (b.seats[0] ?? 0));
  // Shortened anew: those that are of no use do not weigh on the median either.
  const useful = shortenPlayers(leading);
  const asking = measure.kind === "shapley" ? shapley<Player>(useful, measure) : leaveOneOut<Player>(useful);
  const scores = yield* lossesOf(asking, (present) => {
    return { rule: rule.aggregation, players: useful, present, step: "averaging" };
  });
  useful.forEach((player, i) => {
    const score = scores[i] ?? 0n;
    results.push({ player, verdict: score > 0n ? "counted" : "no-gain", score });
  });
  return results;
}

/** By how much each alone lowers the loss below that of a round in which nobody moves. */
function* gainsAlone(players: readonly Player[]): Asking<bigint[]> {
  if (players.length === 0) return [];
  // A median of one that moved and many that did not is zero: alone, everybody is measured by the mean.
  const loss = (present: readonly Player[]) =>
    askLoss({ rule: { kind: "mean" }, players, present: new Set(present), step: "averaging" });
  const nobody = yield* loss([]);
  const gains: bigint[] = [];
  for (const player of players) gains.push(nobody - (yield* loss([player])));
  return gains;
}

/**
 * Moves the model by those that count: by the outer step, or by the plain one where that gives a lower loss, which happens
 * when the momentum overshoots. If neither lowers the loss, the weights stay, and the momentum is cleared.
 */
function* bestMove(
  rule: AggregationRule,
  players: readonly Player[],
  still: Move,
  lossBefore: bigint,
): Asking<{ readonly taken: Move; readonly loss: bigint }> {
  let best = { taken: still, loss: lossBefore };
  if (players.length === 0) return best;
  for (const step of ["outer", "averaging"] as const) {
    const taken: Move = { rule, players, present: new Set(players), step };
    const loss = yield* askLoss(taken);
    // A step that leaves the finite numbers has the worst loss, and is not taken again.
    if (loss < best.loss && loss < WORST_LOSS) best = { taken, loss };
  }
  return best;
}

/** In a round that changes nothing nobody is paid. */
function voided({ player, verdict, score }: RuledPlayer): RuledPlayer {
  return verdict === "counted" ? { player, verdict: "void", score: 0n } : { player, verdict, score };
}

function* lossesOf<Result>(
  asking: AskingLosses<Player, Result>,
  moveOf: (present: ReadonlySet<Player>) => Move,
): Asking<Result> {
  let asked = asking.next();
  while (asked.done !== true) asked = asking.next(yield* askLoss(moveOf(asked.value)));
  return asked.value;
}

function* askLoss(move: Move): Asking<bigint> {
  const loss = yield { kind: "loss", move };
  if (typeof loss === "bigint" && loss >= 0n && loss <= WORST_LOSS) return loss;
  throw federatedError("SCORE_TABLE_INVALID", "A loss is not from 0 to 2^62", { loss: String(loss) });
}

function* askNumbers(question: Question, expected: number): Asking<readonly number[]> {
  const numbers = yield question;
  if (typeof numbers === "bigint" || numbers.length !== expected) {
    const given = typeof numbers === "bigint" ? 1 : numbers.length;
    throw federatedError("SCORE_TABLE_INVALID", `There are not as many ${question.kind} as vectors give`, {
      expected,
      given,
    });
  }
  const wrong = numbers.find((value) => !Number.isFinite(value));
  if (wrong === undefined) return numbers;
  throw federatedError("SCORE_TABLE_INVALID", `One of the ${question.kind} is not finite`, { value: String(wrong) });
}

function requireSquare(square = 0): number {
  if (square >= 0 && !Object.is(square, -0)) return square;
  const value = Object.is(square, -0) ? "-0" : String(square);
  throw federatedError("SCORE_TABLE_INVALID", "A square is negative", { value });
}
