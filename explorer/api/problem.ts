import { z } from "zod";

/** What every route answers when it cannot give its answer: the body of a status of 400 or more. */
export const problem = z.object({
  /** Stable, upper snake case: what a program tests for. */
  code: z.string(),
  /** What went wrong, with the values concerned. */
  message: z.string(),
  /** The same without the values, and the values by name. */
  what: z.string().optional(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  /** What to do next. */
  hint: z.string(),
});
export type Problem = z.output<typeof problem>;
