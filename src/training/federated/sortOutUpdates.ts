import { contentAddress } from "../store/contentAddress.ts";
import type { ModelConfig } from "../types.ts";
import { decodeUpdate } from "./decodeUpdate.ts";
import { isFederatedError } from "./federatedError.ts";
import type { RevealedUpdate, Verdict } from "./types.ts";

export interface SortOutParameters {
  readonly model: ModelConfig;
  readonly parameters: number;
  /** In the order of the seats. */
  readonly updates: readonly RevealedUpdate[];
  /** Hashes of the updates of earlier rounds. */
  readonly earlier: ReadonlySet<string>;
}

/** What is known of an update without measuring it. */
export interface SortedUpdate {
  readonly seat: number;
  readonly hash: string | null;
  /** Null for what has to be measured. */
  readonly verdict: Verdict | null;
  readonly values: Float32Array;
}

/** Tells apart what needs no measuring: no update, a stale one, a copy, an empty one. */
export function sortOutUpdates({ model, parameters, updates, earlier }: SortOutParameters): SortedUpdate[] {
  const seen = new Set<string>();
  const inOrder = updates
    .map((update, seat) => ({ ...update, seat }))
    .sort((a, b) => a.commitOrder - b.commitOrder || a.seat - b.seat);
  return inOrder
    .map(({ bytes, seat, sizeBytes }): SortedUpdate => {
      const none = { seat, values: new Float32Array(0) };
      if (bytes === null) return { ...none, hash: null, verdict: "refused" };
      const hash = contentAddress(bytes);
      const values = sizeBytes === undefined || sizeBytes === bytes.length ? read(model, parameters, bytes) : null;
      if (values === null) return { ...none, hash, verdict: "refused" };
      if (earlier.has(hash)) return { seat, hash, verdict: "stale", values };
      // Scales that differ in their last bit can give the same values, which have a hash of their own.
      const content = contentAddress(new Uint8Array(values.buffer));
      const copied = seen.has(content);
      seen.add(content);
      if (copied) return { seat, hash, verdict: "copy", values };
      return { seat, hash, verdict: values.every((value) => value === 0) ? "empty" : null, values };
    })
    .sort((a, b) => a.seat - b.seat);
}

function read(model: ModelConfig, parameters: number, bytes: Uint8Array): Float32Array | null {
  try {
    return decodeUpdate(model, parameters, bytes);
  } catch (error) {
    if (isFederatedError(error)) return null;
    throw error;
  }
}
