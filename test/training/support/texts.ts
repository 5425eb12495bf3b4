import { createHash } from "node:crypto";

const WORDS =
  "the meter reads energy from solar panels and sells what a house does not need to neighbours who pay with credits at noon".split(
    " ",
  );

/** Sentences of one language: which word follows which is drawn, but not any word follows any. */
export function sentences(seed: string, bytes: number): Uint8Array {
  let text = "";
  for (let i = 0, word = 0; text.length < bytes; ++i) {
    text += `${WORDS[word] ?? ""} `;
    word = (word * 3 + 1 + (byteAt(seed, i) % 4)) % WORDS.length;
  }
  return new TextEncoder().encode(text).subarray(0, bytes);
}

/** Bytes without any order. */
export function noise(seed: string, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => byteAt(`noise ${seed}`, i));
}

/** A text whose second part, of `share`, is noise. */
export function corrupted(seed: string, bytes: number, share: number): Uint8Array {
  const clean = Math.round(bytes * (1 - share));
  return Buffer.concat([sentences(seed, clean), noise(seed, bytes - clean)]);
}

function byteAt(seed: string, place: number): number {
  return createHash("sha256").update(`${seed} ${place}`).digest()[0] ?? 0;
}
