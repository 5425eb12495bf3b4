import { JouleworkError } from "../errors.ts";
import { NUMBER_BITS } from "./abiTypes.ts";
import type { AbiParameter } from "./abiTypes.ts";
import { getChecksum } from "./checksum.ts";

/** Reads one value out of ABI-encoded hexadecimal text without its 0x; positions count characters. */
export interface AbiReader {
  /** Words that the value takes in the head. */
  readonly words: number;
  readonly dynamic: boolean;
  /** `head` is where the value's head stands, `frame` where the offsets of its surroundings count from. */
  read(hex: string, head: number, frame: number): unknown;
}

const WORD = 64;

/**
 * Prepares the reading of a parameter once, so that decoding a log costs a few substrings: a general decoder takes some
 * hundred times as long, which an audit of a whole chain cannot afford.
 */
export function createAbiReader(parameter: AbiParameter): AbiReader {
  if (parameter.type.endsWith("[]")) return arrayReader(parameter);
  if (parameter.type === "tuple") return tupleReader(parameter.components ?? []);
  const integer = /^(u?)int(\d+)$/.exec(parameter.type);
  if (integer !== null) {
    return word(integerReader(integer[1] !== "u", Number(integer[2]), parameter.name.endsWith("Wh")));
  }
  const fixed = /^bytes(\d+)$/.exec(parameter.type);
  if (fixed !== null) {
    const length = 2 * Number(fixed[1]);
    return word((hex, at) => `0x${wordAt(hex, at).slice(0, length)}`);
  }
  switch (parameter.type) {
    case "address":
      return word((hex, at) => getChecksum(`0x${wordAt(hex, at).slice(24)}`));
    case "bool":
      return word((hex, at) => smallUnsigned(hex, at, 1) === 1);
    case "bytes":
      return dynamic((hex, at) => `0x${bytesAt(hex, at)}`);
    case "string":
      return dynamic((hex, at) => Buffer.from(bytesAt(hex, at), "hex").toString("utf8"));
    default:
      throw new JouleworkError({
        code: "ABI_TYPE_UNSUPPORTED",
        what: "The interface has a type that the decoder does not read",
        values: { name: parameter.name, type: parameter.type },
        hint: "Use integers, addresses, booleans, bytes, strings, structs and arrays of unknown length.",
      });
  }
}

/** Prepares the reading of several parameters that stand side by side, into an object by name. */
export function createArgsReader(
  parameters: readonly AbiParameter[],
): (hex: string, at: number) => Record<string, unknown> {
  const fields = fieldsOf(parameters);
  return (hex, at) => readFields(fields, hex, at);
}

interface Field {
  readonly name: string;
  readonly offset: number;
  readonly reader: AbiReader;
}

function fieldsOf(parameters: readonly AbiParameter[]): Field[] {
  let offset = 0;
  return parameters.map((parameter, index) => {
    const reader = createAbiReader(parameter);
    const field = { name: parameter.name === "" ? String(index) : parameter.name, offset, reader };
    offset += reader.words * WORD;
    return field;
  });
}

function readFields(fields: readonly Field[], hex: string, at: number): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const field of fields) args[field.name] = field.reader.read(hex, at + field.offset, at);
  return args;
}

function tupleReader(components: readonly AbiParameter[]): AbiReader {
  const fields = fieldsOf(components);
  if (fields.some(({ reader }) => reader.dynamic)) return dynamic((hex, at) => readFields(fields, hex, at));
  const words = fields.reduce((sum, { reader }) => sum + reader.words, 0);
  return { words, dynamic: false, read: (hex, head) => readFields(fields, hex, head) };
}

function arrayReader(parameter: AbiParameter): AbiReader {
  const item = createAbiReader({ ...parameter, type: parameter.type.slice(0, -2) });
  const stride = item.words * WORD;
  return dynamic((hex, at) => {
    const length = lengthAt(hex, at);
    const start = at + WORD;
    if (length * stride > hex.length - start) throw truncated(hex, start);
    return Array.from({ length }, (_, index) => item.read(hex, start + index * stride, start));
  });
}

function word(read: (hex: string, at: number) => unknown): AbiReader {
  return { words: 1, dynamic: false, read: (hex, head) => read(hex, head) };
}

function dynamic(read: (hex: string, at: number) => unknown): AbiReader {
  return { words: 1, dynamic: true, read: (hex, head, frame) => read(hex, frame + 2 * lengthAt(hex, head)) };
}

function integerReader(signed: boolean, bits: number, energy: boolean): (hex: string, at: number) => number | bigint {
  if (!signed && bits <= NUMBER_BITS) {
    const max = 2 ** bits - 1;
    return (hex, at) => smallUnsigned(hex, at, max);
  }
  const big = (hex: string, at: number): bigint => {
    const value = BigInt(`0x${wordAt(hex, at)}`);
    const kept = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    if ((signed ? BigInt.asUintN(256, kept) : kept) !== value) throw tooWide(hex, at);
    return kept;
  };
  if (bits > NUMBER_BITS && !energy) return big;
  return (hex, at) => {
    const value = Number(big(hex, at));
    if (!Number.isSafeInteger(value)) throw tooWide(hex, at);
    return value;
  };
}

function smallUnsigned(hex: string, at: number, max: number): number {
  // Every value up to 2^53 is exact here and every larger one stays larger than `max`.
  const value = Number.parseInt(wordAt(hex, at), 16);
  if (!(value <= max)) throw tooWide(hex, at);
  return value;
}

function wordAt(hex: string, at: number): string {
  if (at + WORD > hex.length) throw truncated(hex, at);
  return hex.slice(at, at + WORD);
}

function lengthAt(hex: string, at: number): number {
  return smallUnsigned(hex, at, hex.length);
}

function bytesAt(hex: string, at: number): string {
  const length = 2 * lengthAt(hex, at);
  if (at + WORD + length > hex.length) throw truncated(hex, at);
  return hex.slice(at + WORD, at + WORD + length);
}

function truncated(hex: string, at: number): JouleworkError {
  return new JouleworkError({
    code: "ABI_DATA_TRUNCATED",
    what: "Encoded data ends too early",
    values: { bytes: hex.length / 2, wantedAt: at / 2 },
    hint: "Check that the interface belongs to the contract that was called.",
  });
}

function tooWide(hex: string, at: number): JouleworkError {
  return new JouleworkError({
    code: "ABI_VALUE_TOO_WIDE",
    what: "Encoded data holds a value that its type cannot",
    values: { word: hex.slice(at, at + WORD) },
    hint: "Check that the interface belongs to the contract that was called.",
  });
}
