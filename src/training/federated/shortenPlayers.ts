import type { Player } from "./formPlayers.ts";
import { dot } from "./isNearCopy.ts";

/**
 * Lets no player move the model further than the middle one: vectors longer than the median (the upper one of an even
 * number) are shortened to its length. Bounding norms is an old defence against scaled updates (arXiv 1911.07963).
 */
export function shortenPlayers(players: readonly Player[]): Player[] {
  const squares = players.map(({ values }) => dot(values, values));
  const median = [...squares].sort((a, b) => a - b)[Math.floor(squares.length / 2)] ?? 0;
  return players.map((player, i) => {
    const square = squares[i] ?? 0;
    if (square <= median) return player;
    const factor = Math.fround(Math.sqrt(Math.fround(median / square)));
    return { ...player, factor, values: player.values.map((value) => value * factor) };
  });
}
