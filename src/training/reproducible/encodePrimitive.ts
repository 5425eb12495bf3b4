import { createHash } from "node:crypto";
import { ChunkTree, datasetDepth, hashPair, tensorDepth } from "./chunkTree.ts";
import type { TapeProgram } from "./composeTape.ts";
import { elementsOf, isSourceKind, KINDS, STARTS, TERM_RULES, type Operand, type Primitive } from "./primitives.ts";

/** Words of 32 bytes of a record: head, constants, and six operands. */
export const RECORD_WORDS = 8;
const WORD = 32;

/**
 * The record of an operation, which the contract reads (`PrimitiveRecord.sol`). Numbers are big-endian. Head: kind, number of
 * operands, row, masked, term rule, start, depth of the output's tree, exact (a byte each), four sizes, number of
 * terms (4 bytes each). Constants: 4 bytes each. Operand: tensor, or first byte
 * string (3 bytes), depth of its tree (1 byte), offset, four strides,
 * stride of terms, stride of the integer operand (4 bytes each).
 */
export function encodePrimitive(primitive: Primitive, sizes: readonly number[]): Buffer {
  const { kind, operands, row, masked, reduction, constants, exact } = primitive;
  const record = Buffer.alloc(RECORD_WORDS * WORD);
  const { rule, start, count } = reduction ?? { rule: "all", start: "zero", count: 0 };
  const head = [KINDS[kind], operands.length, row, masked ? 1 : 0, TERM_RULES[rule], STARTS[start]];
  record.set([...head, tensorDepth(elementsOf(primitive)), exact ? 1 : 0]);
  [...primitive.sizes, count].forEach((value, index) => record.writeUInt32BE(value, 8 + 4 * index));
  constants.forEach((word, index) => record.writeUInt32BE(word, WORD + 4 * index));
  operands.forEach((operand, index) => {
    const ofString = isSourceKind(kind) && index === 0;
    const depth = ofString ? datasetDepth(constants[1] ?? 0) : tensorDepth(sizes[operand.tensor] ?? 0);
    encodeOperand(operand, depth, record.subarray(WORD * (2 + index), WORD * (3 + index)));
  });
  return record;
}

function encodeOperand({ tensor, offset, strides, term, index }: Operand, depth: number, word: Buffer): void {
  word.writeUIntBE(tensor, 0, 3);
  word.writeUInt8(depth, 3);
  [offset, ...strides, term, index].forEach((value, position) => word.writeUInt32BE(value, 4 + 4 * position));
}

/** Records and the tree over their hashes. */
export interface EncodedTape {
  readonly records: readonly Buffer[];
  readonly tree: ChunkTree;
  /** What a job names its program by: the records' root with the number of a state's tensors and that of operations. */
  readonly programRoot: Buffer;
}

export function encodeTape({ primitives, sizes, state }: TapeProgram): EncodedTape {
  const records = primitives.map((primitive) => encodePrimitive(primitive, sizes));
  const tree = new ChunkTree(records.map((record) => createHash("sha256").update(record).digest()));
  const counts = Buffer.alloc(WORD);
  counts.writeUInt32BE(state.length, WORD - 8);
  counts.writeUInt32BE(primitives.length, WORD - 4);
  return { records, tree, programRoot: hashPair(tree.root, counts) };
}
