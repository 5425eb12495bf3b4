import type { ConnectedExchange } from "../../chain/exchange.ts";
import { decodeMeterWord, laneOf } from "../meterWord.ts";
import { decodeFill } from "../packed.ts";
import { createExchangeLink } from "./exchangeLink.ts";
import type { TransactionSender } from "./exchangeLink.ts";
import { readSlotState } from "./slotChain.ts";
import type { CloserChain } from "./types.ts";

/** How far back a slot's clearing is looked for first: more than the five slots that lie between, on any usual chain. */
const LOOKBACK_BLOCKS = 20_000;

/** The closer's view of a deployed exchange. */
export function createCloserChain(exchange: ConnectedExchange, sender: TransactionSender): CloserChain {
  const link = createExchangeLink(exchange, sender);
  const { contract, deployment, rpc } = exchange;

  async function traders(zone: number, slot: number, fromBlock: number): Promise<string[]> {
    const events = await exchange.events({ names: ["OrderCleared"], fromBlock });
    return events.flatMap(({ args }) => {
      const fill = decodeFill(args.fill);
      return fill.zone === zone && fill.slot === slot && fill.filledWh > 0 ? [args.meter] : [];
    });
  }

  async function stillOpen(meters: readonly string[], zone: number, slot: number): Promise<string[]> {
    const words = await rpc.all(meters.map((meter) => contract.request("meterWord", [meter])));
    return meters.filter((_, place) => {
      const packed = words[place];
      if (packed === undefined) return false;
      const word = decodeMeterWord(packed);
      // A lane belongs to the slot only if the slot is one of the two after the last read one.
      const own = word.lastSlot < slot && slot <= word.lastSlot + 2;
      return own && word.zone === zone && laneOf(word, slot) !== null;
    });
  }

  return {
    ...link,
    async zone(zone) {
      const { closedThrough, newestSlot, activeMeters } = await exchange.zone(zone);
      return { closedThrough, newestSlot, activeMeters };
    },
    slot: (zone, slot) => readSlotState(exchange, zone, slot),
    async openPositions(zone, slot) {
      const { blockNumber } = await link.head();
      const near = Math.max(deployment.deployBlock, blockNumber - LOOKBACK_BLOCKS);
      const found = await traders(zone, slot, near);
      const meters = found.length > 0 ? found : await traders(zone, slot, deployment.deployBlock);
      return stillOpen(meters, zone, slot);
    },
    async closeSlot(zone, slot, meters) {
      const { events } = await link.send(contract.encode("close", [zone, slot, [...meters]]));
      return events.some(({ name }) => name === "SlotClosed");
    },
    async passOver(zone, through) {
      await link.send(contract.encode("passOver", [zone, through]));
    },
  };
}
