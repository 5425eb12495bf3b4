import { JouleworkError } from "../errors.ts";

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes as 0x-hex in lower case. */
export function toHex(bytes: Uint8Array): string {
  let text = "0x";
  for (const byte of bytes) text += HEX[byte] ?? "";
  return text;
}

/** 0x-hex as bytes; with `length`, refuses any other length. */
export function toBytes(field: string, hex: string, length?: number): Uint8Array {
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(hex) || (length !== undefined && hex.length !== 2 + 2 * length)) {
    throw new JouleworkError({
      code: "HEX_INVALID",
      what: length === undefined ? `The ${field} is not hexadecimal` : `The ${field} does not have ${length} bytes`,
      values: { [field]: hex.length > 140 ? `${hex.slice(0, 140)}...` : hex },
      hint: "Give 0x and two hexadecimal digits a byte.",
    });
  }
  const bytes = new Uint8Array(hex.length / 2 - 1);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16);
  return bytes;
}

/** Writes a whole number below 2^53, most significant byte first. */
export function writeUint(bytes: Uint8Array, offset: number, width: number, value: number): void {
  let rest = value;
  for (let i = offset + width - 1; i >= offset; --i) {
    const high = Math.floor(rest / 256);
    bytes[i] = rest - high * 256;
    rest = high;
  }
}

/** Reads a whole number of at most 6 bytes, most significant byte first. */
export function readUint(bytes: Uint8Array, offset: number, width: number): number {
  let value = 0;
  for (let i = offset; i < offset + width; ++i) value = value * 256 + (bytes[i] ?? 0);
  return value;
}
