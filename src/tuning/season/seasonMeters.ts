import type { ExchangeEvent } from "../../chain/exchange.ts";
import type { LedgerMeter, LedgerReading } from "../../ledger/index.ts";
import { decodeMeterWord } from "../../market/meterWord.ts";
import { SLOTS_PER_DAY } from "../../units.ts";

/** What a meter measured, slot by slot. */
export interface SeasonMeter {
  readonly meter: string;
  readonly zone: number;
  /** What it was registered as: consumer, prosumer, storage, or the source of a plant. */
  readonly kind: string;
  readonly powerClass: number;
  /** From the first slot of `MeteredDays` on, Wh; after the day before where there is one. */
  readonly importWh: Uint32Array;
  readonly exportWh: Uint32Array;
}

/** Whole days of a season that were read. */
export interface MeteredDays {
  readonly firstSlot: number;
  readonly days: number;
  /** The day before them was read too, and the meters' energy begins with it. */
  readonly dayBefore: boolean;
  readonly meters: readonly SeasonMeter[];
  readonly unreadSlots: number;
}

export interface SeasonMetersInput {
  readonly events: readonly ExchangeEvent[];
  readonly meters: readonly LedgerMeter[];
  readonly readings: readonly LedgerReading[];
  readonly firstSlot: number;
  readonly days: number;
}

/**
 * Energy of every meter that was there in these days. A reading of several slots is spread evenly over them, and a slot without a reading
 * has none.
 */
export function seasonMeters({ events, meters, readings, firstSlot, days }: SeasonMetersInput): MeteredDays {
  const from = firstSlot - SLOTS_PER_DAY;
  const slots = (days + 1) * SLOTS_PER_DAY;
  const classes = powerClasses(events);
  const series = new Map<string, Series>();
  for (const { meter, firstSlot: since, endSlot } of meters) {
    if (since >= from + slots || (endSlot ?? Infinity) <= firstSlot) continue;
    series.set(meter, {
      importWh: new Uint32Array(slots),
      exportWh: new Uint32Array(slots),
      read: new Uint8Array(slots),
    });
  }
  const readThrough = new Map(meters.map(({ meter, firstSlot: since }) => [meter, since - 1]));
  for (const { meter, slot, importWh, exportWh } of readings) {
    const first = (readThrough.get(meter) ?? slot - 1) + 1;
    readThrough.set(meter, slot);
    const own = series.get(meter);
    if (own !== undefined) spread(own, first - from, slot - from, importWh, exportWh);
  }
  const dayBefore = [...series.values()].some(({ importWh, exportWh }) =>
    [importWh, exportWh].some((all) => all.subarray(0, SLOTS_PER_DAY).some((wh) => wh > 0)),
  );
  const skipped = dayBefore ? 0 : SLOTS_PER_DAY;
  const found = meters.flatMap((facts): SeasonMeter[] => {
    const own = series.get(facts.meter);
    if (own === undefined) return [];
    return [
      {
        ...{ meter: facts.meter, zone: facts.zone, kind: kindOf(facts), powerClass: classes.get(facts.meter) ?? 0 },
        importWh: own.importWh.slice(skipped),
        exportWh: own.exportWh.slice(skipped),
      },
    ];
  });
  const unreadSlots = [...series.values()].reduce(
    (sum, { read }) => sum + read.subarray(SLOTS_PER_DAY).filter((one) => one === 0).length,
    0,
  );
  return { firstSlot, days, dayBefore, meters: found, unreadSlots };
}

interface Series {
  readonly importWh: Uint32Array;
  readonly exportWh: Uint32Array;
  /** 1 where a reading covers the slot. */
  readonly read: Uint8Array;
}

function spread({ importWh, exportWh, read }: Series, first: number, last: number, taken: number, given: number): void {
  const slots = last - first + 1;
  const share = (wh: number, index: number) =>
    Math.round((wh * (index + 1)) / slots) - Math.round((wh * index) / slots);
  for (let place = Math.max(0, first); place <= Math.min(last, read.length - 1); ++place) {
    importWh[place] = share(taken, place - first);
    exportWh[place] = share(given, place - first);
    read[place] = 1;
  }
}

function kindOf({ role, source }: LedgerMeter): string {
  switch (role) {
    case "generator":
      return source;
    case "mixed":
      return "prosumer";
    case "load":
      return "consumer";
    case "storage":
    case "feeder":
      return role;
  }
}

function powerClasses(events: readonly ExchangeEvent[]): Map<string, number> {
  const classes = new Map<string, number>();
  for (const { name, args } of events) {
    if (name === "MeterRegistered") classes.set(args.meter, decodeMeterWord(args.word).powerClass);
    else if (name === "MeterReplaced") classes.set(args.newMeter, decodeMeterWord(args.newWord).powerClass);
  }
  return classes;
}
