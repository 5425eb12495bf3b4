/**
 * A global state's bytes, all numbers little-endian:
 *
 *     0  4  "JWGS"
 *     4  4  version, 1
 *     8 16  layers, width, heads, context: 4 bytes each
 *    24  4  number of parameters, p
 *    28  4  rounds that led here
 *    32 4p  weights, single precision
 * 32+4p 4p  momentum of the outer optimizer, single precision
 */
export const STATE_LAYOUT = { magic: "JWGS", version: 1, headerBytes: 32 } as const;
