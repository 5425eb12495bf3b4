import type { ConnectedExchange } from "../chain/exchange.ts";
import { createWatcher } from "../game/watch.ts";
import { createWatcherChain } from "../game/watcherChain.ts";
import type { MarketDomain } from "../market/messages.ts";
import { singleSender } from "../market/service/exchangeLink.ts";
import type { ReadingInput } from "../meters/gateway/types.ts";
import { SLOTS_PER_DAY } from "../units.ts";
import { chooseCheat, embellished } from "./cheat.ts";
import { clockedSender, type LocalClock } from "./localClock.ts";
import type { LocalSenders } from "./localSenders.ts";
import type { Member } from "./members.ts";
import { playSeason, type SeasonResult } from "./playSeason.ts";
import { connectReputation, syncSites } from "./standing.ts";

/** The first season is the run. */
const SEASON = 1;

export interface PlayGameInput {
  readonly exchange: ConnectedExchange;
  readonly domain: MarketDomain;
  readonly senders: LocalSenders;
  readonly clock: LocalClock;
  readonly members: readonly Member[];
  /** Numbers of the sites that take part. */
  readonly sites: readonly number[];
  readonly zones: number;
  /** First slot that is reported, and of the season. */
  readonly firstSlot: number;
}

export interface Game {
  /** To be called after each slot, with its readings as the gateway got them. */
  readonly afterSlot: (slot: number, readings: readonly ReadingInput[]) => Promise<void>;
  /** To be called after the last slot. */
  readonly finish: () => Promise<SeasonResult>;
}

/**
 * What goes on beside the market: a watcher compares the readings that reached the gateway with those shown elsewhere, and
 * every day ends with a sync of all sites' reputation, and the reported days are a season.
 */
export function playGame(input: PlayGameInput): Game {
  const { exchange, domain, senders, clock, members, sites, zones, firstSlot } = input;
  const anybody = clockedSender(exchange.rpc, senders.of("watcher"), clock);
  const watcher = createWatcher({ domain, chain: createWatcherChain(exchange, singleSender(anybody)) });
  const reputation = connectReputation(exchange);
  const cheat = chooseCheat(members, firstSlot);
  const owner = clockedSender(exchange.rpc, senders.of("owner"), clock);
  const season = playSeason({ exchange, clock, owner, sites, zones, season: SEASON });

  return {
    async afterSlot(slot, readings) {
      watcher.see(readings);
      const other = cheat === undefined ? undefined : embellished(domain, cheat, readings, members);
      if (other !== undefined) watcher.see([other]);
      await watcher.step(clock.now());
      if (slot + 1 === firstSlot) await season.enrol();
      if ((slot + 1) % SLOTS_PER_DAY === 0) await syncSites(reputation, anybody, sites);
    },
    finish: () => season.finish(),
  };
}
