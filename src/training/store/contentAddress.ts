import { createHash } from "node:crypto";

/** The content address of bytes: their SHA-256 as 0x and 64 lower-case digits, which fits a `bytes32`. */
export function contentAddress(bytes: Uint8Array): string {
  return `0x${createHash("sha256").update(bytes).digest("hex")}`;
}
