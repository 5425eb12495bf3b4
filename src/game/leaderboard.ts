/** A site in a season, for ranking. */
export interface LeaderboardEntry {
  readonly site: number;
  readonly owner: string;
  readonly points: bigint;
  readonly shedWh: number;
  readonly tier: number;
  /** Whether the season is concluded for the site; else its points are those proved so far. */
  readonly concluded: boolean;
}

export interface RankedEntry extends LeaderboardEntry {
  /** 1 is best; equal points share a rank. */
  readonly rank: number;
}

/** Ranks sites by points, then energy shed, then the lower number. */
export function rankSites(entries: readonly LeaderboardEntry[]): RankedEntry[] {
  const sorted = [...entries].sort((a, b) => compare(b.points, a.points) || b.shedWh - a.shedWh || a.site - b.site);
  let rank = 0;
  let before: bigint | undefined;
  return sorted.map((entry, index) => {
    if (entry.points !== before) rank = index + 1;
    before = entry.points;
    return { ...entry, rank };
  });
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
