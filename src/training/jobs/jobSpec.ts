import { z } from "zod";
import { JouleworkError } from "../../errors.ts";
import { contentAddress } from "../store/contentAddress.ts";
import type { ScoringRule } from "../federated/types.ts";
import { canonicalJson } from "./canonicalJson.ts";

const PPM = 1_000_000;
const MAX_SPEC_BYTES = 64 * 1024;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/, "must be 32 bytes in lower-case hexadecimal with 0x");
const rate = z.number().positive().max(1_000);

const aggregation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("mean") }),
  z.strictObject({ kind: z.literal("median") }),
  z.strictObject({
    kind: z.literal("trimmed-mean"),
    trimPpm: z
      .int()
      .min(0)
      .max(PPM / 2 - 1),
  }),
]);

const measure = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("leave-one-out") }),
  z.strictObject({
    kind: z.literal("shapley"),
    permutations: z.int().min(1).max(1_000),
    seed: hash,
    /** Micro-nats as digits: JSON has no integers of that size. */
    toleranceMicroNats: z.string().regex(/^\d{1,18}$/, "must be whole micro-nats, as digits"),
  }),
]);

export const jobSpecSchema = z.strictObject({
  format: z.literal("joulework-federated-1"),
  /** SHA-256 of the kernels that workers and evaluators run. */
  kernels: hash,
  model: z
    .strictObject({
      layers: z.int().min(1).max(256),
      width: z.int().min(4).max(65_536),
      heads: z.int().min(1).max(1_024),
      context: z.int().min(2).max(65_536),
    })
    .refine(({ width, heads }) => width % heads === 0, "the width must be a multiple of the heads"),
  /** Of batches; each worker adds its place. */
  seed: z.int().min(0).max(0xffffffff),
  local: z.strictObject({
    /** Local steps a round, DiLoCo's H. */
    steps: z.int().min(1).max(1_000_000),
    batch: z.int().min(1).max(65_536),
    /** Of Adam. */
    learningRate: rate,
  }),
  outer: z.strictObject({ learningRate: rate, momentum: z.number().min(0).lt(1) }),
  aggregation,
  measure,
  nearCopyPpm: z.int().min(1).max(PPM),
  leastSharePpm: z
    .int()
    .min(0)
    .max(PPM / 2),
});

/** What a federated job trains and how its work is scored: what all who take part must agree on. */
export type JobSpec = z.output<typeof jobSpecSchema>;

/** The bytes of a specification; their content address is the job's `specHash`. */
export function encodeJobSpec(spec: JobSpec): Uint8Array {
  return new TextEncoder().encode(canonicalJson(parseJobSpec(spec)));
}

export function jobSpecHash(spec: JobSpec): string {
  return contentAddress(encodeJobSpec(spec));
}

/**
 * Reads the bytes of a specification.
 *
 * @throws JOB_SPEC_INVALID naming the field, also where the same specification would be written in other bytes.
 */
export function decodeJobSpec(bytes: Uint8Array): JobSpec {
  const text = readText(bytes);
  const spec = parseJobSpec(readJson(text));
  if (canonicalJson(spec) !== text) throw invalid("", "the bytes are not the canonical form");
  return spec;
}

/** A specification from a plain object, checked. */
export function parseJobSpec(value: unknown): JobSpec {
  const parsed = jobSpecSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(issue?.path.join(".") ?? "", issue?.message ?? "unreadable");
}

/** The rule that evaluators score by. */
export function scoringRule({ outer, aggregation, measure, nearCopyPpm, leastSharePpm }: JobSpec): ScoringRule {
  return {
    outer,
    aggregation,
    measure:
      measure.kind === "shapley" ? { ...measure, toleranceMicroNats: BigInt(measure.toleranceMicroNats) } : measure,
    nearCopyPpm,
    leastSharePpm,
  };
}

/** Tokens (bytes) that a worker trains on in a round. */
export function tokensPerRound({ local, model }: JobSpec): number {
  return local.steps * local.batch * model.context;
}

function readText(bytes: Uint8Array): string {
  if (bytes.length > MAX_SPEC_BYTES) throw invalid("", `is longer than ${String(MAX_SPEC_BYTES)} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("", "is no UTF-8 text");
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("", "is no JSON");
  }
}

function invalid(field: string, reason: string): JouleworkError {
  return new JouleworkError({
    code: "JOB_SPEC_INVALID",
    what: "The training job's specification is wrong",
    values: { ...(field === "" ? {} : { field }), reason },
    hint: "docs/jobs.md lists every field of a specification.",
  });
}
