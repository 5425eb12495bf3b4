import { availableParallelism } from "node:os";
import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";
import { TUNABLES, type Tunable } from "../../src/tuning/index.ts";

export interface TuneFlags {
  readonly propose?: true;
  readonly playOn?: true;
  readonly measure?: string;
  readonly network?: string;
  readonly rpc?: string;
  readonly deployment?: string;
  readonly season?: string;
  readonly zone?: string;
  readonly seed?: string;
  readonly save?: string;
  readonly seeds?: string;
  readonly heldOut?: string;
  readonly generations?: string;
  readonly days?: string;
  readonly threads?: string;
  readonly json?: string;
  readonly proposal?: string;
  readonly fromSlot?: string;
  readonly keep?: readonly string[];
  readonly constants?: true;
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

const keep = z
  .array(z.enum([...NAMES, "nothing"], `must be one of ${NAMES.join(", ")}, or nothing`))
  .transform((names) => names.filter((name) => name !== "nothing"));

const searchShape = {
  /** How many seeds from 1 on the search sees, and how many after those judge it. */
  seeds: whole(1, 1_000).default(3),
  heldOut: whole(1, 1_000).default(3),
  generations: whole(1, 1_000).default(3),
  constants: z.literal(true).optional(),
  threads: whole(1, 256).default(() => availableParallelism()),
  json: file.optional(),
};
const chainShape = {
  network: z.string().min(1, "must name a network").default("localhost"),
  rpc: z.url({ protocol: /^https?$/, error: "must be an HTTP URL" }).optional(),
  deployment: z.string().min(1, "must name a deployment").optional(),
};

const scenarioSchema = z
  .strictObject({
    scenario: file,
    ...searchShape,
    keep: keep.default([]),
    days: whole(1, 400).optional(),
    proposal: file.optional(),
    fromSlot: whole(1, 0xffffff).optional(),
  })
  .refine(({ proposal, fromSlot }) => (proposal === undefined) === (fromSlot === undefined), {
    path: ["fromSlot"],
    error: "goes with --proposal: the first slot of the new terms, beyond voting and the timelock's delay",
  });

const proposeSchema = z
  .strictObject({
    propose: z.literal(true),
    ...searchShape,
    /** On energy as it was measured a smaller spread is a gift of the grid's and nothing else. */
    keep: keep.default(["spreadPpm"]),
    ...chainShape,
    playOn: z.literal(true).optional(),
    season: whole(1, 0xffffffff).optional(),
    zone: whole(1, 4_095).optional(),
    seed: whole(0, 2 ** 31 - 1).optional(),
    save: z.string().min(1, "must name a folder").optional(),
  })
  .refine(({ playOn, seed }) => playOn === true || seed === undefined, {
    path: ["seed"],
    error: "goes with --play-on: the seed of `npm start`, by which the community's devices sign",
  })
  .transform(({ deployment, network, seed = 1, playOn = false, ...others }) => ({
    ...others,
    ...{ network, seed, playOn, deployment: deployment ?? network },
  }));

const measureSchema = z
  .strictObject({ measure: file, ...chainShape, json: file.optional() })
  .transform(({ deployment, network, ...others }) => ({ ...others, network, deployment: deployment ?? network }));

export type ScenarioOptions = z.output<typeof scenarioSchema>;
export type ProposeOptions = z.output<typeof proposeSchema>;
export type MeasureOptions = z.output<typeof measureSchema>;
export type SearchOptions = Pick<ScenarioOptions, keyof typeof searchShape | "keep">;

/**
 * What is asked for: to tune a scenario's file, to tune a chain's season and propose, or to measure the season after.
 *
 * @throws JouleworkError OPTION_INVALID naming the option and its value.
 */
export function parseTuneOptions(
  scenario: string | undefined,
  flags: TuneFlags,
): ScenarioOptions | ProposeOptions | MeasureOptions {
  if (flags.measure !== undefined) return parse(measureSchema, flags, scenario);
  if (flags.propose !== undefined) return parse(proposeSchema, flags, scenario);
  if (scenario === undefined)
    throw invalid("scenario", "is missing: name a file, or tune a chain with --propose", "none");
  return parse(scenarioSchema, { scenario, ...flags }, undefined);
}

function parse<T>(
  schema: z.ZodType<T>,
  flags: TuneFlags & { readonly scenario?: string },
  scenario: string | undefined,
): T {
  if (scenario !== undefined) throw invalid("scenario", "goes neither with --propose nor with --measure", scenario);
  const parsed = schema.safeParse(flags);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [name, problem] =
    issue?.code === "unrecognized_keys"
      ? [issue.keys[0] ?? "", "does not go with the others"]
      : [String(issue?.path[0] ?? ""), issue?.message ?? "cannot be read"];
  throw invalid(name, problem, String(flags[name as keyof TuneFlags] ?? "none"));
}

function invalid(name: string, problem: string, value: string): JouleworkError {
  const option = name === "scenario" ? "<scenario>" : `--${name.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`;
  return new JouleworkError({
    code: "OPTION_INVALID",
    what: `The option ${option} is wrong: it ${problem}`,
    values: { [name]: value },
    hint: "npm run tune -- --help lists the options.",
  });
}
