import { ErrorFragment } from "ethers";
import type { ErrorValue } from "../errors.ts";
import { createArgsReader } from "./abiReader.ts";
import type { Abi, AbiEntry } from "./abiTypes.ts";

/** Why a call reverted. */
export interface DecodedRevert {
  /** Name of the custom error, `Error` for a plain reason, `Panic` for a failed check of the compiler, or undefined. */
  readonly name: string | undefined;
  readonly args: Readonly<Record<string, ErrorValue>>;
  /** First four bytes of the data, which is also what the skip events carry; "0x" where there are none. */
  readonly selector: string;
  readonly data: string;
  /** For people: `OrderSuperseded(meter = 0x..., slot = 7)`. */
  readonly text: string;
}

export interface RevertDecoder {
  (data: string): DecodedRevert;
  /** Name of the error with this selector: what a `reason` of a skip event means. */
  nameOf(selector: string): string | undefined;
}

const BUILT_IN: Abi = [
  { type: "error", name: "Error", inputs: [{ name: "reason", type: "string" }] },
  { type: "error", name: "Panic", inputs: [{ name: "panicCode", type: "uint256" }] },
];

const PANICS = new Map([
  ["1", "an assertion failed"],
  ["17", "arithmetic overflow"],
  ["18", "division by zero"],
  ["33", "value outside an enum"],
  ["49", "pop of an empty array"],
  ["50", "index outside an array"],
  ["65", "too much memory"],
]);

/** Prepares the decoding of revert data by the errors of an ABI, the compiler's own two included. */
export function createRevertDecoder(abi: Abi): RevertDecoder {
  const known = new Map(
    [...BUILT_IN, ...abi].filter(isError).map((entry) => [ErrorFragment.from(entry).selector, prepare(entry)]),
  );
  const decode = (data: string): DecodedRevert => {
    const selector = data.slice(0, 10).toLowerCase();
    const entry = known.get(selector);
    if (entry === undefined) {
      const text = data === "0x" ? "no reason given" : `an error that the interface does not know (${selector})`;
      return { name: undefined, args: {}, selector, data, text };
    }
    try {
      const args = entry.read(data.slice(10), 0);
      return { name: entry.name, args, selector, data, text: describe(entry.name, args) };
    } catch {
      return { name: entry.name, args: {}, selector, data, text: `${entry.name} with data that does not fit it` };
    }
  };
  return Object.assign(decode, { nameOf: (selector: string) => known.get(selector.toLowerCase())?.name });
}

interface PreparedError {
  readonly name: string;
  read(hex: string, at: number): Readonly<Record<string, ErrorValue>>;
}

function prepare(entry: AbiEntry & { readonly name: string }): PreparedError {
  const readArgs = createArgsReader(entry.inputs ?? []);
  return {
    name: entry.name,
    read: (hex, at) => Object.fromEntries(Object.entries(readArgs(hex, at)).map(([key, value]) => [key, plain(value)])),
  };
}

function isError(entry: AbiEntry): entry is AbiEntry & { readonly name: string } {
  return entry.type === "error" && entry.name !== undefined;
}

function plain(value: unknown): ErrorValue {
  if (
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean"
  ) {
    return value;
  }
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
}

function describe(name: string, args: Readonly<Record<string, ErrorValue>>): string {
  if (name === "Panic") return PANICS.get(String(args.panicCode)) ?? `panic ${String(args.panicCode)}`;
  const listed = Object.entries(args).map(([key, value]) => `${key} = ${String(value)}`);
  return `${name}(${listed.join(", ")})`;
}
