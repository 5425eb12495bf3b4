import type { ExchangeEvent } from "../chain/exchange.ts";
import { ENERGY_SOURCE_CODES, METER_KIND_CODES, METER_STATUS_CODES, type EnergySourceName } from "../market/codes.ts";
import { decodeMeterWord, type MeterWord } from "../market/meterWord.ts";
import type { LedgerInput, LedgerMeter, LedgerReading, LedgerRole } from "./types.ts";

interface Open extends Omit<LedgerMeter, "endSlot" | "importWh" | "exportWh"> {
  endSlot: number | undefined;
  readonly first: MeterWord;
  word: MeterWord;
}

/**
 * Meters and readings of a community from the exchange's events, in the chain's order from the deployment on. `words` are
 * what the exchange holds of the meters at the end, which the readings have to add up to.
 */
export function readLedger(
  events: readonly ExchangeEvent[],
  words: ReadonlyMap<string, Pick<MeterWord, "zone" | "importWh" | "exportWh">>,
): Pick<LedgerInput, "meters" | "readings"> {
  const meters = new Map<string, Open>();
  const readings: LedgerReading[] = [];
  for (const event of events) {
    // The other events meter nothing.
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check
    switch (event.name) {
      case "MeterRegistered": {
        const { meter, kind, source, storageCapacityWh, bestEfficiencyPpm, word } = event.args;
        const role = roleOf(kind);
        const storage = role === "storage" ? { capacityWh: storageCapacityWh, bestEfficiencyPpm } : undefined;
        meters.set(meter, begin({ meter, role, source: sourceOf(source), storage }, decodeMeterWord(word)));
        break;
      }
      case "MeterReplaced": {
        const { oldMeter, newMeter, newWord } = event.args;
        const old = meters.get(oldMeter);
        if (old === undefined) break;
        old.endSlot = old.word.lastSlot + 1;
        const { role, source, storage } = old;
        meters.set(newMeter, begin({ meter: newMeter, role, source, storage }, decodeMeterWord(newWord)));
        break;
      }
      case "MeterStatusChanged": {
        const meter = meters.get(event.args.meter);
        if (meter !== undefined && event.args.status === METER_STATUS_CODES.retired) {
          meter.endSlot = meter.word.lastSlot + 1;
        }
        break;
      }
      case "ReadingSettled": {
        const meter = meters.get(event.args.meter);
        if (meter === undefined) break;
        const before = meter.word;
        const word = decodeMeterWord(event.args.word);
        const importWh = word.importWh - before.importWh;
        const exportWh = word.exportWh - before.exportWh;
        meter.word = word;
        const slot = word.lastSlot;
        readings.push({ meter: event.args.meter, slot, importWh, exportWh, gap: slot !== before.lastSlot + 1 });
        break;
      }
      default:
    }
  }
  return { meters: [...meters.values()].map((meter) => close(meter, words.get(meter.meter))), readings };
}

function begin(facts: Pick<LedgerMeter, "meter" | "role" | "source" | "storage">, word: MeterWord): Open {
  return { ...facts, zone: word.zone, firstSlot: word.lastSlot + 1, endSlot: undefined, first: word, word };
}

/** A device that was replaced or retired has no word any more: its last one is in the events. */
function close(
  { first, word, ...meter }: Open,
  held: Pick<MeterWord, "zone" | "importWh" | "exportWh"> | undefined,
): LedgerMeter {
  const last = held === undefined || held.zone === 0 ? word : held;
  return { ...meter, importWh: last.importWh - first.importWh, exportWh: last.exportWh - first.exportWh };
}

function roleOf(kind: number): LedgerRole {
  switch (kind) {
    case METER_KIND_CODES.feeder:
      return "feeder";
    case METER_KIND_CODES.producer:
      return "generator";
    case METER_KIND_CODES.storage:
      return "storage";
    case METER_KIND_CODES.prosumer:
      return "mixed";
    default:
      return "load";
  }
}

function sourceOf(code: number): EnergySourceName {
  const names = Object.keys(ENERGY_SOURCE_CODES) as EnergySourceName[];
  return names.find((name) => ENERGY_SOURCE_CODES[name] === code) ?? "none";
}
