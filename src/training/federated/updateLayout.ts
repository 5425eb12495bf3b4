import type { ModelConfig } from "../types.ts";

/**
 * An update's bytes, all numbers little-endian:
 *
 *     0  4  "JWUP"
 *     4  2  version, 1
 *     6  2  values a block, 256
 *     8 16  layers, width, heads, context: 4 bytes each
 *    24  4  number of parameters
 *    28 4b  scales of the b blocks, single precision
 *  28+4b p  one signed byte a parameter
 */
export const UPDATE_LAYOUT = { magic: "JWUP", version: 1, blockSize: 256, headerBytes: 28 } as const;

/** A block's scale: zero, or normal and small enough that sums of many updates stay finite. */
export const SMALLEST_SCALE = 2 ** -126;
export const LARGEST_SCALE = 2 ** 20;
/** Largest size of a quantised value; -128 is not used, so that a negated update is an update. */
export const LARGEST_STEP = 127;

export function updateBlocks(parameters: number): number {
  return Math.ceil(parameters / UPDATE_LAYOUT.blockSize);
}

/** Length of every update of a model, bytes. */
export function updateBytes(parameters: number): number {
  return UPDATE_LAYOUT.headerBytes + 4 * updateBlocks(parameters) + parameters;
}

export function modelShape({ layers, width, heads, context }: ModelConfig): readonly number[] {
  return [layers, width, heads, context];
}
