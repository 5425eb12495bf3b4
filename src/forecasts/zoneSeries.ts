import type { ExchangeEvent } from "../chain/exchange.ts";
import { readLedger, type LedgerMeter } from "../ledger/index.ts";
import type { SlotSeries } from "./types.ts";

/** What of a zone can be forecast, from the events that the series is made of; energies in Wh a slot, prices in ticks per Wh. */
export const ZONE_SERIES = ["load", "solar", "importPrice", "exportPrice", "clearingPrice", "queuedEnergy"] as const;
export type ZoneSeriesName = (typeof ZONE_SERIES)[number];
export type ZoneSeries = Partial<Record<ZoneSeriesName, SlotSeries>>;

/**
 * Series of a zone from the exchange's events, in the chain's order from the deployment on. A series is absent where the
 * chain has nothing of it.
 *
 * `load` is what meters without a generator or storage of their own took and `solar` what solar ones gave, both metered. A
 * reading of several slots is spread evenly over them, and until it comes its meter counts for nothing; both end with the
 * newest closed slot. `queuedEnergy` is what training and other compute had waiting as the
 * slot's price counted it. A slot that was not cleared keeps the clearing price before it.
 */
export function zoneSeries(events: readonly ExchangeEvent[], zone: number): ZoneSeries {
  const fixed = events.filter((event) => event.name === "TariffFixed").filter(({ args }) => args.zone === zone);
  const cleared = events
    .filter((event) => event.name === "SlotCleared")
    .filter(({ args }) => args.zone === zone && args.matchedWh > 0);
  const price = (of: (args: ExchangeEvent<"TariffFixed">["args"]) => number): SlotSeries | undefined =>
    heldSeries(fixed.map(({ args }) => ({ slot: args.slot, value: of(args) })));
  const found: Record<ZoneSeriesName, SlotSeries | undefined> = {
    ...meteredSeries(events, zone),
    importPrice: price(({ importPrice }) => importPrice),
    exportPrice: price(({ exportPrice }) => exportPrice),
    clearingPrice: heldSeries(cleared.map(({ args }) => ({ slot: args.slot, value: args.clearingPrice }))),
    queuedEnergy: price(({ queuedWh }) => queuedWh),
  };
  return Object.fromEntries(Object.entries(found).filter(([, series]) => series !== undefined));
}

function meteredSeries(
  events: readonly ExchangeEvent[],
  zone: number,
): Record<"load" | "solar", SlotSeries | undefined> {
  const { meters, readings } = readLedger(events, new Map());
  const own = new Map(meters.filter((meter) => meter.zone === zone).map((meter) => [meter.meter, meter]));
  const load = new Map<number, number>();
  const solar = new Map<number, number>();
  const readThrough = new Map<string, number>();
  for (const { meter, slot, importWh, exportWh } of readings) {
    const facts = own.get(meter);
    if (facts === undefined) continue;
    const from = (readThrough.get(meter) ?? facts.firstSlot - 1) + 1;
    readThrough.set(meter, slot);
    if (takes(facts)) spread(load, from, slot, importWh);
    if (facts.source === "solar") spread(solar, from, slot, exportWh);
  }
  // Of slots that are still open some meters are not read yet.
  const closed = events.filter((event) => event.name === "SlotClosed").filter(({ args }) => args.zone === zone);
  const through = closed.reduce((last, { args }) => Math.max(last, args.slot), 0);
  return { load: summedSeries(load, through), solar: summedSeries(solar, through) };
}

function takes({ role }: LedgerMeter): boolean {
  return role === "load" || role === "mixed";
}

function spread(sums: Map<number, number>, from: number, to: number, energyWh: number): void {
  const slots = to - from + 1;
  for (let index = 0; index < slots; index++) {
    const share = Math.round((energyWh * (index + 1)) / slots) - Math.round((energyWh * index) / slots);
    sums.set(from + index, (sums.get(from + index) ?? 0) + share);
  }
}

function summedSeries(sums: ReadonlyMap<number, number>, through: number): SlotSeries | undefined {
  const slots = [...sums.keys()].filter((slot) => slot <= through);
  if (slots.length === 0) return undefined;
  const firstSlot = slots.reduce((least, slot) => Math.min(least, slot));
  return {
    firstSlot,
    values: Array.from({ length: through - firstSlot + 1 }, (_, index) => sums.get(firstSlot + index) ?? 0),
  };
}

function heldSeries(known: readonly { readonly slot: number; readonly value: number }[]): SlotSeries | undefined {
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const bySlot = new Map(known.map(({ slot, value }) => [slot, value]));
  const values: number[] = [];
  for (let slot = first.slot; slot <= last.slot; slot++) values.push(bySlot.get(slot) ?? values.at(-1) ?? first.value);
  return { firstSlot: first.slot, values };
}
