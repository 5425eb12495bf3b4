/** The loss with a set of players present. */
export type LossOf<Player> = (present: ReadonlySet<Player>) => Promise<bigint>;

/** What each player's absence would add to the loss. */
export async function leaveOneOut<Player>(players: readonly Player[], loss: LossOf<Player>): Promise<bigint[]> {
  const all = await loss(new Set(players));
  const scores: bigint[] = [];
  for (const player of players) scores.push((await loss(new Set(players.filter((p) => p !== player)))) - all);
  return scores;
}
