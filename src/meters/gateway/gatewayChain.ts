import type { ConnectedExchange } from "../../chain/exchange.ts";
import { decodeMeterWord } from "../../market/meterWord.ts";
import { itemErrorOf } from "../../market/itemErrors.ts";
import { encodeReadings } from "../../market/readings.ts";
import { createExchangeLink } from "../../market/service/exchangeLink.ts";
import type { TransactionSender } from "../../market/service/exchangeLink.ts";
import type { BatchOutcome, ChainReading, GatewayChain } from "./types.ts";

/** The gateway's view of a deployed exchange. */
export function createGatewayChain(exchange: ConnectedExchange, sender: TransactionSender): GatewayChain {
  const link = createExchangeLink(exchange, sender);
  const { contract, deployment, rpc } = exchange;
  return {
    ...link,
    async meters(addresses) {
      const words = await rpc.all(addresses.map((meter) => contract.request("meterWord", [meter])));
      return words.map((packed) => {
        const { zone, lastSlot } = decodeMeterWord(packed);
        return { zone, lastSlot };
      });
    },
    async settle(zone, slot, readings) {
      const { block, events } = await link.send(contract.encode("settle", [zone, slot, encodeReadings(readings)]));
      const outcomes = new Map<string, BatchOutcome>();
      for (const event of events) {
        if (event.name === "ReadingSettled") {
          const { importWh, exportWh } = decodeMeterWord(event.args.word);
          outcomes.set(event.args.meter, { settled: true, importWh, exportWh });
        } else if (event.name === "ReadingSkipped") {
          const code = itemErrorOf(event.args.reason) ?? event.args.reason;
          outcomes.set(event.args.meter, { settled: false, code });
        }
      }
      return { block, outcomes };
    },
    async settledReadings(slot, meters, fromBlock) {
      const wanted = new Set(meters);
      const found = new Map<string, ChainReading>();
      const events = await exchange.events({
        fromBlock: Math.max(fromBlock, deployment.deployBlock),
        names: ["ReadingSettled"],
      });
      for (const { args, blockNumber, blockHash } of events) {
        if (!wanted.has(args.meter)) continue;
        const { lastSlot, importWh, exportWh } = decodeMeterWord(args.word);
        if (lastSlot !== slot) continue;
        found.set(args.meter, { importWh, exportWh, block: { number: blockNumber, hash: blockHash } });
      }
      return found;
    },
  };
}
