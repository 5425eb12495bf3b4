import type { MeterSlot } from "../../../api/meter.ts";
import type { Store } from "../../../store/store.ts";
import { sourceOf } from "./answers.ts";
import { eventsOf, positionOf } from "./events.ts";
import { asideOf, fillsBySlot, settle, slotOfSettled, tradeOf, wordBefore, type SettledEvent } from "./settled.ts";
import { meterWordOf } from "./words.ts";

/** Rows that a list of settled slots may take from the index beside itself. */
const MOST_ASIDE = 1_000;

/** A meter's settled events, newest first and without a gap between them, as its page shows them. */
export async function meterSlots(store: Store, meter: string, events: readonly SettledEvent[]): Promise<MeterSlot[]> {
  const [newest, oldest] = [events[0], events.at(-1)];
  if (newest === undefined || oldest === undefined) return [];
  const key = { kind: "party", value: meter } as const;
  const [fills, asides, first] = await Promise.all([
    eventsOf(
      store,
      "EnergyExchange",
      ["OrderCleared"],
      { key },
      {
        // Every settled slot has one at most; those of the next two slots are cleared already.
        limit: Math.min(MOST_ASIDE, 2 * events.length + 8),
        after: positionOf(newest),
      },
    ),
    eventsOf(
      store,
      "EnergyExchange",
      ["ClaimGranted", "DebtIncurred", "DebtRepaid"],
      {
        key,
        fromBlock: oldest.blockNumber,
        toBlock: newest.blockNumber,
      },
      { limit: MOST_ASIDE },
    ),
    wordBefore(store, meter, oldest),
  ]);
  const bySlot = fillsBySlot(fills);
  return Promise.all(
    events.map(async (event, place) => {
      const previous = events.slice(place + 1).find(({ name }) => name === "ReadingSettled");
      const before = previous === undefined ? first : meterWordOf(previous.args.word);
      // A meter that was retired since has no zone in its word any more; one that was just registered has it already.
      const zone = meterWordOf(event.args.word).zone || before.zone;
      const trade = await tradeOf(store, { zone, slot: slotOfSettled(event), meter }, bySlot);
      return meterSlot(event, {
        ...trade,
        before,
        ...asideOf(asides, { event, meter, after: lastLog(events, place) }),
      });
    }),
  );
}

/** Log of the settled event before, where it is of the same transaction. */
function lastLog(events: readonly SettledEvent[], place: number): number {
  const [event, previous] = [events[place], events[place + 1]];
  return previous?.transactionHash === event?.transactionHash ? (previous?.logIndex ?? -1) : -1;
}

function meterSlot(event: SettledEvent, facts: Parameters<typeof settle>[1]): MeterSlot {
  const settled = settle(event, facts);
  const { slot, kind, importWh, exportWh, positionWh, clearingPrice, imbalanceWh, word } = settled;
  const { imbalanceTicks, tradeTicks, feeTicks, networkTicks, levyTicks } = settled;
  return {
    slot,
    kind,
    importWh,
    exportWh,
    importRegisterWh: word.importWh,
    exportRegisterWh: word.exportWh,
    positionWh,
    clearingPrice,
    imbalanceWh,
    moneyTicks: String(imbalanceTicks + tradeTicks + feeTicks + networkTicks + levyTicks),
    balanceTicks: String(word.balanceTicks),
    source: sourceOf(event),
  };
}
