import { JouleworkError } from "../../errors.ts";

/** Bytes are counted in 32 bits, and a batch needs a beginning. */
export function requireCorpusBytes(bytes: number, context: number): void {
  if (Number.isSafeInteger(bytes) && bytes > context && bytes < 2 ** 32) return;
  throw new JouleworkError({
    code: "CORPUS_SIZE",
    what: "A text for a reproducible job is longer than the model's context and shorter than 4 GiB",
    values: { bytes, context },
    hint: "Give another text, or a smaller context.",
  });
}
