import { z } from "zod";
import type { ScoringRule } from "../federated/types.ts";
import { specFormat } from "./canonicalSpec.ts";
import { hashField, modelField, rateField as rate, seedField } from "./specFields.ts";

const PPM = 1_000_000;
/** Above this, the losses of a slice are more than 32 bits add up. */
const MAX_SLICE_BYTES = 65_537;

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
    seed: hashField,
    /** Micro-nats as digits: JSON has no integers of that size. */
    toleranceMicroNats: z.string().regex(/^\d{1,18}$/, "must be whole micro-nats, as digits"),
  }),
]);

const fields = z.strictObject({
  format: z.literal("joulework-federated-1"),
  /** SHA-256 of the kernels that workers and evaluators run. */
  kernels: hashField,
  model: modelField,
  /** Of batches; each worker adds its place. */
  seed: seedField,
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
  /** Length of every validation slice, bytes. A job that tells it has its results measured by the chain where they are challenged. */
  sliceBytes: z.int().min(2).max(MAX_SLICE_BYTES).exactOptional(),
});

export const jobSpecSchema = fields.refine(
  ({ sliceBytes, measure: { kind } }) => sliceBytes === undefined || kind === "leave-one-out",
  {
    path: ["sliceBytes"],
    message: "results of Shapley values are not measured by the chain: leave the length of slices out",
  },
);

/** What a federated job trains and how its work is scored: what all who take part must agree on. */
export type JobSpec = z.output<typeof jobSpecSchema>;

const format = specFormat<JobSpec>(jobSpecSchema, "docs/jobs.md");

/** The bytes of a specification; their content address is the job's `specHash`. */
export const encodeJobSpec = format.encode;
export const jobSpecHash = format.hash;
/**
 * Reads the bytes of a specification.
 *
 * @throws JOB_SPEC_INVALID naming the field, also where the same specification would be written in other bytes.
 */
export const decodeJobSpec = format.decode;
/** A specification from a plain object, checked. */
export const parseJobSpec = format.parse;

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
