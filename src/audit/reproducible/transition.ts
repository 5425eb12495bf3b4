import { hexlify } from "ethers";
import { batchStarts } from "../../training/batches.ts";
import { depthOf } from "../../training/reproducible/chunkTree.ts";
import type { DecodedPrimitive } from "../../training/reproducible/decodePrimitive.ts";
import { evaluateTransition } from "../../training/reproducible/evaluatePrimitive.ts";
import {
  ELEMENTS_PER_CHUNK,
  isBitKind,
  isMasked,
  isSourceKind,
  operandElement,
  termsOf,
  type Operand,
  type Primitive,
  type Quad,
} from "../../training/reproducible/primitives.ts";
import type { ReproducibleTerms } from "../../training/reproducible/jobs/reproducibleTypes.ts";
import type { Place } from "../types.ts";
import { digestBits, stringBits } from "./byteStrings.ts";
import type { Board, VerbArgs } from "./board.ts";
import { bytesOf, elementBits, rootAtDepth } from "./trees.ts";

type Openings = VerbArgs<"prove">["openings"];

const CHUNK_BYTES = 32;
const INFINITY_BITS = 0x7f80_0000;
const MAGNITUDE = 0x7fff_ffff;

/** A transition as a provider proved it. */
export interface ProvedTransition {
  readonly program: ReproducibleTerms["program"];
  readonly opened: DecodedPrimitive;
  readonly coordinates: Quad;
  readonly term: number;
  /** Of the accumulator before; not read at an element's first term. */
  readonly accumulatorBits: number;
  readonly step: {
    readonly stateBefore: string;
    readonly between: string;
    readonly stateAfter: string;
    readonly dataset: string;
    readonly number: number;
  };
  readonly openings: Openings;
}

/** Bits of the transition's result, computed with the trainer's arithmetic from operands whose proofs are checked. */
export function transitionBits(board: Board, place: Place, proved: ProvedTransition): number {
  const { opened, coordinates, term, accumulatorBits, openings } = proved;
  const { primitive } = opened;
  const count = (needed: number): void => board.expect(place, "operands that were opened", needed, openings.length);
  if (isMasked(primitive, coordinates)) {
    count(0);
    return 0;
  }
  if (primitive.kind === "byte") {
    count(1);
    return byteAt(board, place, proved);
  }
  const strings = { primitive, coordinates, dataset: proved.step.dataset, openings };
  if (primitive.kind === "digest") {
    const own = primitive.operands[1];
    return digestBits(board, place, strings, (element) => {
      if (own === undefined) return new Uint8Array(CHUNK_BYTES);
      return openChunk(board, place, proved, { index: 0, tensor: own.tensor, depth: opened.depths[1] ?? 0, element });
    });
  }
  if (isSourceKind(primitive.kind)) return stringBits(board, place, strings);
  const read = readOperands(primitive, coordinates, term);
  count(read.length);
  const values: number[] = [];
  for (const [index, position] of read.entries()) {
    values.push(openOperand(board, place, proved, { index, position, integer: values[0] ?? 0 }));
  }
  const tensors = values.map((bits) => new Float32Array(Uint32Array.of(bits).buffer));
  const integers = isBitKind(primitive.kind);
  const transition = { coordinates, term, accumulator: integers ? accumulatorBits : floatOf(accumulatorBits) };
  const result = evaluateTransition(overOpened(primitive, read), tensors, transition, board.functions);
  return integers ? result >>> 0 : bitsOf(result);
}

/** The same formula over one opened element for each operand that is read. */
function overOpened(primitive: Primitive, read: readonly number[]): Primitive {
  const place = { offset: 0, strides: [0, 0, 0, 0], term: 0, index: 0 } as const;
  // A choice keeps its operands, since the coordinates name one: what was opened is the one.
  if (primitive.kind === "choice") {
    return { ...primitive, operands: primitive.operands.map((): Operand => ({ tensor: 0, ...place })) };
  }
  return { ...primitive, operands: read.map((_, tensor): Operand => ({ tensor, ...place })) };
}

/** Positions of the operands that the transition reads. */
function readOperands({ kind, operands, reduction, row }: Primitive, coordinates: Quad, term: number): number[] {
  if (kind === "choice") return [coordinates[2]];
  const all = operands.map((_, position) => position);
  if (reduction?.start !== "operand") return all;
  const [first] = termsOf({ reduction, row }, coordinates);
  return term === first ? all : all.slice(0, -1);
}

function openOperand(
  board: Board,
  place: Place,
  proved: ProvedTransition,
  { index, position, integer }: { readonly index: number; readonly position: number; readonly integer: number },
): number {
  const { primitive, depths } = proved.opened;
  const operand = primitive.operands[position];
  if (operand === undefined) return 0;
  const element = operandElement(operand, proved.coordinates, proved.term, integer);
  const chunk = openChunk(board, place, proved, {
    index,
    element,
    tensor: operand.tensor,
    depth: depths[position] ?? 0,
  });
  return elementBits(hexlify(chunk), element);
}

/** The chunk of a tensor that an element is in, once its proof is checked. */
function openChunk(
  board: Board,
  place: Place,
  { program, step, openings }: ProvedTransition,
  at: { readonly index: number; readonly tensor: number; readonly depth: number; readonly element: number },
): Uint8Array {
  const opening = openings[at.index];
  if (opening === undefined) return new Uint8Array(CHUNK_BYTES);
  const chunk = Math.floor(at.element / ELEMENTS_PER_CHUNK);
  const root = rootAtDepth(opening.chunk, chunk, at.depth, opening.inTensor);
  const { tensor, leaves, tree } = treeOf(program, step, at.tensor);
  const found = root === undefined ? undefined : rootAtDepth(root, tensor, depthOf(leaves), opening.inTree);
  board.expect(place, `commitment that operand ${String(at.index)} is in`, tree, found ?? "no proof");
  return bytesOf(opening.chunk);
}

/** Where a tensor is: in the state before, in what is in between, or in the state after. */
function treeOf(
  { stateTensors, operations }: ReproducibleTerms["program"],
  { stateBefore, between, stateAfter }: ProvedTransition["step"],
  tensor: number,
): { readonly tensor: number; readonly leaves: number; readonly tree: string } {
  if (tensor >= operations) return { tensor: tensor - operations, leaves: stateTensors, tree: stateAfter };
  if (tensor < stateTensors) return { tensor, leaves: stateTensors, tree: stateBefore };
  return { tensor: tensor - stateTensors, leaves: operations - stateTensors, tree: between };
}

function byteAt(board: Board, place: Place, { opened, coordinates, step, openings }: ProvedTransition): number {
  const { constants, sizes } = opened.primitive;
  const [seedLow = 0, seedHigh = 0, beginnings = 0, shift = 0, depth = 0] = constants;
  const starts = batchStarts(seedHigh * 2 ** 32 + seedLow, step.number, sizes[2], beginnings);
  const at = (starts[coordinates[2]] ?? 0) + coordinates[3] + shift;
  const opening = openings[0];
  if (opening === undefined) return 0;
  const root = rootAtDepth(opening.chunk, Math.floor(at / CHUNK_BYTES), depth, opening.inTensor);
  board.expect(place, "data set that the byte is in", step.dataset, root ?? "no proof");
  return bytesOf(opening.chunk)[at % CHUNK_BYTES] ?? 0;
}

export function isNaNBits(bits: number): boolean {
  return (bits & MAGNITUDE) > INFINITY_BITS;
}

function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0;
}

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
}
