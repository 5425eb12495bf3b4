import { z } from "zod";
import { address, decimal, eventList, source } from "./primitives.ts";

export const account = z.object({
  address,
  /** Name where the deployment knows the address: a contract's, or a role's. */
  name: z.string().nullable(),
  roles: z.array(z.string()),
  /** Credits in base units (18 decimals). */
  creditBaseUnits: decimal,
  votes: decimal,
  sites: z.array(
    z.object({ site: z.int(), zone: z.int(), meters: z.array(address), bondTicks: decimal, debtTicks: decimal }),
  ),
  providers: z.array(
    z.object({
      provider: address,
      site: z.int(),
      meter: address,
      accelerators: z.int(),
      stakeTicks: decimal,
      lockedTicks: decimal,
    }),
  ),
  jobs: z.array(z.object({ job: z.int(), part: z.string(), source })),
  certificates: z.array(z.object({ tokenId: decimal, amountWh: decimal })),
  /** Energy credits in and out, newest first. */
  transfers: z.array(z.object({ from: address, to: address, baseUnits: decimal, source })),
  events: eventList,
});
export type AccountAnswer = z.output<typeof account>;
