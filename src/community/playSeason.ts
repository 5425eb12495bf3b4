import { blockNumberCall } from "../chain/calls.ts";
import type { ConnectedExchange } from "../chain/exchange.ts";
import type { Sender } from "../chain/sender.ts";
import type { RankedEntry } from "../game/leaderboard.ts";
import { openSeasons, type OpenSeasons } from "../game/openSeasons.ts";
import { readLeaderboard } from "../game/readLeaderboard.ts";
import { seasonBounds } from "../game/seasonClock.ts";
import { slotEnd } from "../units.ts";
import type { LocalClock } from "./localClock.ts";

export interface PlaySeasonInput {
  readonly exchange: ConnectedExchange;
  readonly clock: LocalClock;
  /** The owner of all sites, who takes part for them. */
  readonly owner: Sender;
  readonly sites: readonly number[];
  readonly zones: number;
  readonly season: number;
}

/** What a season paid, in base units of the credit, and who stands where. */
export interface SeasonResult {
  readonly pool: bigint;
  readonly paid: bigint;
  readonly leaderboard: readonly RankedEntry[];
}

export interface PlayedSeason {
  /** Every site takes part in the season. */
  readonly enrol: () => Promise<void>;
  /** After the last slot: every site proves its readings and concludes; the pool is filled, shared out and paid. */
  readonly finish: () => Promise<SeasonResult>;
}

/** A season of a run, played by the owner of all its sites. */
export function playSeason({ exchange, clock, owner, sites, zones, season }: PlaySeasonInput): PlayedSeason {
  let opened: Promise<OpenSeasons> | undefined;
  const seasons = (): Promise<OpenSeasons> => (opened ??= openSeasons({ exchange, sender: owner }));

  async function fillPool(): Promise<void> {
    const requests = Array.from({ length: zones }, (_, index) => ({
      to: exchange.address,
      data: exchange.contract.encode("collectCharges", [index + 1]),
    }));
    await owner.send(requests);
  }

  return {
    async enrol() {
      await (await seasons()).enrol(season, sites);
    },
    async finish() {
      const link = await seasons();
      const { contract } = link;
      await link.prove(season, sites);
      await link.conclude(season, sites);
      clock.set(slotEnd(seasonBounds(link.clock, season).claimsLastSlot) + 1);
      await fillPool();
      const paid = await link.payOut(season, sites);
      const { pool } = await contract.read("seasonTotals", [season]);
      const { rpc, deployment } = exchange;
      const range = { fromBlock: deployment.deployBlock, toBlock: await rpc.call(blockNumberCall()) };
      return { pool, paid, leaderboard: await readLeaderboard({ rpc, contract, season, ...range }) };
    },
  };
}
