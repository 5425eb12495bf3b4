import { z } from "zod";
import { address, decimal, energyWh, hash, ppm, price, slotNumber, source, time, zoneNumber } from "./primitives.ts";

const openJob = z.object({
  kind: z.enum(["federated", "reproducible"]),
  job: z.int(),
  state: z.string(),
  round: z.int(),
  deadline: time,
  requester: address,
});

/** One slot of a zone in the chart of prices and of net load. */
export const slotPoint = z.object({
  slot: slotNumber,
  importPrice: price,
  exportPrice: price,
  clearingPrice: price.nullable(),
  scarcityPpm: ppm.nullable(),
  matchedWh: energyWh,
  importWh: energyWh.nullable(),
  exportWh: energyWh.nullable(),
  /** Share of the zone's metered export that renewable meters gave. */
  renewablePpm: ppm.nullable(),
  flagged: z.boolean(),
  closed: z.boolean(),
});

export const zoneOverview = z.object({
  zone: zoneNumber,
  /** Prices of the slot that runs now. */
  current: slotPoint.nullable(),
  /** The newest day, oldest first. */
  slots: z.array(slotPoint),
  meters: z.int(),
  sites: z.int(),
});

export const overview = z.object({
  network: z.string(),
  chainId: z.int(),
  head: z.object({ number: z.int(), hash, time }),
  indexedBlock: z.int(),
  indexing: z.object({ fromBlock: z.int(), toBlock: z.int(), done: z.boolean() }),
  currentSlot: slotNumber,
  zones: z.array(zoneOverview),
  supplyTicks: decimal,
  openJobs: z.array(openJob),
  blocks: z.array(z.object({ number: z.int(), hash, time, transactions: z.int(), gasUsed: z.int() })),
  trades: z.array(
    z.object({ source, zone: zoneNumber, slot: slotNumber, clearingPrice: price, matchedWh: energyWh, time }),
  ),
  contracts: z.array(z.object({ name: z.string(), address })),
});
export type Overview = z.output<typeof overview>;
export type ZoneOverview = z.output<typeof zoneOverview>;
export type SlotPoint = z.output<typeof slotPoint>;
