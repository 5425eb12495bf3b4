import type { Kind } from "../../../../src/training/reproducible/primitives.ts";

/** Formulas of the primitive operations: v0, v1 … are the operands, c0, c1 … constants, a the accumulator before. */
export const FORMULAS: Readonly<Record<Kind, string>> = {
  byte: "a byte of the data set, at a place that seed and step choose",
  embed: "v1 + v2, where v0 chooses the element of v1",
  product: "v0 * v1",
  sum: "v0 + v1",
  scaled: "v0 * c0",
  productSum: "v0 * v1 + v2",
  differenceProduct: "(v0 - v1) * v2",
  inverseRoot: "1 / sqrt(v0 * c0 + c1)",
  quotient: "c0 / v0",
  exponential: "exp(v0 * c0 - v1)",
  gate: "1 / (1 + exp(-(v0 * (c0 + c1 * (v0 * v0)))))",
  gateGradient: "v0 * (v2 + (v2 * (1 - v2)) * (v1 * (c0 + c1 * (v1 * v1))))",
  loss: "log(v1) + (v2 - v3), where v0 chooses the element of v3",
  lossGradient: "v1 * v2, less c0 in the column that v0 names",
  centred: "(v0 - v1) - v2 * v3",
  scoreGradient: "(v0 * (v1 - v2)) * c0",
  choice: "the operand that the third coordinate names",
  correction: "1 / (1 - v0 * c0)",
  firstMoment: "c0 * v0 + c1 * v1",
  secondMoment: "c0 * v0 + c1 * (v1 * v1)",
  adamWeight: "v0 - (c0 * (v1 * v3)) / (sqrt(v2 * v4) + c1)",
  sgdWeight: "v0 - c0 * v1",
  octet: "a byte of one of the byte strings",
  word: "four bytes of one of the byte strings, the lowest first",
  dequantised: "v1 times the signed byte v0",
  chosen: "v1 where the integer v0 is not zero, else c0",
  lower: "the smaller of v0 and v1",
  higher: "the larger of v0 and v1",
  ratio: "v0 / v1",
  difference: "v0 - v1",
  microNats: "v0 * 1,000,000 to the nearest integer: 16 bits of it",
  wide: "the sum of integers vk * 2^(16 k): its high or its low 32 bits",
  digest: "SHA-256 of a byte string, after one block more",
  total: "a + v0",
  dot: "a + v0 * v1",
  squaredDifferences: "a + (v0 - v1) * (v0 - v1)",
  maximum: "the larger of a and v0 * c0",
  tokenGradient: "a + v1 where v0 is the third coordinate, else a",
  chosenTotal: "a + v1 where the integer v0 is not zero, else a",
  integerTotal: "a + v0 as integers of 32 bits",
};

/** A number of single precision by its bits; with the bits, since two that look alike may differ. */
export function floatWords(bits: number): string {
  const [value = 0] = new Float32Array(Uint32Array.of(bits).buffer);
  return `${String(value)} (0x${(bits >>> 0).toString(16).padStart(8, "0")})`;
}
