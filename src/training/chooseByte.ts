import { DRAWS, drawWords, unitFloat } from "./philox.ts";

export interface ChooseByteParameters {
  /** 1 leaves the model's probabilities as they are; 0 takes the most probable byte. */
  readonly temperature: number;
  readonly seed: number;
  /** Position of the byte in the sample. */
  readonly index: number;
  /** The kernels' own. */
  readonly exp: (x: number) => number;
}

/** Draws a byte by its probability; every step is rounded to 32 bits, so that machines agree. */
export function chooseByte(logits: Float32Array, { temperature, seed, index, exp }: ChooseByteParameters): number {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  if (temperature <= 0) return logits.indexOf(most);
  const parts = logits.map((logit) => exp(Math.fround(Math.fround(logit - most) / Math.fround(temperature))));
  const sums = new Float32Array(parts.length);
  let sum = 0;
  for (const [byte, part] of parts.entries()) {
    sum = Math.fround(sum + part);
    sums[byte] = sum;
  }
  const chosen = Math.fround(unitFloat(drawWords(seed, DRAWS.sampling, 0, index)[0]) * sum);
  const byte = sums.findIndex((upTo) => upTo > chosen);
  return byte < 0 ? parts.length - 1 : byte;
}
