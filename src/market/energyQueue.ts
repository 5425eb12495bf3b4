import { GATE_OPEN_SLOTS } from "./timeline.ts";

/** One requester counts at most this part of a zone's rated energy of a slot, as in the contract. */
export const REQUESTER_SHARE = 8n;

/** What an item asks to count, and what bounds it at that moment. */
export interface QueuedItem {
  /** Who keeps the item: a contract. */
  readonly ledger: string;
  readonly item: string;
  readonly zone: number;
  readonly requester: string;
  /** Watt-hours; 0 ends the item. */
  readonly energyWh: bigint;
  /** Ticks that are there to pay for it. */
  readonly escrowTicks: bigint;
}

/** What the zone is like when an item is queued. */
export interface QueueZone {
  /** Energy that the zone's meters can take in a slot, watt-hours. */
  readonly ratedWh: bigint;
  /** Ticks per watt-hour in the present slot. */
  readonly importPrice: bigint;
}

interface Span {
  readonly ledger: string;
  readonly item: string;
  readonly zone: number;
  readonly requester: string;
  readonly countedWh: bigint;
  /** Slot in which it was queued. */
  readonly fromSlot: number;
  /** Slot in which it was changed or ended; undefined while it counts. */
  untilSlot?: number;
}

/**
 * The contract `EnergyQueue` in plain terms: a list of what counted from when to when, added up anew for every question.
 * Slots are to be named in rising order, as time goes.
 */
export class EnergyQueueTwin {
  readonly #spans: Span[] = [];

  /** Queue, change or end an item in `slot`; returns what it counts, watt-hours. */
  setQueued(slot: number, asked: QueuedItem, { ratedWh, importPrice }: QueueZone): bigint {
    const { ledger, item, zone, requester, energyWh, escrowTicks } = asked;
    const before = this.#spans.find(
      (span) => span.untilSlot === undefined && span.ledger === ledger && span.item === item,
    );
    if (before !== undefined) before.untilSlot = slot;
    const room = ratedWh / REQUESTER_SHARE - this.requesterWh(zone, requester);
    const bounds = [energyWh, escrowTicks / importPrice, room < 0n ? 0n : room];
    const countedWh = bounds.reduce((least, bound) => (bound < least ? bound : least));
    this.#spans.push({ ledger, item, zone, requester, countedWh, fromSlot: slot });
    return countedWh;
  }

  /** What the queue of a zone says of a slot: what counted when the slot that opens its gate began. */
  queuedWh(zone: number, slot: number): bigint {
    const gate = slot - GATE_OPEN_SLOTS;
    return sum(
      this.#spans.filter(
        (span) =>
          span.zone === zone && span.fromSlot < gate && (span.untilSlot === undefined || span.untilSlot >= gate),
      ),
    );
  }

  /** What all items of a requester count in a zone now. */
  requesterWh(zone: number, requester: string): bigint {
    return sum(
      this.#spans.filter((span) => span.untilSlot === undefined && span.zone === zone && span.requester === requester),
    );
  }

  /** What an item of a ledger counts now. */
  countedWh(ledger: string, item: string): bigint {
    return sum(
      this.#spans.filter((span) => span.untilSlot === undefined && span.ledger === ledger && span.item === item),
    );
  }
}

function sum(spans: readonly Span[]): bigint {
  return spans.reduce((total, { countedWh }) => total + countedWh, 0n);
}
