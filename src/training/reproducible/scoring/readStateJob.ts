import { STATE_LAYOUT } from "../../federated/stateLayout.ts";
import { layOutParameters } from "../../parameters.ts";
import type { ModelConfig } from "../../types.ts";
import type { TapeProgram } from "../composeTape.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import { TapeBuilder, tensorSizes } from "../tapeBuilder.ts";
import { addDigest, DIGEST_WORDS } from "./addressJob.ts";
import { stateBytes, stateWords, vectorNames } from "./stateWords.ts";
import { stringsJob, type StringsJob } from "./stringsJob.ts";

const HEADER_WORDS = STATE_LAYOUT.headerBytes / 4;
const STRINGS = 2;
const NEXT = 1;

/**
 * The program that reads the bytes of two states, of a model and of the one after a round. Its state is what ties them to a result:
 * the content address of the next one, the headers of both, and the next one's weights and momentum, a tensor for each parameter.
 */
export function composeReadState(model: ModelConfig): TapeProgram {
  const parameters = layOutParameters(model);
  const state = ["digest", "header.model", "header.next", ...vectorNames(parameters)];
  const builder = new TapeBuilder(state.length, true);
  const bytes = stateBytes(parameters);
  addDigest(builder, NEXT, STRINGS, bytes);
  ["header.model", "header.next"].forEach((name, tensor) => {
    const place = { tensor, strides: [0, 0, 0, 4] as const };
    builder.strings(name, "word", [1, 1, 1, HEADER_WORDS], place, [STRINGS, bytes]);
  });
  // They come last, as a state's tensors have to.
  stateWords({ builder, parameters, string: NEXT, strings: STRINGS, prefix: "" });
  const counts = parameters.all.map(({ rows, columns }) => rows * columns);
  const { primitives } = builder;
  const sizes = tensorSizes([DIGEST_WORDS, HEADER_WORDS, HEADER_WORDS, ...counts, ...counts], primitives);
  return { state, primitives, sizes };
}

/** The reading of a round's two states as a reproducible job. */
export function readStateJob(
  model: ModelConfig,
  before: Uint8Array,
  next: Uint8Array,
  functions: KernelFunctions,
): Promise<StringsJob> {
  return stringsJob({ tape: composeReadState(model), strings: [before, next], functions });
}
