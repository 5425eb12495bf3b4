import type { ConnectedExchange } from "../../chain/exchange.ts";
import { clockedSender, type LocalClock } from "../../community/localClock.ts";
import type { LocalSenders } from "../../community/localSenders.ts";
import { playSeason } from "../../community/playSeason.ts";
import { connectReputation, syncSites } from "../../community/standing.ts";
import { connectSeasons } from "../../game/seasonsLink.ts";
import { SLOTS_PER_DAY } from "../../units.ts";
import type { DaySync } from "../simulate.ts";

/** The window is the first season. */
const SEASON = 1;

/** Work of a site that is to be noted before its sync, ppm. */
export interface NotedWork {
  readonly site: number;
  readonly contributionPpm: number;
}

/** A site's reputation as the chain has it, components and score in ppm. */
export interface Standing {
  readonly reliabilityPpm: number;
  readonly efficiencyPpm: number;
  readonly contributionPpm: number;
  readonly scorePpm: number;
  readonly tier: number;
}

/** What a site's season came to on chain; reward and rebate in base units of the credit. */
export interface SeasonStanding {
  readonly points: bigint;
  readonly reward: bigint;
  readonly rebate: bigint;
}

export interface PlayedGame {
  /** Of the agents in their order, by the day (slot / 96) that ended before the sync. */
  readonly standings: ReadonlyMap<number, readonly Standing[]>;
  readonly season: readonly SeasonStanding[];
  /** What the season had to share, base units of the credit. */
  readonly pool: bigint;
}

export interface TwinGameInput {
  readonly exchange: ConnectedExchange;
  readonly clock: LocalClock;
  readonly senders: LocalSenders;
  /** Numbers of the agents' sites, in the order of the agents. */
  readonly sites: readonly number[];
  readonly zones: number;
  readonly firstSlot: number;
  /** What the simulator noted at the end of each day. */
  readonly syncs: readonly DaySync[];
  readonly noteWork: (works: readonly NotedWork[], unixSeconds: number) => Promise<void>;
}

export interface TwinGame {
  readonly afterSlot: (slot: number) => Promise<void>;
  readonly finish: () => Promise<PlayedGame>;
}

/** Reputation and the season of a window on a chain: every site takes part, is synced when a day has ended, and proves all its readings. */
export function playTwinGame(input: TwinGameInput): TwinGame {
  const { exchange, clock, senders, sites, zones, firstSlot, syncs, noteWork } = input;
  const anybody = clockedSender(exchange.rpc, senders.of("watcher"), clock);
  const owner = clockedSender(exchange.rpc, senders.of("owner"), clock);
  const reputation = connectReputation(exchange);
  const season = playSeason({ exchange, clock, owner, sites, zones, season: SEASON });
  const standings = new Map<number, readonly Standing[]>();
  return {
    async afterSlot(slot) {
      if (slot + 1 === firstSlot) await season.enrol();
      if (slot < firstSlot || (slot + 1) % SLOTS_PER_DAY !== 0) return;
      const day = Math.floor(slot / SLOTS_PER_DAY);
      await noteWork(workOf(syncs, day, sites), clock.now());
      await syncSites(reputation, anybody, sites);
      standings.set(day, await exchange.rpc.all(sites.map((site) => reputation.request("reputationOf", [site]))));
    },
    async finish() {
      const { pool } = await season.finish();
      const { contract } = await connectSeasons(exchange.rpc, exchange.deployment);
      const tallies = await exchange.rpc.all(sites.map((site) => contract.request("siteTally", [SEASON, site])));
      const shares = await exchange.rpc.all(sites.map((site) => contract.request("rewardOf", [SEASON, site])));
      return {
        ...{ standings, pool },
        season: tallies.map(({ points }, place) => {
          const { reward = 0n, rebate = 0n } = shares[place] ?? {};
          return { points, reward, rebate };
        }),
      };
    },
  };
}

/** Training of a day, each piece of it by itself as a job's settlement notes it. */
function workOf(syncs: readonly DaySync[], day: number, sites: readonly number[]): NotedWork[] {
  return syncs.flatMap(({ day: synced, agent, work: { contributions, contributionSum } }) => {
    const site = sites[agent];
    if (synced !== day || site === undefined || contributions === 0) return [];
    const contributionPpm = Number(contributionSum) / contributions;
    return Array.from({ length: contributions }, () => ({ site, contributionPpm }));
  });
}
