import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ConnectedExchange } from "../chain/exchange.ts";
import { localKey } from "../chain/localChain.ts";
import { JouleworkError } from "../errors.ts";
import type { MarketDomain } from "../market/messages.ts";
import { createCloserChain } from "../market/service/closerChain.ts";
import { createCloser, type Closer } from "../market/service/createCloser.ts";
import { singleSender } from "../market/service/exchangeLink.ts";
import { createMatcherChain } from "../market/service/matcherChain.ts";
import { openMatcher, type Matcher } from "../market/service/openMatcher.ts";
import { signingKey } from "../market/signer.ts";
import { createGatewayChain } from "../meters/gateway/gatewayChain.ts";
import { openGateway, type Gateway } from "../meters/gateway/openGateway.ts";
import { clockedSender, type LocalClock } from "./localClock.ts";
import type { LocalSenders } from "./localSenders.ts";

const GATEWAY_JOURNAL = "gateway.sqlite";
const MATCHER_JOURNAL = "matcher.sqlite";

export interface OpenServicesInput {
  readonly exchange: ConnectedExchange;
  readonly domain: MarketDomain;
  readonly senders: LocalSenders;
  /** How many zones there are, numbered from 1. */
  readonly zones: number;
  /** Where the journals go; it must hold none yet. */
  readonly folder: string;
  readonly clock: LocalClock;
}

/** What stands between a community and its exchange, in one process. */
export interface CommunityServices {
  readonly gateway: Gateway;
  readonly matcher: Matcher;
  readonly closer: Closer;
  readonly close: () => void;
}

/** Opens gateway, matcher and closer of a local chain on new journals. Their transactions have the clock's time. */
export function openServices(input: OpenServicesInput): CommunityServices {
  const { exchange, domain, senders, zones, folder, clock } = input;
  requireNoJournals(folder);
  mkdirSync(folder, { recursive: true });
  const numbers = Array.from({ length: zones }, (_, index) => index + 1);
  const worker = singleSender(clockedSender(exchange.rpc, senders.of("gateway"), clock));
  const gateway = openGateway({
    journalPath: join(folder, GATEWAY_JOURNAL),
    chain: createGatewayChain(exchange, worker),
    domain,
    // A simulated day has its own present.
    wallClock: clock.now,
  });
  try {
    const matcher = openMatcher({
      journalPath: join(folder, MATCHER_JOURNAL),
      chain: createMatcherChain(exchange, singleSender(clockedSender(exchange.rpc, senders.of("matcher"), clock))),
      domain,
      matcherKey: signingKey(localKey("matcher")),
      zones: numbers,
    });
    const closer = createCloser({ chain: createCloserChain(exchange, worker), zones: numbers });
    return {
      gateway,
      matcher,
      closer,
      close: () => {
        gateway.close();
        matcher.close();
      },
    };
  } catch (error) {
    gateway.close();
    throw error;
  }
}

/** Refuses a folder with journals of an earlier run: they speak of another chain, although slots and meters look the same. */
export function requireNoJournals(folder: string): void {
  const path = [GATEWAY_JOURNAL, MATCHER_JOURNAL].map((name) => join(folder, name)).find((file) => existsSync(file));
  if (path === undefined) return;
  throw new JouleworkError({
    code: "JOURNAL_OF_ANOTHER_RUN",
    what: "The folder holds a journal of an earlier run, whose chain is gone",
    values: { path },
    hint: "Give an empty folder, or move the journals away.",
  });
}
