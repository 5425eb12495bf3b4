import { z } from "zod";
import { address, decimal, eventList, hash } from "./primitives.ts";

/** A read function and what it answers now; functions with arguments are asked with `/api/call`. */
export const readFunction = z.object({
  signature: z.string(),
  inputs: z.array(z.object({ name: z.string(), type: z.string() })),
  outputs: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Where it takes no argument: its present answer. */
  answer: z.unknown().optional(),
});

export const contract = z.object({
  address,
  name: z.string().nullable(),
  /** Comparison of the code on chain with the compiled source. */
  verified: z.enum(["exact", "match", "no"]),
  codeBytes: z.int(),
  codeHash: hash,
  balanceWei: decimal,
  compiler: z.string().nullable(),
  sources: z.array(z.object({ path: z.string(), text: z.string() })),
  abi: z.array(z.record(z.string(), z.unknown())),
  reads: z.array(readFunction),
  eventNames: z.array(z.string()),
  events: eventList,
});
export type ContractAnswer = z.output<typeof contract>;
export const callAnswer = z.object({
  outputs: z.array(z.object({ name: z.string(), type: z.string(), value: z.unknown() })),
});
