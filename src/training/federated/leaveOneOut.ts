/** Asks for losses with sets of players present. */
export type AskingLosses<Player, Result> = Generator<ReadonlySet<Player>, Result, bigint>;

/** What each player's absence would add to the loss. */
export function* leaveOneOut<Player>(players: readonly Player[]): AskingLosses<Player, bigint[]> {
  const all = yield new Set(players);
  const scores: bigint[] = [];
  for (const player of players) scores.push((yield new Set(players.filter((one) => one !== player))) - all);
  return scores;
}
