import { z } from "zod";
import type { ClearingRule } from "../../src/market/clearing.ts";
import { JouleworkError } from "../../src/errors.ts";
import { slotOf } from "../../src/units.ts";

export interface StartFlags {
  readonly once?: true;
  readonly days: string;
  readonly meters: string;
  readonly seed: string;
  readonly start: string;
  readonly rule: string;
  readonly profiles?: string;
  readonly report?: string;
  readonly data?: string;
  readonly port: string;
  /** False with --no-explorer. */
  readonly explorer?: boolean;
  readonly explorerPort?: string;
  readonly quiet?: true;
}

export interface StartOptions {
  readonly once: boolean;
  readonly days: number;
  readonly meters: number;
  readonly seed: number;
  readonly start: Date;
  readonly firstSlot: number;
  readonly rule: ClearingRule;
  readonly profiles: string | undefined;
  readonly report: string | undefined;
  readonly data: string | undefined;
  readonly port: number;
  /** Whether pages are served beside the node: not where the run ends at once. */
  readonly explorer: boolean;
  readonly explorerPort: number | undefined;
  readonly quiet: boolean;
}

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2400, 0, 1);

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .pipe(
      z
        .number()
        .min(least, `must be at least ${String(least)}`)
        .max(most, `must be at most ${String(most)}`),
    );

const schema = z.object({
  once: z.literal(true).optional(),
  days: whole(1, 31),
  meters: whole(24, 800),
  seed: whole(0, 2 ** 31 - 1),
  start: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "must be a date, YYYY-MM-DD")
    // Date alone takes 31 February for 3 March.
    .refine((text) => z.iso.date().safeParse(text).success, "is not a day of the calendar")
    .transform((text) => new Date(`${text}T00:00:00Z`))
    .refine((date) => date.getTime() >= EARLIEST && date.getTime() <= LATEST, "must lie between 2000 and 2400"),
  rule: z.enum(["midpoint", "sbba"], "must be midpoint or sbba"),
  profiles: z.string().min(1, "must name a folder").optional(),
  report: z.string().min(1, "must name a file").optional(),
  data: z.string().min(1, "must name a folder").optional(),
  port: whole(1, 65_535),
  explorer: z.boolean().optional(),
  explorerPort: whole(1, 65_535).optional(),
  quiet: z.literal(true).optional(),
});

/** The options of `npm start`, checked; the first that is wrong is named. */
export function startOptions(flags: StartFlags): StartOptions {
  const parsed = schema.safeParse(flags);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? "");
    throw new JouleworkError({
      code: "OPTION_INVALID",
      what: `The option --${name === "explorerPort" ? "explorer-port" : name} ${issue?.message ?? "is wrong"}`,
      values: { [name]: String(Object.entries(flags).find(([key]) => key === name)?.[1]) },
      hint: "Run `npm start -- --help` for all options.",
    });
  }
  const { once, quiet, profiles, report, data, explorer = true, explorerPort, ...rest } = parsed.data;
  return {
    ...rest,
    profiles,
    report,
    data,
    once: once ?? false,
    explorer: explorer && once === undefined,
    explorerPort,
    quiet: quiet ?? false,
    firstSlot: slotOf(rest.start.getTime() / 1000),
  };
}
