import { SEASONS_ABI } from "../chain/seasonsAbi.ts";
import { fetchEvents } from "../chain/logs.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { PPM } from "../units.ts";
import { rankSites, type RankedEntry } from "./leaderboard.ts";
import type { SeasonsContract } from "./seasonsLink.ts";

export interface LeaderboardParameters {
  readonly rpc: RpcClient;
  readonly contract: SeasonsContract;
  readonly season: number;
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Where a site stands, in the order of the contract's `SiteStage`. */
const CONCLUDED = 2;

/** The sites of a season, ranked: by their points once concluded, until then by those that were proved. */
export async function readLeaderboard({
  rpc,
  contract,
  season,
  fromBlock,
  toBlock,
}: LeaderboardParameters): Promise<RankedEntry[]> {
  const enrolled = await fetchEvents({
    rpc,
    abi: SEASONS_ABI,
    address: contract.address,
    names: ["SiteEnrolled"],
    fromBlock,
    toBlock,
  });
  const sites = enrolled.filter(({ args }) => args.season === season).map(({ args }) => args.site);
  const tallies = await rpc.all(sites.map((site) => contract.request("siteTally", [season, site], toBlock)));
  return rankSites(
    sites.flatMap((site, index) => {
      const tally = tallies[index];
      if (tally === undefined) return [];
      const concluded = tally.stage >= CONCLUDED;
      const proved = tally.pointsPpm <= 0n ? 0n : tally.pointsPpm / BigInt(PPM);
      return [
        {
          site,
          owner: tally.owner,
          points: concluded ? tally.points : proved,
          shedWh: tally.shedWh,
          tier: tally.tier,
          concluded,
        },
      ];
    }),
  );
}
