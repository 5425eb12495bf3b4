import type { Player } from "./formPlayers.ts";

/** A player with the square of its vector as it is before it is shortened. */
export interface MeasuredPlayer extends Player {
  readonly square: number;
}

/**
 * Lets no player move the model further than the middle one: vectors longer than the median (the upper one of an even
 * number) are shortened to its length. Bounding norms is an old defence against scaled updates (arXiv 1911.07963).
 */
export function shortenPlayers(players: readonly MeasuredPlayer[]): MeasuredPlayer[] {
  const squares = players.map(({ square }) => square).sort((a, b) => a - b);
  const median = squares[Math.floor(squares.length / 2)] ?? 0;
  return players.map((player) => {
    if (player.square <= median) return player;
    return { ...player, factor: Math.fround(Math.sqrt(Math.fround(median / player.square))) };
  });
}
