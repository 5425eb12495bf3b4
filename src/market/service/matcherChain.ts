import type { ConnectedExchange } from "../../chain/exchange.ts";
import { decodeMeterWord } from "../meterWord.ts";
import { sideOf } from "../side.ts";
import { createExchangeLink } from "./exchangeLink.ts";
import type { TransactionSender } from "./exchangeLink.ts";
import { readSlotState } from "./slotChain.ts";
import type { MatcherChain } from "./types.ts";

/** The matcher's view of a deployed exchange. */
export function createMatcherChain(exchange: ConnectedExchange, sender: TransactionSender): MatcherChain {
  const link = createExchangeLink(exchange, sender);
  const { contract, rpc } = exchange;
  return {
    ...link,
    async meters(addresses) {
      const words = await rpc.all(addresses.map((meter) => contract.request("meterWord", [meter])));
      return words.map(decodeMeterWord);
    },
    async delegates(addresses) {
      const configs = await rpc.all(addresses.map((meter) => contract.request("meterConfig", [meter])));
      return configs.map(({ delegate }) => delegate);
    },
    tariff: (zone, slot) => exchange.tariff(zone, slot),
    matcherAt: (zone, slot) => contract.read("matcherAt", [zone, slot]),
    matcherBond: (matcher) => exchange.matcherBond(matcher),
    slot: (zone, slot) => readSlotState(exchange, zone, slot),
    async placedOrders(zone, slot) {
      const placed = await exchange.placedOrders(zone, slot);
      return placed.map(({ meter, side, energyWh, limitPrice }) => ({
        meter,
        // The entry of a meter that only cancelled has no side; without energy it is no order.
        side: energyWh === 0 ? ("bid" as const) : sideOf(side),
        energyWh,
        limitPrice,
      }));
    },
    async commitBook(zone, slot, bookHash, orders) {
      await link.send(contract.encode("commitBook", [zone, slot, bookHash, BigInt(orders)]));
    },
    async clear(zone, slot, bidEntries, offerEntries) {
      await link.send(contract.encode("clear", [zone, slot, bidEntries, offerEntries]));
    },
  };
}
