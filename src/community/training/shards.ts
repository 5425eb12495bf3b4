import { randomStream } from "../../meters/profiles/randomStream.ts";
import type { WorkerPart } from "./chooseProviders.ts";

/** Bytes of the smallest shard. */
const TINY_BYTES = 400;

/**
 * One shard of a text for each worker, equal parts that do not overlap: a clean worker has its part as it is, a half-corrupted
 * one has every second stretch of 64 bytes replaced by random ones, a tiny one only the beginning.
 */
export function shardText(text: Uint8Array, parts: readonly WorkerPart[], seed: number): Uint8Array[] {
  const length = Math.floor(text.length / parts.length);
  return parts.map((part, place) => {
    const shard = text.slice(place * length, (place + 1) * length);
    if (part === "tiny") return shard.slice(0, TINY_BYTES);
    if (part !== "half-corrupted") return shard;
    const random = randomStream(seed, "corrupted shard", String(place));
    return shard.map((byte, i) => (Math.floor(i / 64) % 2 === 0 ? byte : Math.floor(random.between(0, 256))));
  });
}
