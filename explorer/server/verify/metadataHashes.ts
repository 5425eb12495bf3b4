import type { CodePlace } from "./compareBytecode.ts";

// CBOR of {"ipfs": <multihash of 34 bytes>, "solc": <3 bytes>} with its length behind it, as the compiler appends it
// (https://docs.soliditylang.org/en/latest/metadata.html). A contract that creates others carries theirs within its code.
const METADATA = /64697066735822(1220[0-9a-f]{64})64736f6c6343[0-9a-f]{6}0033/g;
const HASH_AFTER = 7;
const HASH_BYTES = 34;

/** Where the code (hex digits in lower case, without 0x) holds hashes of metadata. */
export function metadataHashes(code: string): readonly CodePlace[] {
  return [...code.matchAll(METADATA)]
    .filter(({ index }) => index % 2 === 0)
    .map(({ index }) => ({ start: index / 2 + HASH_AFTER, length: HASH_BYTES }));
}
