import type { Trainer } from "../types.ts";
import { floorDiv } from "./floorDiv.ts";
import { formPlayers, type Player } from "./formPlayers.ts";
import { leaveOneOut } from "./leaveOneOut.ts";
import { measureMoves, standStill, type MeasureMove } from "./measureMoves.ts";
import { modelRoot } from "./modelRoot.ts";
import { requireScoringRule } from "./requireScoringRule.ts";
import { WORST_LOSS } from "./roundLoss.ts";
import { shapley } from "./shapley.ts";
import { shortenPlayers } from "./shortenPlayers.ts";
import { sortOutUpdates } from "./sortOutUpdates.ts";
import type { GlobalState, RevealedUpdate, RoundScores, ScoredUpdate, ScoringRule, Verdict } from "./types.ts";

export interface ScoreUpdatesParameters {
  /** Of the job's kernels; it measures losses. */
  readonly trainer: Trainer;
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

export type ScoreByMovesParameters = Omit<ScoreUpdatesParameters, "trainer" | "slice">;

interface Measured {
  readonly player: Player;
  readonly verdict: Verdict;
  readonly score: bigint;
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

/** The same from losses that somebody else measures: all of it but them is decisions over whole numbers. */
export async function scoreByMoves(parameters: ScoreByMovesParameters, measureMove: MeasureMove): Promise<RoundScores> {
  const { state, updates, earlier, rule } = parameters;
  requireScoringRule(rule);
  const sorted = sortOutUpdates({ model: state.model, parameters: state.weights.length, updates, earlier });
  const candidates = sorted.flatMap(({ seat, hash, verdict, values }) =>
    verdict === null && hash !== null ? [{ seat, hash, values }] : [],
  );
  const measured = await measure(rule, formPlayers(candidates, rule.nearCopyPpm), measureMove);
  const still = { rule: rule.aggregation, players: [], present: new Set<Player>(), step: "averaging" } as const;
  const { loss: lossBefore } = await measureMove(still);
  const accepted = measured.filter(({ verdict }) => verdict === "counted").map(({ player }) => player);
  const outcome = await moveModel(parameters, accepted, lossBefore, measureMove);
  const ruled = outcome.moved ? measured : measured.map(voided);

  const scored = sorted.map(({ seat, hash, verdict }): ScoredUpdate => {
    const found = ruled.find(({ player }) => player.seats.includes(seat));
    if (found === undefined) return { hash, verdict: verdict ?? "refused", score: 0n, group: [] };
    const { seats } = found.player;
    return { hash, verdict: found.verdict, score: floorDiv(found.score, BigInt(seats.length)), group: seats };
  });
  return {
    updates: scored,
    scores: scored.map(({ score }) => score),
    next: outcome.next,
    aggregateRoot: modelRoot(outcome.next),
    lossBefore,
    lossAfter: outcome.loss,
  };
}

/** First who is of use alone, at its share of the step; then what each of these adds to the others. */
async function measure(rule: ScoringRule, players: readonly Player[], measureMove: MeasureMove): Promise<Measured[]> {
  const gains = await gainsAlone(shortenPlayers(players), measureMove);
  const best = gains.reduce((most, gain) => (gain > most ? gain : most), 0n);
  const results: Measured[] = [];
  const leading: Player[] = [];
  players.forEach((player, i) => {
    const gain = gains[i] ?? 0n;
    if (gain > 0n && gain * 1_000_000n >= best * BigInt(rule.leastSharePpm)) leading.push(player);
    else results.push({ player, verdict: "useless", score: gain < 0n ? gain : 0n });
  });
  if (leading.length === 0) return results;
  // Shortened anew: those that are of no use do not weigh on the median either.
  const useful = shortenPlayers(leading);
  const loss = async (present: ReadonlySet<Player>) =>
    (await measureMove({ rule: rule.aggregation, players: useful, present, step: "averaging" })).loss;
  const scores =
    rule.measure.kind === "shapley" ? await shapley(useful, loss, rule.measure) : await leaveOneOut(useful, loss);
  useful.forEach((player, i) => {
    const score = scores[i] ?? 0n;
    results.push({ player, verdict: score > 0n ? "counted" : "no-gain", score });
  });
  return results;
}

/** By how much each alone lowers the loss below that of a round in which nobody moves. */
async function gainsAlone(players: readonly Player[], measureMove: MeasureMove): Promise<bigint[]> {
  if (players.length === 0) return [];
  // A median of one that moved and many that did not is zero: alone, everybody is measured by the mean.
  const loss = async (present: readonly Player[]) =>
    (await measureMove({ rule: { kind: "mean" }, players, present: new Set(present), step: "averaging" })).loss;
  const nobody = await loss([]);
  const gains: bigint[] = [];
  for (const player of players) gains.push(nobody - (await loss([player])));
  return gains;
}

interface Outcome {
  readonly moved: boolean;
  readonly next: GlobalState;
  readonly loss: bigint;
}

/**
 * Moves the model by those that count: by the outer step, or by the plain one where that gives a lower loss, which happens
 * when the momentum overshoots. If neither lowers the loss, the weights stay, and the momentum is cleared.
 */
async function moveModel(
  { state, rule }: ScoreByMovesParameters,
  players: readonly Player[],
  lossBefore: bigint,
  measureMove: MeasureMove,
): Promise<Outcome> {
  let best: Outcome = { moved: false, next: standStill(state), loss: lossBefore };
  if (players.length === 0) return best;
  const present = new Set(players);
  for (const step of ["outer", "averaging"] as const) {
    const { loss, next } = await measureMove({ rule: rule.aggregation, players, present, step });
    // A step that leaves the finite numbers has the worst loss, and is not taken again.
    if (loss < best.loss && loss < WORST_LOSS) best = { moved: true, next: next(), loss };
  }
  return best;
}

/** In a round that changes nothing nobody is paid. */
function voided({ player, verdict, score }: Measured): Measured {
  return verdict === "counted" ? { player, verdict: "void", score: 0n } : { player, verdict, score };
}
