import type { SlotAnswer, SlotOrder } from "../../api/slot.ts";
import { sideOf } from "../../../src/market/side.ts";
import { MAX_SLOT, slotPhase } from "../../../src/market/timeline.ts";
import { slotStart } from "../../../src/units.ts";
import { notFound } from "../problems.ts";
import type { Query } from "./query.ts";
import { eventPage, sourceOf } from "./support/answers.ts";
import { errorName, wordsOf } from "./support/errorWords.ts";
import { slotCertificates } from "./support/certificates.ts";
import { allEventsOf, newestOf, type IndexedEvent } from "./support/events.ts";
import { recompute, type Recomputed } from "./support/recompute.ts";
import { slotReadings } from "./support/slotReadings.ts";
import { fillOf } from "./support/words.ts";

/** A book has at most 1,000 orders, and a zone has room for more meters than that. */
const MOST_EVENTS = 8_000;
const EVENTS = 25;

const NAMES = [
  "TariffFixed",
  "SlotOpened",
  "BookCommitted",
  "OrderPlaced",
  "OrderCancelled",
  "OrderCleared",
  "OrderSkipped",
  "SlotCleared",
  "ReadingSettled",
  "PositionClosed",
  "SlotClosed",
] as const;

export type SlotEvent = IndexedEvent<"EnergyExchange", (typeof NAMES)[number]>;
type Named<Name extends SlotEvent["name"]> = Extract<SlotEvent, { readonly name: Name }>;

/** A slot of a zone with everything that the exchange wrote of it, and its clearing done again. */
export const slot: Query<"slot"> = async (context, { zone, slot: number }) => {
  const { store } = context;
  const zoneKey = { kind: "zone", value: String(zone) } as const;
  const created = await newestOf(store, "EnergyExchange", ["ZoneCreated"], { key: zoneKey });
  if (created === undefined || number > MAX_SLOT) throw notFound("There is no such slot", { zone, slot: number });
  const key = { kind: "slot", value: `${zone}/${number}` } as const;
  const [told, events, head] = await Promise.all([
    allEventsOf(store, "EnergyExchange", NAMES, { key }, MOST_EVENTS),
    eventPage(store, { key }, EVENTS),
    store.head(),
  ]);
  const of = <Name extends SlotEvent["name"]>(name: Name): Named<Name>[] =>
    told.filter((event): event is Named<Name> => event.name === name);
  const [fixed, committed, cleared, closed] = [
    of("TariffFixed").at(-1),
    of("BookCommitted").at(-1),
    of("SlotCleared").at(-1),
    of("SlotClosed").at(-1),
  ];
  const recomputed =
    cleared === undefined ? undefined : await recompute(context, { zone, slot: number, told, cleared });
  const settled = told.filter((event) => event.name === "ReadingSettled" || event.name === "PositionClosed");
  return {
    zone,
    slot: number,
    start: slotStart(number),
    phase: closed === undefined ? slotPhase(number, head?.time ?? 0) : "closed",
    tariff: fixed === undefined ? null : tariffOf(fixed),
    clearing: cleared === undefined ? null : clearingOf(cleared),
    book:
      committed === undefined
        ? null
        : {
            matcher: committed.args.matcher,
            bookHash: committed.args.bookHash,
            orders: Number(committed.args.orders),
            source: sourceOf(committed),
          },
    orders: cleared === undefined ? placedOrders(told) : clearedOrders(told, recomputed),
    recomputed: recomputed?.verdict ?? null,
    readings: await slotReadings(store, { zone, slot: number, settled, told }),
    closing: closed === undefined ? null : closingOf(closed),
    certificates: await slotCertificates(store, zone, number),
    events,
  };
};

function tariffOf(event: Named<"TariffFixed">): SlotAnswer["tariff"] {
  const { importPrice, exportPrice, scarcityPpm, queuedWh } = event.args;
  return { importPrice, exportPrice, scarcityPpm, queuedWh, source: sourceOf(event) };
}

function clearingOf(event: Named<"SlotCleared">): SlotAnswer["clearing"] {
  const { clearingPrice, matchedWh, positions, feeTicks, workTicks } = event.args;
  return { clearingPrice, matchedWh, positions, feeTicks, workTicks, source: sourceOf(event) };
}

function closingOf(event: Named<"SlotClosed">): SlotAnswer["closing"] {
  const { flagged, importWh, exportWh, feederWh, readCount } = event.args;
  return { flagged, importWh, exportWh, feederWh, readCount, source: sourceOf(event) };
}

/** Before the clearing nothing but the orders on chain is public. */
function placedOrders(told: readonly SlotEvent[]): SlotOrder[] {
  const live = new Map<string, SlotOrder>();
  for (const event of told) {
    if (event.name === "OrderCancelled") live.delete(event.args.meter);
    if (event.name !== "OrderPlaced") continue;
    const { meter, side, energyWh, limitPrice } = event.args;
    live.set(meter, {
      ...{ meter, side: sideOf(side), energyWh, limitPrice, filledWh: 0, feeTicks: "0", placed: true },
      ...{ skipped: null, reason: null, source: sourceOf(event) },
    });
  }
  return walked([...live.values()]);
}

function clearedOrders(told: readonly SlotEvent[], recomputed: Recomputed | undefined): SlotOrder[] {
  const orders = told.flatMap((event): SlotOrder[] => {
    if (event.name === "OrderCleared") {
      const { side, energyWh, limitPrice, filledWh, feeTicks, placed } = fillOf(event.args.fill);
      const order = {
        meter: event.args.meter,
        side,
        energyWh,
        limitPrice,
        filledWh,
        feeTicks: String(feeTicks),
        placed,
      };
      return [{ ...order, skipped: null, reason: null, source: sourceOf(event) }];
    }
    if (event.name !== "OrderSkipped") return [];
    // What was skipped, the calldata says alone.
    const { meter } = event.args;
    const skipped = errorName(event.args.reason);
    return (recomputed?.book ?? [])
      .filter((order) => order.meter === meter)
      .map(({ side, energyWh, limitPrice, kind }) => ({
        ...{ meter, side, energyWh, limitPrice, filledWh: 0, feeTicks: "0", placed: kind === "placed" },
        ...{ skipped, reason: wordsOf(skipped), source: sourceOf(event) },
      }));
  });
  return walked(orders);
}

/** Bids by falling limit, then offers by rising limit; within a limit as the book has them. */
function walked(orders: readonly SlotOrder[]): SlotOrder[] {
  const of = (side: SlotOrder["side"], sign: number): SlotOrder[] =>
    orders.filter((order) => order.side === side).sort((a, b) => sign * (a.limitPrice - b.limitPrice));
  return [...of("bid", -1), ...of("offer", 1)];
}
