import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";

export type PlaceFlags = Readonly<Record<"jobs" | "slots" | "seed" | "json" | "qasm" | "bqm", string | undefined>>;

const file = z.string().min(1).optional();
const schema = z.object({
  jobs: z.coerce.number().int().min(1).max(200).optional(),
  slots: z.coerce.number().int().min(1).max(96).optional(),
  seed: z.coerce.number().int().default(1),
  json: file,
  qasm: file,
  bqm: file,
});

export type PlaceOptions = z.output<typeof schema>;

export function parsePlaceFlags(flags: PlaceFlags): PlaceOptions {
  const parsed = schema.safeParse(flags);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0]);
  throw new JouleworkError({
    code: "OPTION_INVALID",
    what: `The option --${name} makes no sense`,
    values: { [name]: flags[name as keyof PlaceFlags] ?? "", problem: issue?.message ?? "" },
    hint: "Jobs are 1 to 200, slots 1 to 96, a seed is a whole number, and the others name files.",
  });
}
