import { z } from "zod";
import { address, decimal, energyWh, eventList, slotNumber, source, time, zoneNumber } from "./primitives.ts";

/** One kind of certificate (zone, slot, source), from the readings that issued it to its cancellation. */
export const certificate = z.object({
  tokenId: decimal,
  zone: zoneNumber,
  slot: slotNumber,
  start: time,
  energySource: z.string(),
  issuedWh: energyWh,
  cancelledWh: energyWh,
  /** Each issue with the reading that it is drawn from. */
  issues: z.array(z.object({ meter: address, to: address, amountWh: energyWh, reading: source.nullable(), source })),
  holders: z.array(z.object({ account: address, amountWh: energyWh })),
  transfers: z.array(z.object({ from: address, to: address, amountWh: energyWh, source })),
  cancellations: z.array(
    z.object({
      account: address,
      beneficiary: z.string(),
      purpose: z.string(),
      amountWh: energyWh,
      job: z.int().nullable(),
      source,
    }),
  ),
  events: eventList,
});
export type CertificateAnswer = z.output<typeof certificate>;
