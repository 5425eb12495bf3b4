import { depthOf, datasetDepth } from "../../training/reproducible/chunkTree.ts";
import { stringPlace } from "../../training/reproducible/evaluatePrimitive.ts";
import { sha256AfterBlock, sha256BlockCount } from "../../training/reproducible/sha256Blocks.ts";
import { ELEMENTS_PER_CHUNK, type Primitive, type Quad } from "../../training/reproducible/primitives.ts";
import type { Place } from "../types.ts";
import type { Board, VerbArgs } from "./board.ts";
import { bytesOf, rootAtDepth } from "./trees.ts";

type Openings = VerbArgs<"prove">["openings"];

const CHUNK_BYTES = 32;
const BLOCK_BYTES = 64;
const DIGEST_WORDS = 8;

export interface StringTransition {
  readonly primitive: Primitive;
  readonly coordinates: Quad;
  /** Root over the roots of the byte strings. */
  readonly dataset: string;
  readonly openings: Openings;
}

/** Bits of an element that reads a byte string: a byte or four of them, zero beyond the string's end. */
export function stringBits(board: Board, place: Place, transition: StringTransition): number {
  const { primitive, coordinates, openings } = transition;
  const { place: at, length } = stringPlace(primitive, coordinates);
  const needed = at < length ? 1 : 0;
  board.expect(place, "operands that were opened", needed, openings.length);
  if (needed === 0) return 0;
  const bytes = chunkAt(board, place, transition, at, 0);
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at % CHUNK_BYTES);
  return primitive.kind === "octet" ? a : (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

/**
 * Bits of a word of SHA-256 after the block that the row names.
 *
 * @param openRow Opens the eight words after the block before, the first opening of every row but the first.
 */
export function digestBits(
  board: Board,
  place: Place,
  transition: StringTransition,
  openRow: (element: number) => Uint8Array,
): number {
  const { primitive, coordinates, openings } = transition;
  const { length } = stringPlace(primitive, coordinates);
  const row = coordinates[2];
  const begins = BLOCK_BYTES * row;
  const halves = [begins, begins + CHUNK_BYTES].filter((at) => at < length);
  board.expect(place, "operands that were opened", halves.length + (row === 0 ? 0 : 1), openings.length);
  const block = new Uint8Array(BLOCK_BYTES);
  halves.forEach((at, index) => {
    const number = index + (row === 0 ? 0 : 1);
    block.set(chunkAt(board, place, transition, at, number).subarray(0, length - at), at - begins);
  });
  if (length >= begins && length < begins + BLOCK_BYTES) block[length - begins] = 0x80;
  if (row + 1 === sha256BlockCount(length))
    new DataView(block.buffer).setBigUint64(BLOCK_BYTES - 8, 8n * BigInt(length));
  const before = row === 0 ? undefined : wordsOf(openRow(ELEMENTS_PER_CHUNK * (row - 1)));
  return sha256AfterBlock(block, before)[coordinates[3]] ?? 0;
}

function chunkAt(
  board: Board,
  place: Place,
  { primitive, coordinates, dataset, openings }: StringTransition,
  at: number,
  number: number,
): Uint8Array {
  const opening = openings[number];
  if (opening === undefined) return new Uint8Array(CHUNK_BYTES);
  const { string, length } = stringPlace(primitive, coordinates);
  const root = rootAtDepth(opening.chunk, Math.floor(at / CHUNK_BYTES), datasetDepth(length), opening.inTensor);
  const strings = depthOf(primitive.constants[0] ?? 0);
  const found = root === undefined ? undefined : rootAtDepth(root, string, strings, opening.inTree);
  board.expect(place, `byte string that operand ${String(number)} is in`, dataset, found ?? "no proof");
  return bytesOf(opening.chunk);
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: DIGEST_WORDS }, (_, index) => view.getUint32(4 * index));
}
