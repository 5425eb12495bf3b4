import { z } from "zod";
import {
  address,
  cursor,
  decimal,
  energyWh,
  eventList,
  ppm,
  price,
  slotNumber,
  source,
  time,
  zoneNumber,
} from "./primitives.ts";

/** One settled slot in a meter's life. */
export const meterSlot = z.object({
  slot: slotNumber,
  kind: z.enum(["ordinary", "gap", "unread"]),
  importWh: energyWh,
  exportWh: energyWh,
  /** Registers after the reading. */
  importRegisterWh: energyWh,
  exportRegisterWh: energyWh,
  positionWh: energyWh,
  clearingPrice: price.nullable(),
  imbalanceWh: energyWh,
  moneyTicks: decimal,
  balanceTicks: decimal,
  source,
});

/** A change of a site's scores with what caused it. */
export const reputationChange = z.object({
  day: z.int(),
  reliabilityPpm: ppm,
  efficiencyPpm: ppm,
  contributionPpm: ppm,
  tier: z.int(),
  votes: decimal,
  /** The samples and faults that moved it, in words. */
  causes: z.array(z.object({ text: z.string(), source })),
  source,
});

export const meter = z.object({
  address,
  zone: zoneNumber,
  site: z.int(),
  owner: address,
  kind: z.string(),
  energySource: z.string(),
  status: z.string(),
  storageCapacityWh: energyWh,
  ratedPowerW: z.int(),
  importRegisterWh: energyWh,
  exportRegisterWh: energyWh,
  lastSlot: slotNumber,
  balanceTicks: decimal,
  reliabilityPpm: ppm,
  tier: z.int(),
  flags: z.array(z.string()),
  registeredAt: time,
  registered: source,
  /** Newest first; the next page with the cursor. */
  slots: z.array(meterSlot),
  next: cursor,
  reputation: z.array(reputationChange),
  badges: z.array(z.object({ tokenId: decimal, title: z.string(), season: z.int(), source })),
  events: eventList,
});
export type MeterAnswer = z.output<typeof meter>;
export type MeterSlot = z.output<typeof meterSlot>;
