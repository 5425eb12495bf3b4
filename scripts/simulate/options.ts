import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";

export type SimulateFlags = Readonly<Record<"days" | "seed" | "json", string | undefined>>;

export interface SimulateOptions {
  readonly days?: number;
  readonly seed?: number;
  readonly json?: string;
}

const schema = z.object({
  days: z.coerce.number().int().min(1).max(400).optional(),
  seed: z.coerce.number().int().optional(),
  json: z.string().min(1).optional(),
});

export function parseSimulateFlags(flags: SimulateFlags): SimulateOptions {
  const parsed = schema.safeParse(flags);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    throw new JouleworkError({
      code: "OPTION_INVALID",
      what: `The option --${name} makes no sense`,
      values: { [name]: flags[name as keyof SimulateFlags] ?? "", problem: issue?.message ?? "" },
      hint: "Days are a whole number from 1 to 400; a seed is a whole number.",
    });
  }
  const { days, seed, json } = parsed.data;
  return {
    ...(days === undefined ? {} : { days }),
    ...(seed === undefined ? {} : { seed }),
    ...(json === undefined ? {} : { json }),
  };
}
