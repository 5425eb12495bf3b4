import { z } from "zod";
import { specFormat } from "../../jobs/canonicalSpec.ts";
import { hashField, modelField, rateField, seedField } from "../../jobs/specFields.ts";

const share = z.number().min(0).lt(1);

export const reproducibleSpecSchema = z.strictObject({
  format: z.literal("joulework-reproducible-1"),
  /** SHA-256 of the kernels that provider and verifiers run. */
  kernels: hashField,
  /** SHA-256 of the text. */
  corpus: hashField,
  model: modelField,
  /** Of the initial weights and of batches. */
  seed: seedField,
  /** Sequences a step. */
  batch: z.int().min(1).max(65_536),
  optimizer: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("adam"),
      learningRate: rateField,
      beta1: share.exactOptional(),
      beta2: share.exactOptional(),
      epsilon: z.number().positive().lt(1).exactOptional(),
    }),
    z.strictObject({ kind: z.literal("sgd"), learningRate: rateField }),
  ]),
});

/** What a reproducible job trains, from its first step on: all that anybody needs to repeat it, beside the text. */
export type ReproducibleSpec = z.output<typeof reproducibleSpecSchema>;

const format = specFormat<ReproducibleSpec>(reproducibleSpecSchema, "docs/reproducible.md");

/** The bytes of a specification; their content address is the term `specification`. */
export const encodeReproducibleSpec = format.encode;
export const reproducibleSpecHash = format.hash;
/** @throws JOB_SPEC_INVALID naming the field, also where the same specification would be written in other bytes. */
export const decodeReproducibleSpec = format.decode;
/** A specification from a plain object, checked. */
export const parseReproducibleSpec = format.parse;
