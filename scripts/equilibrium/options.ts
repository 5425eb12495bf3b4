import { availableParallelism } from "node:os";
import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";
import { LEVERS, RULES, type Rule } from "../../src/equilibrium/index.ts";

/** As commander gives them. */
export interface EquilibriumFlags {
  readonly scenario: string;
  readonly rule?: readonly string[];
  readonly lever?: readonly string[];
  readonly sizes: string;
  readonly seeds: string;
  readonly seed: string;
  readonly threads?: string;
  readonly game: boolean;
  readonly json?: string;
  readonly html?: string;
}

export interface EquilibriumOptions {
  readonly scenario: string;
  readonly rules: readonly Rule[];
  readonly levers: readonly string[];
  readonly sizes: readonly number[];
  readonly seeds: number;
  readonly seed: number;
  readonly threads: number;
  readonly game: boolean;
  readonly json?: string;
  readonly html?: string;
}

const MOST_THREADS = 64;
const sizes = z
  .string()
  .transform((text) => text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part))))
  .pipe(z.array(z.int().min(4).max(1_024)).min(1));

const schema = z.object({
  scenario: z.string().min(1),
  rule: z
    .array(z.enum(RULES))
    .min(1)
    .default([...RULES]),
  lever: z
    .array(z.enum(LEVERS))
    .min(1)
    .default([...LEVERS]),
  sizes,
  seeds: z.coerce.number().int().min(8).max(100_000),
  seed: z.coerce.number().int(),
  threads: z.coerce.number().int().min(1).max(MOST_THREADS).default(Math.min(MOST_THREADS, availableParallelism())),
  game: z.boolean(),
  json: z.string().min(1).optional(),
  html: z.string().min(1).optional(),
});

const HINTS: Readonly<Record<string, string>> = {
  rule: `Name a clearing rule: ${RULES.join(", ")}.`,
  lever: `Name a lever: ${LEVERS.join(", ")}.`,
  sizes: "Give whole numbers of traders from 4 to 1,024, with commas between them, such as 4,16,64.",
  seeds: "Give a whole number of markets from 8 to 100,000.",
  seed: "Give a whole number.",
  threads: `Give a whole number from 1 to ${String(MOST_THREADS)}.`,
};

/** @throws OPTION_INVALID naming the option and what it may be. */
export function parseEquilibriumFlags(flags: EquilibriumFlags): EquilibriumOptions {
  const parsed = schema.safeParse(flags);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    const value = flags[name as keyof EquilibriumFlags];
    throw new JouleworkError({
      code: "OPTION_INVALID",
      what: `The option --${name} makes no sense`,
      values: { [name]: [value].flat().join(","), problem: issue?.message ?? "" },
      hint: HINTS[name] ?? "Give a text that is not empty.",
    });
  }
  const { rule, lever, json, html, ...rest } = parsed.data;
  return {
    ...rest,
    rules: RULES.filter((known) => rule.includes(known)),
    levers: LEVERS.filter((known) => lever.includes(known)),
    sizes: [...new Set(parsed.data.sizes)].sort((a, b) => a - b),
    ...(json === undefined ? {} : { json }),
    ...(html === undefined ? {} : { html }),
  };
}
