import { depthOf, tensorDepth } from "../chunkTree.ts";
import type { TapeProgram } from "../composeTape.ts";
import { elementsOf, type Primitive } from "../primitives.ts";
import type { JobShape } from "./jobComputation.ts";

/** How long a dispute is at most: moves of both parties, and bytes of calldata. */
export interface DisputeSize {
  readonly moves: number;
  readonly bytes: number;
}

const WORD = 32;
const LEVELS_A_MOVE = 4;
/** An operation's record with its length. */
const RECORD_WORDS = 9;

/**
 * The size of a dispute that leads to an operation, by the shape of its trees alone: a level that is revealed takes a move of
 * the provider and one of the challenger. Proofs of a leaf before are counted although the first leaf has none.
 */
export function disputeSize(tape: TapeProgram, { stride, checkpoints }: JobShape, operation: number): DisputeSize {
  const primitive = tape.primitives[operation];
  if (primitive === undefined) throw new RangeError(`there is no operation ${String(operation)}`);
  const between = tape.primitives.length - tape.state.length;
  const outputs = depthOf(operation < between ? between : tape.state.length);
  const records = depthOf(tape.primitives.length);
  const { reduction } = primitive;
  const terms = reduction === undefined ? undefined : tensorDepth(reduction.count);
  const operands = openingWords(tape, primitive, Math.max(depthOf(between), depthOf(tape.state.length)));
  const parts: readonly DisputeSize[] = [
    descent(depthOf(checkpoints)),
    call(5 + list(depthOf(stride)) + list(depthOf(checkpoints))),
    descent(depthOf(stride)),
    call(4 + list(depthOf(stride))),
    // Which part of the step: two children.
    call(3 + list(2)),
    descent(outputs),
    call(3 + RECORD_WORDS + list(records)),
    descent(tensorDepth(elementsOf(primitive))),
    call(2),
    ...(terms === undefined ? [] : [call(6 + RECORD_WORDS + list(records) + list(terms)), descent(terms), call(2)]),
    call(6 + RECORD_WORDS + list(records) + list(terms ?? 0) + operands),
  ];
  return parts.reduce((sum, { moves, bytes }) => ({ moves: sum.moves + moves, bytes: sum.bytes + bytes }));
}

/** The operation that a dispute takes the most calldata for. */
export function largestDispute(tape: TapeProgram, shape: JobShape): DisputeSize & { readonly operation: number } {
  return tape.primitives
    .map((_, operation) => ({ ...disputeSize(tape, shape, operation), operation }))
    .reduce((largest, each) => (each.bytes > largest.bytes ? each : largest));
}

/** Reveals and names nodes from a root down to a leaf, so many levels. */
function descent(depth: number): DisputeSize {
  let [moves, bytes] = [0, 0];
  for (let left = depth; left > 0; left -= LEVELS_A_MOVE) {
    const children = 2 ** Math.min(LEVELS_A_MOVE, left);
    moves += 2;
    bytes += call(2 + list(children)).bytes + call(3 + list(children)).bytes;
  }
  return { moves, bytes };
}

function call(words: number): DisputeSize {
  return { moves: 1, bytes: 4 + WORD * words };
}

/** Words of a list of words. */
function list(length: number): number {
  return 1 + length;
}

/** Words of the operands' openings; the text's bytes have no tree of tensors above them. */
function openingWords(tape: TapeProgram, { kind, operands, constants }: Primitive, inTree: number): number {
  const one = (inTensor: number, inTree: number): number => 4 + list(inTensor) + list(inTree);
  if (kind === "byte") return list(one(constants[4] ?? 0, 0));
  const read = kind === "choice" ? operands.slice(0, 1) : operands;
  return read.reduce((sum, { tensor }) => sum + one(tensorDepth(tape.sizes[tensor] ?? 0), inTree), 1);
}
