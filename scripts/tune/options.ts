import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";
import { TUNABLES, type Tunable } from "../../src/tuning/index.ts";

export interface TuneFlags {
  readonly seeds?: string;
  readonly heldOut?: string;
  readonly generations?: string;
  readonly days?: string;
  readonly threads?: string;
  readonly json?: string;
  readonly proposal?: string;
  readonly fromSlot?: string;
  readonly keep?: readonly string[];
}

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .pipe(
      z
        .int()
        .min(least, `must be at least ${String(least)}`)
        .max(most, `must be at most ${String(most)}`),
    );
const file = z.string().min(1, "must name a file");

const NAMES = TUNABLES.map(({ name }) => name) as [Tunable["name"], ...Tunable["name"][]];

const schema = z
  .object({
    /** How many seeds from 1 on the search sees, and how many after those judge it. */
    seeds: whole(1, 1_000).default(3),
    heldOut: whole(1, 1_000).default(3),
    generations: whole(1, 1_000).default(3),
    days: whole(1, 400).optional(),
    threads: whole(1, 256).optional(),
    json: file.optional(),
    proposal: file.optional(),
    fromSlot: whole(1, 0xffffff).optional(),
    keep: z.array(z.enum(NAMES, `must be one of ${NAMES.join(", ")}`)).default([]),
  })
  .refine(({ proposal, fromSlot }) => (proposal === undefined) === (fromSlot === undefined), {
    path: ["fromSlot"],
    error: "goes with --proposal: the first slot of the new terms, beyond voting and the timelock's delay",
  });

export type TuneOptions = z.output<typeof schema>;

/** @throws JouleworkError OPTION_INVALID naming the option and its value. */
export function parseTuneOptions(flags: TuneFlags): TuneOptions {
  const parsed = schema.safeParse(flags);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? "");
  const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new JouleworkError({
    code: "OPTION_INVALID",
    what: `The option ${option} is wrong: it ${issue?.message ?? "cannot be read"}`,
    values: { [name]: String(flags[name as keyof TuneFlags] ?? "none") },
    hint: "npm run tune -- --help lists the options.",
  });
}
