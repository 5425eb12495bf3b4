import type { ExchangeEvent } from "../chain/exchange.ts";
import { termsAt, type Tariff } from "../market/tariff.ts";
import { QUEUE_DIVISOR, DAY_SLOTS, REACH_SLOTS, type SlotFigures } from "../market/tariffRule.ts";
import { fixTariffs, type FixedTariff, type TariffSources } from "../market/tariffSchedule.ts";
import { firstUnopenedSlot, GATE_OPEN_SLOTS, gateWindow, RECORD_RING_SLOTS } from "../market/timeline.ts";
import { slotOf as slotAt } from "../units.ts";
import { queuedAt } from "./queueEvents.ts";
import { NOBODY, type Run, type TransactionContext } from "./run.ts";
import { slotOfRing, zoneOf, type AuditState, type ZoneEntry } from "./state.ts";

/** A price is fixed: the same comes out of the readings that the slots before it hold. */
export function tariffFixed({ state, findings, tx }: Run, { args }: ExchangeEvent<"TariffFixed">): void {
  const { zone: number, slot } = args;
  const place = { zone: number, slot };
  const zone = zoneOf(state, number);
  const { through } = zone.tariff;
  const { timestamp } = tx.transaction;
  findings.expect("tariff", place, "fixed once its gate was open", true, timestamp >= gateWindow(slot).from);
  const next = slot === through + 1 || mayFollow(zone, slot, number, tx);
  if (!findings.expect("tariff", place, "slots are fixed in order", true, next)) return;
  checkQueue({ findings, state }, place, zone, args.queuedWh);
  checkAnswer({ findings, state }, place, zone, args.queuedWh);

  const sources = sourcesOf(zone, slot, args.queuedWh);
  const { state: fixed, fixed: prices } = fixTariffs(zone.tariff, slot, sources);
  const price = prices.at(-1);
  for (const field of ["importPrice", "exportPrice", "scarcityPpm", "queuedWh"] as const) {
    findings.expect("tariff", place, field, price?.[field] ?? "none", args[field]);
  }
  const { floorPrice, capPrice, exportCapPrice } = zone.limits;
  const bounded =
    args.importPrice > 0 &&
    args.importPrice <= capPrice &&
    args.exportPrice >= floorPrice &&
    args.exportPrice <= Math.min(args.importPrice, exportCapPrice);
  findings.expect("tariff", place, "prices within the zone's bounds", true, bounded);
  findings.add("tariff", "prices", 1);
  findings.add("tariff", "pricesMoved", price?.scarcityPpm === 0 ? 0 : 1);
  zone.tariff = fixed;
  if (price !== undefined) zone.tariffs.set(slot, price);
  for (const held of zone.tariffs.keys()) {
    if (held > slot - RECORD_RING_SLOTS) break;
    zone.tariffs.delete(held);
  }
}

export function energyQueueSet({ state, findings, tx }: Run, { args }: ExchangeEvent<"EnergyQueueSet">): void {
  const place = { account: args.queue };
  findings.expect("tariff", place, "queue named once", "none", state.energyQueue?.queue ?? "none");
  const first = firstUnopenedSlot(tx.transaction.timestamp);
  findings.expect("tariff", place, "first slot of the queue", first, args.fromSlot);
  findings.expect("tariff", place, "the queue is somebody", true, args.queue !== NOBODY);
  state.energyQueue = { queue: args.queue, fromSlot: args.fromSlot };
}

/** The prices that a record takes over: none where the slot is so old that they are no longer held. */
export function recordedPrices(zone: ZoneEntry, slot: number, { transaction }: TransactionContext): Tariff {
  const gone = slot <= slotAt(transaction.timestamp) + GATE_OPEN_SLOTS - RECORD_RING_SLOTS;
  const price = gone ? undefined : zone.tariffs.get(slot);
  return { importPrice: price?.importPrice ?? 0, exportPrice: price?.exportPrice ?? 0 };
}

/** Only a zone that stood still skips slots, and only those that leave the ring of prices within the same call. */
function mayFollow(
  { tariff: { through }, newestSlot }: ZoneEntry,
  slot: number,
  zone: number,
  { transaction }: TransactionContext,
): boolean {
  if (slot <= through || through + 1 <= newestSlot + DAY_SLOTS) return false;
  const last = slot + RECORD_RING_SLOTS - 1;
  return transaction.events.some(
    ({ source, event }) =>
      source === "exchange" && event.name === "TariffFixed" && event.args.zone === zone && event.args.slot === last,
  );
}

/** What the queue answered is the queue's affair; how much of it may count is not. */
function checkQueue(
  { findings, state }: Pick<Run, "findings" | "state">,
  place: { readonly zone: number; readonly slot: number },
  zone: ZoneEntry,
  queuedWh: number,
): void {
  const { energyQueue } = state;
  const asked = energyQueue !== undefined && place.slot >= energyQueue.fromSlot;
  const demandWh = figuresOf(zone, place.slot - DAY_SLOTS)?.importWh ?? 0;
  const mostWh = asked ? Math.floor(demandWh / QUEUE_DIVISOR) : 0;
  findings.expect("tariff", place, `queued energy of at most ${String(mostWh)} Wh`, true, queuedWh <= mostWh);
  findings.add("tariff", "queuedWh", queuedWh);
}

/** Where the queue is followed too, its answer is recomputed from what waited as the slot's gate opened. */
function checkAnswer(
  { findings, state }: Pick<Run, "findings" | "state">,
  place: { readonly zone: number; readonly slot: number },
  zone: ZoneEntry,
  queuedWh: number,
): void {
  if (!isFollowed(state, place.slot)) return;
  const yesterday = place.slot > REACH_SLOTS ? figuresOf(zone, place.slot - DAY_SLOTS) : undefined;
  const mostWh = Math.floor((yesterday?.importWh ?? 0) / QUEUE_DIVISOR);
  const waited = queuedAt(state.compute.queue, place.zone, place.slot);
  findings.expect("queue", place, "queued energy of the price", Math.min(waited, mostWh), queuedWh);
  findings.add("queue", "prices", 1);
}

/** Whether a slot's price asks the queue whose events the audit has. */
function isFollowed({ energyQueue, compute: { queue } }: AuditState, slot: number): boolean {
  return energyQueue !== undefined && energyQueue.queue === queue.address && slot >= energyQueue.fromSlot;
}

/** Price and scarcity of a slot whose gate is open: as fixed, or as whoever asks now must get it. */
export function priceNow(state: AuditState, number: number, slot: number): FixedTariff | undefined {
  const zone = zoneOf(state, number);
  const fixed = zone.tariffs.get(slot);
  if (fixed !== undefined || slot <= zone.tariff.through) return fixed;
  const asks = (at: number) => (isFollowed(state, at) ? queuedAt(state.compute.queue, number, at) : 0);
  return fixTariffs(zone.tariff, slot, { ...sourcesOf(zone, slot, 0), queuedWh: asks }).fixed.at(-1);
}

function sourcesOf(zone: ZoneEntry, slot: number, queuedWh: number): TariffSources {
  return {
    limits: zone.limits,
    termsAt: (at) => termsAt(at, zone.terms, zone.nextTerms),
    figuresOf: (at) => figuresOf(zone, at),
    queuedWh: (at) => (at === slot ? queuedWh : 0),
    newestSlot: zone.newestSlot,
  };
}

function figuresOf(zone: ZoneEntry, slot: number): SlotFigures | undefined {
  const record = slotOfRing(zone, slot);
  return record === undefined || record.readCount === 0 ? undefined : record;
}
