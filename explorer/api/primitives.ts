import { z } from "zod";

/** A checksummed address. */
export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
/** 32 bytes: a hash of a transaction or block, a root, a commitment. */
export const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
/** Bytes of any length. */
export const hex = z.string().regex(/^0x([0-9a-f]{2})*$/);
/** A whole number that may exceed what JSON's numbers hold: money in ticks, packed words. */
export const decimal = z.string().regex(/^-?\d+$/);
/** Ticks per Wh. */
export const price = z.int().nonnegative();
export const energyWh = z.int();
export const ppm = z.int();
/** Number of a market slot: unix time / 900. */
export const slotNumber = z.int().nonnegative();
export const zoneNumber = z.int().nonnegative();
/** Seconds since 1970. */
export const time = z.int().nonnegative();

/** The log that a figure comes from, which the page links to. */
export const source = z.object({ transactionHash: hash, blockNumber: z.int(), logIndex: z.int() });
export type Source = z.output<typeof source>;

/** Where the next page of a list starts; opaque to the page. Absent at the end. */
export const cursor = z.string().max(64).optional();

/** A decoded event as lists show it. Big numbers in `args` are decimal strings; nested structs are objects. */
export const event = z.object({
  source,
  time,
  contract: z.string(),
  address,
  name: z.string(),
  args: z.record(z.string(), z.unknown()),
});
export type EventAnswer = z.output<typeof event>;

export const eventList = z.object({ events: z.array(event), next: cursor });
