import { z } from "zod";
import { address, decimal, source, time } from "./primitives.ts";

export const proposal = z.object({
  id: decimal,
  state: z.string(),
  proposer: address,
  description: z.string(),
  calls: z.array(z.object({ target: address, contract: z.string().nullable(), text: z.string() })),
  voteStart: time,
  voteEnd: time,
  /** When it may be executed, once queued. */
  eta: time.nullable(),
  votes: z.object({ for: decimal, against: decimal, abstain: decimal }),
  ballots: z.array(z.object({ voter: address, support: z.string(), weight: decimal, reason: z.string(), source })),
  moves: z.array(z.object({ text: z.string(), source })),
  source,
});
export const governance = z.object({
  handedOver: z.boolean(),
  proposals: z.array(proposal),
  /** Operations that wait in the timelock. */
  queue: z.array(z.object({ id: decimal, eta: time })),
});
export type Governance = z.output<typeof governance>;
export type Proposal = z.output<typeof proposal>;
