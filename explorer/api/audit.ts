import { z } from "zod";

/** A difference that the audit found, with the page that shows the item. */
export const auditFailure = z.object({
  text: z.string(),
  expected: z.string().nullable(),
  found: z.string().nullable(),
  /** A path of the page: `/slot/1/1947264`, `/meter/0x…`, `/job/1`, `/tx/0x…`. */
  page: z.string().nullable(),
});
export const auditCheck = z.object({
  name: z.string(),
  title: z.string(),
  passed: z.boolean(),
  figures: z.record(z.string(), z.union([z.number(), z.string()])),
  failures: z.array(auditFailure),
});
/** A run of the audit, which the page asks for until it has ended. The check `index` compares the index with the chain. */
export const auditRun = z.object({
  id: z.string(),
  state: z.enum(["running", "passed", "failed", "broken"]),
  /** Blocks done of blocks to do. */
  done: z.int(),
  total: z.int(),
  checks: z.array(auditCheck),
  /** Why it broke down. */
  problem: z.string().nullable(),
});
export type AuditRun = z.output<typeof auditRun>;
