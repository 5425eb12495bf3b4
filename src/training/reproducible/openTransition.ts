import { batchStarts } from "../batches.ts";
import { CHUNK_BYTES, type ChunkTree } from "./chunkTree.ts";
import type { CommittedStep, Opening } from "./committedStep.ts";
import type { TapeProgram } from "./composeTape.ts";
import { stringPlace } from "./evaluatePrimitive.ts";
import {
  coordinatesOf,
  ELEMENTS_PER_CHUNK,
  isMasked,
  isReductionKind,
  isSourceKind,
  operandElement,
  termsOf,
  type Primitive,
  type Quad,
} from "./primitives.ts";

export interface TransitionPlace {
  /** The operation's number in the tape. */
  readonly operation: number;
  readonly element: number;
  /** Of a reduction, else 0. */
  readonly term: number;
}

/** Where a step's bytes come from. */
export interface OpenedDataset {
  readonly step: number;
  readonly tree: ChunkTree;
}

/** Where the bytes of a program over byte strings come from. */
export interface OpenedStrings {
  readonly strings: readonly ChunkTree[];
  /** Over their roots. */
  readonly tree: ChunkTree;
}

/** The operands that a transition reads, opened in the order in which the contract asks for them (`Referee.sol`). */
export function openTransition(
  { primitives }: TapeProgram,
  committed: CommittedStep,
  bytes: OpenedDataset | OpenedStrings,
  { operation, element, term }: TransitionPlace,
): Opening[] {
  const primitive = primitives[operation];
  if (primitive === undefined) throw new RangeError(`there is no operation ${String(operation)}`);
  const coordinates = coordinatesOf(primitive, element);
  if (isMasked(primitive, coordinates)) return [];
  if (primitive.kind === "byte" || isSourceKind(primitive.kind)) {
    return "strings" in bytes
      ? [...rowBefore(primitive, coordinates, committed), ...openString(primitive, coordinates, bytes)]
      : [openByte(primitive, coordinates, bytes)];
  }
  let integer = 0;
  return readOperands(primitive, coordinates, term).map((operand, position) => {
    const at = operandElement(operand, coordinates, term, integer);
    if (position === 0) integer = bitsAt(committed.tensors[operand.tensor], at);
    return committed.open(operand.tensor, at);
  });
}

function readOperands({ kind, operands, reduction, row }: Primitive, coordinates: Quad, term: number) {
  if (kind === "choice") return operands.slice(coordinates[2], coordinates[2] + 1);
  if (!isReductionKind(kind) || reduction?.start !== "operand") return operands;
  const [first] = termsOf({ reduction, row }, coordinates);
  return term === first ? operands : operands.slice(0, -1);
}

function openByte({ sizes, constants }: Primitive, coordinates: Quad, { step, tree }: OpenedDataset): Opening {
  const [seedLow = 0, seedHigh = 0, beginnings = 0, shift = 0] = constants;
  const starts = batchStarts(seedHigh * 2 ** 32 + seedLow, step, sizes[2], beginnings);
  const place = (starts[coordinates[2]] ?? 0) + coordinates[3] + shift;
  const chunk = Math.floor(place / CHUNK_BYTES);
  return { chunk: tree.leaf(chunk), inTensor: tree.proof(chunk), inTree: [] };
}

/** Of a digest: the row before, whose eight words are a chunk. */
function rowBefore({ kind, operands }: Primitive, coordinates: Quad, committed: CommittedStep): Opening[] {
  const own = operands[1];
  if (kind !== "digest" || own === undefined || coordinates[2] === 0) return [];
  return [committed.open(own.tensor, ELEMENTS_PER_CHUNK * (coordinates[2] - 1))];
}

/** The chunk that is read, or both of a block, as far as they begin before the string's end. */
function openString(primitive: Primitive, coordinates: Quad, { strings, tree }: OpenedStrings): Opening[] {
  const { string, place, length } = stringPlace(primitive, coordinates);
  const opened = strings[string];
  if (opened === undefined) throw new RangeError(`there is no byte string ${String(string)}`);
  const places = primitive.kind === "digest" ? [place, place + CHUNK_BYTES] : [place];
  return places
    .filter((at) => at < length)
    .map((at) => Math.floor(at / CHUNK_BYTES))
    .map((chunk) => ({ chunk: opened.leaf(chunk), inTensor: opened.proof(chunk), inTree: tree.proof(string) }));
}

function bitsAt(tensor: Float32Array | undefined, element: number): number {
  if (tensor === undefined) throw new RangeError("an operand's tensor is not there");
  return new Uint32Array(tensor.buffer, tensor.byteOffset, tensor.length)[element] ?? 0;
}
