import { PPM } from "../../../../src/units.ts";
import type { Store } from "../../../store/store.ts";
import { allEventsOf, type IndexedEvent } from "./events.ts";
import type { BookedMeter } from "./meterBook.ts";
import { meterWordOf } from "./words.ts";

/** Readings that one question may take from the index for shares: the rest comes with the next questions. */
const READINGS_AT_ONCE = 20_000;
const MOST_READINGS = 8_000;
const KEPT = 4_096;

/** A closed slot's energy never changes. */
const kept = new WeakMap<Store, Map<string, number | null>>();

export interface RenewablesInput {
  readonly store: Store;
  readonly zone: number;
  /** Logs that closed the slots, newest first. */
  readonly closed: readonly IndexedEvent<"EnergyExchange", "SlotClosed">[];
  readonly meters: ReadonlyMap<string, BookedMeter>;
}

/**
 * Share of each closed slot's metered export that renewable meters gave, ppm, by slot; null where nothing was exported. A
 * slot that is left out was not worked out yet.
 */
export async function renewableShares({
  store,
  zone,
  closed,
  meters,
}: RenewablesInput): Promise<Map<number, number | null>> {
  const known = kept.get(store) ?? new Map<string, number | null>();
  kept.set(store, known);
  const shares = new Map<number, number | null>();
  const words = createWordReader(store, zone);
  for (const event of closed) {
    const { slot } = event.args;
    const key = `${event.transactionHash}/${String(event.logIndex)}`;
    let share = known.get(key);
    if (share === undefined) {
      if (words.taken() > READINGS_AT_ONCE) continue;
      share = await shareOf(words, slot, event.args.exportWh, meters);
      if (known.size >= KEPT) known.clear();
      known.set(key, share);
    }
    shares.set(slot, share);
  }
  return shares;
}

interface WordReader {
  readonly exportsAfter: (slot: number) => Promise<ReadonlyMap<string, number>>;
  readonly taken: () => number;
}

/** Export registers after the readings of a slot; each slot is read once. */
function createWordReader(store: Store, zone: number): WordReader {
  const read = new Map<number, Promise<ReadonlyMap<string, number>>>();
  let taken = 0;
  async function readSlot(slot: number): Promise<ReadonlyMap<string, number>> {
    const key = { kind: "slot", value: `${zone}/${slot}` } as const;
    const readings = await allEventsOf(store, "EnergyExchange", ["ReadingSettled"], { key }, MOST_READINGS);
    taken += readings.length;
    return new Map(readings.map(({ args }) => [args.meter, meterWordOf(args.word).exportWh]));
  }
  return {
    taken: () => taken,
    exportsAfter(slot) {
      let running = read.get(slot);
      if (running === undefined) read.set(slot, (running = readSlot(slot)));
      return running;
    },
  };
}

async function shareOf(
  words: WordReader,
  slot: number,
  exportWh: number,
  meters: ReadonlyMap<string, BookedMeter>,
): Promise<number | null> {
  if (exportWh === 0) return null;
  const [before, after] = await Promise.all([words.exportsAfter(slot - 1), words.exportsAfter(slot)]);
  let renewableWh = 0;
  for (const [meter, register] of after) {
    const earlier = before.get(meter);
    // What spans several slots enters no slot's sum.
    if (earlier !== undefined && meters.get(meter)?.renewable === true) renewableWh += register - earlier;
  }
  return Math.min(PPM, Math.floor((renewableWh * PPM) / exportWh));
}
