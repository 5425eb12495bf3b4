import { resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";
import type { HomesPart } from "../../src/simulation/index.ts";
import type { Axis, AxisValue } from "../../src/simulation/sweep/index.ts";

export interface SimulateFlags {
  readonly days?: string;
  readonly seed?: string;
  readonly profiles?: string;
  readonly homes?: string;
  readonly json?: string;
  readonly csv?: string;
  readonly html?: string;
  readonly seeds?: string;
  readonly vary?: readonly string[];
  readonly threads?: string;
  readonly twin?: string;
  readonly agents?: string;
  readonly port?: string;
}

export interface SimulateOptions {
  readonly days: number | undefined;
  readonly seed: number | undefined;
  /** A folder of measurements in place of those that the scenario names. */
  readonly profiles: string | undefined;
  /** The part of the measured homes that is played. */
  readonly homes: HomesPart | undefined;
  readonly json: string | undefined;
  readonly csv: string | undefined;
  readonly html: string | undefined;
  /** Where several runs are asked for: their seeds, if given, and what they vary. */
  readonly sweep: { readonly seeds: readonly number[] | undefined; readonly axes: readonly Axis[] } | undefined;
  readonly threads: number | undefined;
  /** Where a day is to be replayed on a local chain. */
  readonly twin: { readonly day: number; readonly agents: number; readonly port: number } | undefined;
}

const MOST_RUNS_OF_SEEDS = 10_000;
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^-?\d+$/, "must be a whole number")
    .transform(Number)
    .pipe(
      z
        .int()
        .min(least, `must be at least ${String(least)}`)
        .max(most, `must be at most ${String(most)}`),
    );
const file = z.string().min(1, "must name a file");

/** Such as `1..20`, `7` or `1,4,9`. */
const seeds = z
  .string()
  .regex(/^(?:-?\d+\.\.-?\d+|-?\d+(?:,-?\d+)*)$/, "must be a range such as 1..20 or a list such as 1,4,9")
  .transform((text) => {
    const [first = 0, last] = text.split("..").map(Number);
    if (last === undefined) return [...new Set(text.split(",").map(Number))];
    return Array.from(
      { length: Math.max(0, Math.min(MOST_RUNS_OF_SEEDS + 1, last - first + 1)) },
      (_, place) => first + place,
    );
  })
  .refine((list) => list.length > 0, "must begin with the lower end")
  .refine((list) => list.length <= MOST_RUNS_OF_SEEDS, `must be at most ${String(MOST_RUNS_OF_SEEDS)} seeds`);

/** Such as `market.slopePpm=0,250000`; values are read as YAML reads them. */
const axis = z
  .string()
  .regex(/^[^=]+=.+$/, "must be a field and its values, such as market.slopePpm=0,250000")
  .transform((text): Axis => {
    const [path = "", list = ""] = text.split(/=(.*)/s);
    return { path, values: list.split(",").map(scalar) };
  })
  .refine(({ values }) => new Set(values).size === values.length, "must name each value once");

function scalar(text: string): AxisValue {
  const value: unknown = parseYaml(text);
  return typeof value === "number" || typeof value === "boolean" ? value : text.trim();
}

const schema = z.object({
  days: whole(1, 400).optional(),
  seed: whole(-(2 ** 31), 2 ** 31).optional(),
  profiles: z.string().min(1, "must name a folder").optional(),
  homes: z.enum(["all", "kept", "held-out"], "must be all, kept or held-out").optional(),
  json: file.optional(),
  csv: file.optional(),
  html: file.optional(),
  seeds: seeds.optional(),
  vary: z.array(axis).optional(),
  threads: whole(1, 256).optional(),
  twin: whole(1, 400).optional(),
  agents: whole(2, 200).optional(),
  port: whole(1, 65_535).optional(),
});

const TWIN = { agents: 24, port: 8_545 };
/** What each of these makes no sense beside, or without. */
const FOR_SWEEPS = ["csv", "threads"] as const;
const FOR_TWINS = ["agents", "port"] as const;
const NOT_FOR_TWINS = ["seeds", "vary", "json", "csv", "html"] as const;

/** The options of `npm run simulate`, checked; the first that is wrong is named. */
export function parseSimulateFlags(flags: SimulateFlags): SimulateOptions {
  const parsed = schema.safeParse(flags);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? "") as keyof SimulateFlags;
    throw refused(name, flags, issue?.message ?? "is wrong");
  }
  const { days, seed, profiles, homes, json, csv, html, threads, twin, agents, port, vary = [] } = parsed.data;
  const sweeps = parsed.data.seeds !== undefined || vary.length > 0;
  const refuseAll = (names: readonly (keyof SimulateFlags)[], why: string): void => {
    const given = names.find((name) => flags[name] !== undefined);
    if (given !== undefined) throw refused(given, flags, why);
  };
  if (!sweeps) refuseAll(FOR_SWEEPS, "is for sweeps: give --seeds or --vary");
  if (twin === undefined) refuseAll(FOR_TWINS, "is for --twin");
  else refuseAll(NOT_FOR_TWINS, "makes no sense with --twin, which prints what it compared");
  if (seed !== undefined && parsed.data.seeds !== undefined)
    throw refused("seed", flags, "makes no sense with --seeds");
  return {
    ...{ days, seed, homes, json, csv, html, threads },
    profiles: profiles === undefined ? undefined : resolve(profiles),
    sweep: sweeps ? { seeds: parsed.data.seeds, axes: vary } : undefined,
    twin: twin === undefined ? undefined : { day: twin, agents: agents ?? TWIN.agents, port: port ?? TWIN.port },
  };
}

function refused(name: keyof SimulateFlags, flags: SimulateFlags, problem: string): JouleworkError {
  return new JouleworkError({
    code: "OPTION_INVALID",
    what: `The option --${name} ${problem}`,
    values: { [name]: String(flags[name] ?? "") },
    hint: "Run `npm run simulate -- --help` for all options.",
  });
}
