import { JouleworkError, type ErrorValue } from "../../errors.ts";

const HINTS = {
  STORE_HASH_INVALID: "Give 0x and 64 lower-case hexadecimal digits.",
  STORE_MISSING: "Ask who announced the hash for the bytes, or look in another store.",
  STORE_DAMAGED: "Delete the entry and store the bytes again: what is there now has another hash.",
  STORE_TOO_LARGE: "An update's length follows from its model; raise the store's limit only for a larger model.",
  STORE_FULL: "Make room on the disk and store again; nothing was kept of this one.",
  STORE_UNWRITABLE: "Check that the folder exists and that this user may write there.",
  STORE_UNREACHABLE: "Check the address and that the server runs; the attempts are over.",
  STORE_REFUSED: "Check the address and the token: the server does not accept this request.",
  STORE_URL_INVALID: "Give an http or https address without user, password, query or fragment.",
} as const;

/** The expected failures of a store. */
export function storeError(
  code: keyof typeof HINTS,
  what: string,
  values: Readonly<Record<string, ErrorValue>>,
  cause?: unknown,
): JouleworkError {
  return new JouleworkError({ code, what, values, hint: HINTS[code], ...(cause === undefined ? {} : { cause }) });
}

/** @throws STORE_HASH_INVALID, before a hash becomes part of a path. */
export function requireHash(hash: string): void {
  if (/^0x[0-9a-f]{64}$/.test(hash)) return;
  throw storeError("STORE_HASH_INVALID", "This is no content address", { hash: hash.slice(0, 80) });
}

/** @throws STORE_TOO_LARGE */
export function requireSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw storeError("STORE_TOO_LARGE", "The bytes are more than the store takes", { bytes, maxBytes });
}

/** Large enough for the state of a model of eight million weights. */
export const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
