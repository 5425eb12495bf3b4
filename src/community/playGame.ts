import type { ConnectedExchange } from "../chain/exchange.ts";
import { createWatcher } from "../game/watch.ts";
import { createWatcherChain } from "../game/watcherChain.ts";
import type { MarketDomain } from "../market/messages.ts";
import { singleSender } from "../market/service/exchangeLink.ts";
import type { ReadingInput } from "../meters/gateway/types.ts";
import { chooseCheat, embellished } from "./cheat.ts";
import { clockedSender, type LocalClock } from "./localClock.ts";
import type { LocalSenders } from "./localSenders.ts";
import type { Member } from "./members.ts";

export interface PlayGameInput {
  readonly exchange: ConnectedExchange;
  readonly domain: MarketDomain;
  readonly senders: LocalSenders;
  readonly clock: LocalClock;
  readonly members: readonly Member[];
  /** First slot that is reported. */
  readonly firstSlot: number;
}

export interface Game {
  /** To be called after each slot, with its readings as the gateway got them. */
  readonly afterSlot: (readings: readonly ReadingInput[]) => Promise<void>;
}

/**
 * What goes on beside the market: a watcher compares the readings that reached the gateway with those shown elsewhere.
 */
export function playGame(input: PlayGameInput): Game {
  const { exchange, domain, senders, clock, members, firstSlot } = input;
  const reporter = singleSender(clockedSender(exchange.rpc, senders.of("watcher"), clock));
  const watcher = createWatcher({ domain, chain: createWatcherChain(exchange, reporter) });
  const cheat = chooseCheat(members, firstSlot);

  return {
    async afterSlot(readings) {
      watcher.see(readings);
      const other = cheat === undefined ? undefined : embellished(domain, cheat, readings, members);
      if (other !== undefined) watcher.see([other]);
      await watcher.step(clock.now());
    },
  };
}
