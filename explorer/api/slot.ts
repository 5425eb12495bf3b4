import { z } from "zod";
import {
  address,
  decimal,
  energyWh,
  eventList,
  hash,
  ppm,
  price,
  slotNumber,
  source,
  time,
  zoneNumber,
} from "./primitives.ts";

/** One order that took part in the clearing, or was left out with its reason. */
export const slotOrder = z.object({
  meter: address,
  side: z.enum(["bid", "offer"]),
  energyWh,
  limitPrice: price,
  filledWh: energyWh,
  feeTicks: decimal,
  /** Placed on chain rather than in the matcher's book. */
  placed: z.boolean(),
  /** The typed error's name where the order was skipped. */
  skipped: z.string().nullable(),
  /** What that error means, in words. */
  reason: z.string().nullable(),
  source,
});

/** What was metered of a meter in the slot and how it was paid. Positive money is in the meter's favour. */
export const slotReading = z.object({
  meter: address,
  /** Ordinary, gap (settled gross) or closed unread. */
  kind: z.enum(["ordinary", "gap", "unread"]),
  importWh: energyWh,
  exportWh: energyWh,
  positionWh: energyWh,
  /** Metered net less position: positive is short. */
  imbalanceWh: energyWh,
  imbalanceTicks: decimal,
  tradeTicks: decimal,
  networkTicks: decimal,
  levyTicks: decimal,
  balanceTicks: decimal,
  source,
});

/** The clearing done again from the orders themselves. */
export const recomputation = z.object({
  equal: z.boolean(),
  /** What differs, in words; empty where equal. */
  differences: z.array(z.string()),
  rule: z.enum(["midpoint", "sbba"]),
  bookHash: hash.nullable(),
  computed: z.object({ clearingPrice: price, matchedWh: energyWh }),
  onChain: z.object({ clearingPrice: price, matchedWh: energyWh }),
});

export const slot = z.object({
  zone: zoneNumber,
  slot: slotNumber,
  start: time,
  /** Gate open, gate closed, cleared, running, metered, closed: where the slot is in its life. */
  phase: z.string(),
  tariff: z.object({ importPrice: price, exportPrice: price, scarcityPpm: ppm, queuedWh: energyWh, source }).nullable(),
  clearing: z
    .object({
      clearingPrice: price,
      matchedWh: energyWh,
      positions: z.int(),
      feeTicks: decimal,
      workTicks: decimal,
      source,
    })
    .nullable(),
  book: z.object({ matcher: address, bookHash: hash, orders: z.int(), source }).nullable(),
  /** Every bid by falling and every offer by rising limit, as the rule walks them. */
  orders: z.array(slotOrder),
  recomputed: recomputation.nullable(),
  readings: z.array(slotReading),
  closing: z
    .object({
      flagged: z.boolean(),
      importWh: energyWh,
      exportWh: energyWh,
      feederWh: energyWh,
      readCount: z.int(),
      source,
    })
    .nullable(),
  /** Certificates issued for the slot. */
  certificates: z.array(
    z.object({ tokenId: decimal, meter: address, source: z.string(), issuedWh: energyWh, tx: source }),
  ),
  /** The newest events of the slot; the whole list is at `/api/events?zone=&slot=`. */
  events: eventList,
});
export type SlotAnswer = z.output<typeof slot>;
export type SlotOrder = z.output<typeof slotOrder>;
export type SlotReading = z.output<typeof slotReading>;
