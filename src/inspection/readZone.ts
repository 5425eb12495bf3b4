import type { ExchangeEvent } from "../chain/exchange.ts";
import { ENERGY_SOURCE_CODES } from "../market/codes.ts";
import { decodeMeterWord, meterSlotLimitWh, type MeterWord } from "../market/meterWord.ts";
import { SLOT_SECONDS } from "../units.ts";
import { clearSkyBoundWh, type SolarPlace } from "./clearSkyBound.ts";
import type { InspectedZone, ReportedMeter } from "./types.ts";

interface MeterReadings {
  word: MeterWord;
  readonly source: number;
  readonly importWh: number[];
  readonly exportWh: number[];
}

export interface ReadZoneParameters {
  readonly zone: number;
  readonly fromSlot: number;
  readonly toSlot: number;
  /** Where the zone lies; with it, solar meters are held to a cloudless sky. */
  readonly place?: SolarPlace;
}

/**
 * What the meters of a zone and its feeder reported in a run of slots, from the exchange's events alone. Only readings of
 * one slot count: what a gap reading spans cannot be set against a feeder slot by slot, and counts as nothing there.
 */
export function readZone(
  events: readonly ExchangeEvent[],
  { zone, fromSlot, toSlot, place }: ReadZoneParameters,
): InspectedZone {
  const slots = toSlot - fromSlot + 1;
  const meters = new Map<string, MeterReadings>();
  const feederWh = new Array<number | null>(slots).fill(null);
  const begin = (meter: string, source: number, packed: bigint): void => {
    const word = decodeMeterWord(packed);
    if (word.zone !== zone) return;
    const none = (): number[] => new Array<number>(slots).fill(0);
    meters.set(meter, { word, source, importWh: none(), exportWh: none() });
  };
  for (const event of events) {
    if (event.name === "MeterRegistered") {
      begin(event.args.meter, event.args.source, event.args.word);
    } else if (event.name === "MeterReplaced") {
      begin(event.args.newMeter, meters.get(event.args.oldMeter)?.source ?? 0, event.args.newWord);
    } else if (event.name === "ReadingSettled") {
      const meter = meters.get(event.args.meter);
      if (meter === undefined) continue;
      const before = meter.word;
      meter.word = decodeMeterWord(event.args.word);
      const { lastSlot: slot, importWh, exportWh } = meter.word;
      if (slot !== before.lastSlot + 1 || slot < fromSlot || slot > toSlot) continue;
      const imported = importWh - before.importWh;
      const exported = exportWh - before.exportWh;
      if (before.flags.feeder) feederWh[slot - fromSlot] = imported - exported;
      meter.importWh[slot - fromSlot] = imported;
      meter.exportWh[slot - fromSlot] = exported;
    }
  }
  const reported = [...meters].flatMap(([meter, readings]) => reportedMeter(meter, readings));
  return {
    feederWh,
    meters: place === undefined ? reported : reported.map((meter) => underSky(meter, fromSlot, place)),
  };
}

function reportedMeter(meter: string, { word, source, importWh, exportWh }: MeterReadings): ReportedMeter[] {
  if (word.flags.feeder) return [];
  const slotLimitWh = meterSlotLimitWh(word);
  const peers = source === ENERGY_SOURCE_CODES.none ? {} : { peerGroup: groupOf(source) };
  return [{ meter, importWh, exportWh, slotLimitWh, ...peers }];
}

function underSky(meter: ReportedMeter, fromSlot: number, place: SolarPlace): ReportedMeter {
  if (meter.peerGroup !== groupOf(ENERGY_SOURCE_CODES.solar)) return meter;
  const peakPowerW = (meter.slotLimitWh * 3_600) / SLOT_SECONDS;
  const exportBoundWh = Array.from(meter.exportWh, (_, index) => clearSkyBoundWh(fromSlot + index, peakPowerW, place));
  return { ...meter, exportBoundWh };
}

function groupOf(source: number): string {
  return `source ${String(source)}`;
}
