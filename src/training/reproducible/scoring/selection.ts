import type { Move } from "../../federated/measureMoves.ts";
import type { AggregationRule, OuterOptimizer } from "../../federated/types.ts";
import { aggregatedRanks } from "../../federated/aggregate.ts";

/**
 * What a move is made of, as 32-bit words, the lowest byte first: numbers of single precision, or integers that are 0 or 1. The
 * updates have places, by the order of their hashes; a player has that of the lowest hash among its members.
 */
export interface SelectionLayout {
  /** A row a player, a column an update: 1 where the update is a member. */
  readonly members: number;
  /** 1 where there is a player who has weight. */
  readonly players: number;
  /** 1 for each rank of sorted values that is part of the aggregate. */
  readonly ranks: number;
  /** Number of a player's members; 1 where there is no player. */
  readonly sizes: number;
  /** What its mean is multiplied by; 0 where it did not move. */
  readonly factors: number;
  /** What the sum over players is divided by. */
  readonly divisor: number;
  /** Of the outer step; 1 and 0 for the plain one. */
  readonly rate: number;
  readonly mu: number;
  /** 1 where the momentum is kept. */
  readonly keep: number;
  readonly words: number;
}

/** The first word of each part. */
export function selectionLayout(updates: number): SelectionLayout {
  const players = updates * updates;
  const divisor = players + 4 * updates;
  return {
    members: 0,
    players,
    ranks: players + updates,
    sizes: players + 2 * updates,
    factors: players + 3 * updates,
    ...{ divisor, rate: divisor + 1, mu: divisor + 2, keep: divisor + 3, words: divisor + 4 },
  };
}

/** @param hashes Of the round's readable updates, in rising order. */
export function encodeSelection(
  { rule, players, present, step }: Move,
  hashes: readonly string[],
  outer: OuterOptimizer,
): Uint8Array {
  const layout = selectionLayout(hashes.length);
  const view = new DataView(new ArrayBuffer(4 * layout.words));
  const flag = (word: number): void => {
    view.setUint32(4 * word, 1, true);
  };
  const number = (word: number, value: number): void => {
    view.setFloat32(4 * word, value, true);
  };
  const placeOf = (hash: string): number => {
    const place = hashes.indexOf(hash);
    if (place < 0) throw new RangeError(`no update of the round has the hash ${hash}`);
    return place;
  };
  hashes.forEach((_, place) => {
    number(layout.sizes + place, 1);
  });
  for (const player of players) {
    const place = placeOf(player.hash);
    flag(layout.players + place);
    for (const member of player.members) flag(layout.members + place * hashes.length + placeOf(member));
    number(layout.sizes + place, player.members.length);
    number(layout.factors + place, present.has(player) ? player.factor : 0);
  }
  const [first, end] = ranksOf(rule, players.length);
  for (let rank = first; rank < end; ++rank) flag(layout.ranks + rank);
  number(layout.divisor, Math.max(1, end - first));
  number(layout.rate, step === "outer" ? outer.learningRate : 1);
  number(layout.mu, step === "outer" ? outer.momentum : 0);
  if (step === "outer") flag(layout.keep);
  return new Uint8Array(view.buffer);
}

function ranksOf(rule: AggregationRule, count: number): readonly [number, number] {
  return count === 0 ? [0, 0] : aggregatedRanks(rule, count);
}
