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

const MOST_PREDICTED = 2 ** 16;

/** Parts of losses of 16 bits each are added in 32 bits. */
export function requireSliceBytes(bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes >= 2 && bytes <= MOST_PREDICTED + 1) return;
  throw new JouleworkError({
    code: "SLICE_SIZE",
    what: "A validation slice that can be disputed has from 2 to 65,537 bytes",
    values: { bytes },
    hint: "Give a shorter validation text, or spread it over more rounds.",
  });
}
