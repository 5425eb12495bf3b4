import type { MeterSlot } from "../../../api/meter.ts";
import type { Store } from "../../../store/store.ts";
import { sourceOf } from "./answers.ts";
import { eventsOf, positionOf, type EventSelection, type IndexedEvent } from "./events.ts";
import { asideOf, fillsBySlot, settle, slotOfSettled, wordBefore, type SettledEvent } from "./settled.ts";
import { fillOf, meterWordOf } from "./words.ts";

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
  const prices = await pricesOf(store, fills, new Set(events.map(slotOfSettled)));
  let place = events.length;
  let before = first;
  const slots: MeterSlot[] = [];
  // Registers grow from the oldest one on.
  for (const event of [...events].reverse()) {
    place -= 1;
    const slot = slotOfSettled(event);
    const fill = bySlot.get(slot);
    const aside = asideOf(asides, { event, meter, after: lastLog(events, place) });
    const traded = fill === undefined || fill.filledWh === 0 ? undefined : fill;
    slots.push(meterSlot(event, { before, fill: traded, clearingPrice: prices.get(slot) ?? null, ...aside }));
    if (event.name === "ReadingSettled") before = meterWordOf(event.args.word);
  }
  return slots.reverse();
}

/** Clearing prices of the slots that a meter traded in, by slot. */
async function pricesOf(
  store: Store,
  fills: readonly IndexedEvent<"EnergyExchange", "OrderCleared">[],
  wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, number>> {
  const traded = fills.flatMap(({ args, blockNumber }) => {
    const { zone, slot, filledWh } = fillOf(args.fill);
    return filledWh > 0 && wanted.has(slot) ? [{ zone, slot, blockNumber }] : [];
  });
  const [newest, oldest] = [traded[0], traded.at(-1)];
  if (newest === undefined || oldest === undefined) return new Map();
  const read = (selection: EventSelection) =>
    eventsOf(store, "EnergyExchange", ["SlotCleared"], selection, { limit: MOST_ASIDE });
  // A clearing is in the block of its fills; who trades often has those of all slots in between.
  const key = { kind: "zone", value: String(newest.zone) } as const;
  const cleared = await read({ key, fromBlock: oldest.blockNumber, toBlock: newest.blockNumber });
  const prices = new Map(cleared.map(({ args }) => [args.slot, args.clearingPrice]));
  for (const { zone, slot } of traded) {
    if (prices.has(slot)) continue;
    const [alone] = await read({ key: { kind: "slot", value: `${zone}/${slot}` } });
    if (alone !== undefined) prices.set(slot, alone.args.clearingPrice);
  }
  return prices;
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
