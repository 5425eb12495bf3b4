import type { ConnectedExchange } from "../chain/exchange.ts";
import { encodeReadings } from "../market/readings.ts";
import { createExchangeLink, type TransactionSender } from "../market/service/exchangeLink.ts";
import type { WatcherChain } from "./watch.ts";

/** The watcher's view of a deployed exchange; the sender's account gets the reporter's part of each cut. */
export function createWatcherChain(exchange: ConnectedExchange, sender: TransactionSender): WatcherChain {
  const link = createExchangeLink(exchange, sender);
  return {
    async reportEquivocation({ zone, slot, readings: [a, b] }) {
      const proof = [a, b].map((reading) => encodeReadings([reading])) as [string, string];
      await link.send(exchange.contract.encode("reportEquivocation", [zone, slot, ...proof]));
    },
  };
}
