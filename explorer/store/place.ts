import type { Position } from "./store.ts";

/**
 * Where something stands in the chain, as one number that sorts: block number times this, plus the index in the block. A
 * block of 2^20 logs would need some 400 million gas; 2^33 blocks are exact as a JavaScript number.
 */
export const PLACES_PER_BLOCK = 2 ** 20;

export function placeOf({ blockNumber, index }: Position): number {
  return blockNumber * PLACES_PER_BLOCK + index;
}
