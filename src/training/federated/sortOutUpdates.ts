import { contentAddress } from "../store/contentAddress.ts";
import type { ModelConfig } from "../types.ts";
import { decodeUpdate } from "./decodeUpdate.ts";
import { isFederatedError } from "./federatedError.ts";
import type { RevealedUpdate, Verdict } from "./types.ts";
import { updateBytes } from "./updateLayout.ts";

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
  readonly verdict: Extract<Verdict, "refused" | "stale" | "copy"> | null;
  /** Its bytes, where they are its own and have an update's length, also as its reveal told; readable or not. */
  readonly bytes: Uint8Array | null;
}

/** Tells apart what needs no measuring: no update, a stale one, a copy. */
export function sortOutUpdates({ model, parameters, updates, earlier }: SortOutParameters): SortedUpdate[] {
  const seen = new Set<string>();
  const inOrder = updates
    .map((update, seat) => ({ ...update, seat }))
    .sort((a, b) => a.commitOrder - b.commitOrder || a.seat - b.seat);
  return inOrder
    .map(({ bytes, seat, sizeBytes }): SortedUpdate => {
      if (bytes === null) return { seat, hash: null, verdict: "refused", bytes: null };
      const hash = contentAddress(bytes);
      const known = earlier.has(hash) ? "stale" : seen.has(hash) ? "copy" : null;
      seen.add(hash);
      const length = updateBytes(parameters);
      const whole = bytes.length === length && (sizeBytes ?? length) === length;
      const readable = whole && isReadable(model, parameters, bytes);
      return { seat, hash, verdict: readable ? known : "refused", bytes: whole && known === null ? bytes : null };
    })
    .sort((a, b) => a.seat - b.seat);
}

function isReadable(model: ModelConfig, parameters: number, bytes: Uint8Array): boolean {
  try {
    decodeUpdate(model, parameters, bytes);
    return true;
  } catch (error) {
    if (isFederatedError(error)) return false;
    throw error;
  }
}
