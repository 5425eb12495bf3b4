import { JouleworkError } from "../errors.ts";

/** Refuses what is not a whole number of at most `bits` bits (up to 53), naming the field. */
export function requireBits(field: string, value: number, bits: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new JouleworkError({
      code: "FIELD_OUT_OF_RANGE",
      what: `The field does not fit its ${bits} bits`,
      values: { [field]: value },
      hint: `Give a whole number from 0 to ${2 ** bits - 1}.`,
    });
  }
  return value;
}

/** The same for amounts. */
export function requireBigBits(field: string, value: bigint, bits: number): bigint {
  if (value < 0n || value >> BigInt(bits) !== 0n) {
    throw new JouleworkError({
      code: "FIELD_OUT_OF_RANGE",
      what: `The field does not fit its ${bits} bits`,
      values: { [field]: value },
      hint: `Give a whole number below 2^${bits}.`,
    });
  }
  return value;
}

/** The bits [from, from + width) of a word as a number; width at most 53. */
export function bitsOf(word: bigint, from: number, width: number): number {
  return Number(BigInt.asUintN(width, word >> BigInt(from)));
}

/** A word given as a number or as the hex of an event or storage slot. */
export function wordOf(word: bigint | string): bigint {
  const value = typeof word === "string" ? hexWord(word) : word;
  return requireBigBits("word", value, 256);
}

function hexWord(text: string): bigint {
  if (/^0x[0-9a-f]{1,64}$/i.test(text)) return BigInt(text);
  throw new JouleworkError({
    code: "WORD_INVALID",
    what: "The text is not a 32-byte word",
    values: { text },
    hint: "Give at most 64 hexadecimal digits after 0x.",
  });
}
