import { getAddress } from "ethers";
import { metadataHashes } from "./metadataHashes.ts";

/** Bytes of the code that a reference stands at. */
export interface CodePlace {
  readonly start: number;
  readonly length: number;
}

/** What of a compiled contract is compared; Hardhat's artifacts have this form. */
export interface CompiledCode {
  /** Hex with 0x; unlinked libraries are `__$...$__`. */
  readonly deployedBytecode: string;
  readonly deployedLinkReferences: Readonly<Record<string, Readonly<Record<string, readonly CodePlace[]>>>>;
  readonly immutableReferences: Readonly<Record<string, readonly CodePlace[]>>;
}

export interface BytecodeComparison {
  /** The code on chain, hex with 0x. */
  readonly deployed: string;
  readonly compiled: CompiledCode;
  /** Where the code is: a library must know its own address. */
  readonly address: string;
  /** Addresses of libraries by their name, which the code must be linked to; of others any address passes. */
  readonly libraries?: Readonly<Record<string, string>>;
}

/** `exact`: every byte, metadata too. `match`: all but the hashes of the metadata. `no`: another program. */
export type Verdict = "exact" | "match" | "no";

// The compiler's name for the place where code of a library keeps its own address.
const OWN_ADDRESS = "library_deploy_address";
// The same in code that was not compiled by way of the intermediate representation: PUSH20, then ADDRESS EQ.
const CALL_PROTECTION = /^73(0{40})3014/;

/**
 * Compares code on chain with what the compiler made. Immutables may have any value, which the constructor chose, but one
 * value at all their places; link references must hold the library's address.
 */
export function compareBytecode({ deployed, compiled, address, libraries = {} }: BytecodeComparison): Verdict {
  const onChain = withoutPrefix(deployed);
  const expected = withoutPrefix(compiled.deployedBytecode);
  if (onChain === "" || onChain.length !== expected.length) return "no";
  const filled = fill(expected, onChain, { compiled, address, libraries });
  if (filled === undefined) return "no";
  if (filled === onChain) return "exact";
  return maskHashes(filled, filled) === maskHashes(onChain, filled) ? "match" : "no";
}

/** The compiled code with the chain's values at its references; undefined where one of them may not have its value. */
function fill(
  expected: string,
  onChain: string,
  { compiled, address, libraries }: Pick<Required<BytecodeComparison>, "compiled" | "address" | "libraries">,
): string | undefined {
  let filled = expected;
  for (const { places, value } of references(expected, compiled, address, libraries)) {
    const [first] = places;
    if (first === undefined) continue;
    const found = at(onChain, first);
    if (value !== undefined && found !== value.padStart(first.length * 2, "0")) return undefined;
    for (const place of places) {
      if (at(onChain, place) !== found) return undefined;
      filled = filled.slice(0, place.start * 2) + found + filled.slice((place.start + place.length) * 2);
    }
  }
  return filled;
}

interface Reference {
  readonly places: readonly CodePlace[];
  /** Hex digits that must be there; undefined where any may. */
  readonly value: string | undefined;
}

function* references(
  expected: string,
  { deployedLinkReferences, immutableReferences }: CompiledCode,
  address: string,
  libraries: Readonly<Record<string, string>>,
): Generator<Reference> {
  for (const inSource of Object.values(deployedLinkReferences)) {
    for (const [library, places] of Object.entries(inSource)) {
      const known = libraries[library];
      yield { places, value: known === undefined ? undefined : digits(known) };
    }
  }
  for (const [id, places] of Object.entries(immutableReferences)) {
    yield { places, value: id === OWN_ADDRESS ? digits(address) : undefined };
  }
  if (CALL_PROTECTION.test(expected)) yield { places: [{ start: 1, length: 20 }], value: digits(address) };
}

/** Blanks the metadata's hashes at the places where the compiled code has them, those of contracts within it too. */
function maskHashes(code: string, compiled: string): string {
  let masked = code;
  for (const { start, length } of metadataHashes(compiled)) {
    masked = masked.slice(0, start * 2) + "0".repeat(length * 2) + masked.slice((start + length) * 2);
  }
  return masked;
}

function at(code: string, { start, length }: CodePlace): string {
  return code.slice(start * 2, (start + length) * 2);
}

function digits(address: string): string {
  return getAddress(address).slice(2).toLowerCase();
}

function withoutPrefix(code: string): string {
  return code.replace(/^0x/, "").toLowerCase();
}
