import { createHash } from "node:crypto";

/** SHA-256 of the weights as little-endian 32-bit floats, lower-case hexadecimal with 0x. */
export function hashWeights(weights: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(weights.length * 4));
  weights.forEach((weight, index) => bytes.setFloat32(index * 4, weight, true));
  return `0x${createHash("sha256").update(new Uint8Array(bytes.buffer)).digest("hex")}`;
}
