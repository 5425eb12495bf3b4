import type { TapeProgram } from "../composeTape.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import { sha256BlockCount } from "../sha256Blocks.ts";
import { TapeBuilder, tensorSizes } from "../tapeBuilder.ts";
import { stringsJob, type StringsJob } from "./stringsJob.ts";

export const DIGEST_WORDS = 8;

/**
 * The program that hashes a byte string. Its state is the hash: a tensor of one chunk, so that the root of the state after it is the
 * string's content address. Its data set is the string alone, whose tree's root is the data set's.
 */
export function composeAddress(bytes: number): TapeProgram {
  const state = ["digest"];
  const builder = new TapeBuilder(state.length, true);
  addDigest(builder, 0, 1, bytes);
  const { primitives } = builder;
  return { state, primitives, sizes: tensorSizes([DIGEST_WORDS], primitives) };
}

/** Adds the SHA-256 of one of some byte strings: what is kept of the hashes after each of its blocks; gives its tensor. */
export function addDigest(builder: TapeBuilder, string: number, strings: number, bytes: number): number {
  const blocks = sha256BlockCount(bytes);
  const digests = builder.digests("digests", string, blocks, [strings, bytes]);
  return builder.add({
    name: "digest",
    kind: "choice",
    sizes: [1, 1, 1, DIGEST_WORDS],
    operands: [{ tensor: digests, offset: DIGEST_WORDS * (blocks - 1), strides: [0, 0, 0, 1] }],
  });
}

/**
 * The content address of a byte string as a reproducible job: its end state is the SHA-256 by which a federated job knows an update, a
 * slice or a state, and its data set the root by which a measurement does.
 */
export function addressJob(bytes: Uint8Array, functions: KernelFunctions): Promise<StringsJob> {
  return stringsJob({ tape: composeAddress(bytes.length), strings: [bytes], functions });
}
