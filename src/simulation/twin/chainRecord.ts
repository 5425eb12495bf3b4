import type { ExchangeEvent, ExchangeEventName } from "../../chain/exchange.ts";
import { decodeMeterWord, type MeterWord } from "../../market/meterWord.ts";
import { decodeFill, decodeLine, type Fill, type SettlementLine } from "../../market/packed.ts";
import { formatSlot } from "../../units.ts";

/** Events that a record is made of. */
export const RECORDED_EVENTS = [
  "SlotCleared",
  "SlotClosed",
  "OrderCleared",
  "ReadingSettled",
  "OrderSkipped",
  "ReadingSkipped",
  "CloseSkipped",
] as const satisfies readonly ExchangeEventName[];

export interface SettledWord {
  readonly word: MeterWord;
  readonly line: SettlementLine;
}

/** What the chain said, by zone and slot as {@link placeOf} names them, and by meter. */
export interface ChainRecord {
  readonly cleared: ReadonlyMap<string, ExchangeEvent<"SlotCleared">["args"]>;
  readonly closed: ReadonlyMap<string, ExchangeEvent<"SlotClosed">["args"]>;
  readonly fills: ReadonlyMap<string, Fill>;
  readonly readings: ReadonlyMap<string, SettledWord>;
  /** Events that say that something of the market was refused. */
  readonly refusals: readonly string[];
}

/** A slot of a zone, or one of its meters in it, in words. */
export function placeOf(zone: number, slot: number, meter?: string): string {
  return `zone ${String(zone)}, ${formatSlot(slot)}${meter === undefined ? "" : `, ${meter}`}`;
}

export function chainRecord(events: readonly ExchangeEvent<(typeof RECORDED_EVENTS)[number]>[]): ChainRecord {
  const cleared = new Map<string, ExchangeEvent<"SlotCleared">["args"]>();
  const closed = new Map<string, ExchangeEvent<"SlotClosed">["args"]>();
  const fills = new Map<string, Fill>();
  const readings = new Map<string, SettledWord>();
  const refusals: string[] = [];
  for (const event of events) {
    switch (event.name) {
      case "SlotCleared":
        cleared.set(placeOf(event.args.zone, event.args.slot), event.args);
        break;
      case "SlotClosed":
        closed.set(placeOf(event.args.zone, event.args.slot), event.args);
        break;
      case "OrderCleared": {
        const fill = decodeFill(event.args.fill);
        fills.set(placeOf(fill.zone, fill.slot, event.args.meter), fill);
        break;
      }
      case "ReadingSettled": {
        const word = decodeMeterWord(event.args.word);
        const line = decodeLine(event.args.line);
        readings.set(placeOf(word.zone, word.lastSlot, event.args.meter), { word, line });
        break;
      }
      case "OrderSkipped":
      case "ReadingSkipped":
      case "CloseSkipped":
        refusals.push(`${event.name} ${placeOf(event.args.zone, event.args.slot, event.args.meter)}`);
        break;
    }
  }
  return { cleared, closed, fills, readings, refusals };
}
