import { requireWhole } from "../../trainingErrors.ts";
import type { TapeProgram } from "../composeTape.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import { sha256BlockCount } from "../sha256Blocks.ts";
import { TapeBuilder, tensorSizes } from "../tapeBuilder.ts";
import { stringsJob, type StringsJob } from "./stringsJob.ts";

const DIGEST_WORDS = 8;

/**
 * The program that hashes one of some byte strings. Its state is the hash, which it does not read: a tensor of one chunk, so that the
 * root of the state after it is the string's content address.
 */
export function composeAddress(strings: number, string: number, bytes: number): TapeProgram {
  requireWhole("strings", strings, 1);
  requireWhole("string", string, 0);
  const state = ["digest"];
  const builder = new TapeBuilder(state.length, true);
  const blocks = sha256BlockCount(bytes);
  const digests = builder.digests("digests", string, blocks, [strings, bytes]);
  builder.add({
    name: "digest",
    kind: "choice",
    sizes: [1, 1, 1, DIGEST_WORDS],
    operands: [{ tensor: digests, offset: DIGEST_WORDS * (blocks - 1), strides: [0, 0, 0, 1] }],
  });
  const { primitives } = builder;
  return { state, primitives, sizes: tensorSizes([DIGEST_WORDS], primitives) };
}

/**
 * The content address of one of the byte strings of a measurement, as a reproducible job: its end state is the SHA-256 by which a
 * federated job knows an update or a slice, and its data set the root by which a measurement does.
 */
export function addressJob(
  strings: readonly Uint8Array[],
  string: number,
  functions: KernelFunctions,
): Promise<StringsJob> {
  const tape = composeAddress(strings.length, string, strings[string]?.length ?? 0);
  return stringsJob({ tape, start: [new Float32Array(DIGEST_WORDS)], strings, functions });
}
