import { RECORD_WORDS } from "./encodePrimitive.ts";
import { isReductionKind, KINDS, STARTS, TERM_RULES, type Kind, type Operand, type Primitive } from "./primitives.ts";

const WORD = 32;

/** An operation as its record has it, with the depth of each operand's tree. */
export interface DecodedPrimitive {
  readonly primitive: Primitive;
  readonly depths: readonly number[];
}

/**
 * What `encodePrimitive` wrote; undefined where the bytes are no record. `name` is that of the kind: a record has no other.
 */
export function decodePrimitive(record: Buffer): DecodedPrimitive | undefined {
  if (record.length !== RECORD_WORDS * WORD) return undefined;
  const [kindCode = 0, operandCount = 0, row = 0, masked = 0, ruleCode = 0, startCode = 0, , exact = 0] = record;
  const kind = nameOf(KINDS, kindCode);
  const rule = nameOf(TERM_RULES, ruleCode);
  const start = nameOf(STARTS, startCode);
  if (kind === undefined || rule === undefined || start === undefined || operandCount > RECORD_WORDS - 2) {
    return undefined;
  }
  const numberAt = (byte: number): number => record.readUInt32BE(byte);
  const words = Array.from({ length: operandCount }, (_, index) => record.subarray(WORD * (2 + index)));
  const primitive: Primitive = {
    name: kind,
    kind,
    sizes: [numberAt(8), numberAt(12), numberAt(16), numberAt(20)],
    row,
    masked: masked !== 0,
    operands: words.map(decodeOperand),
    constants: Array.from({ length: 8 }, (_, index) => numberAt(WORD + 4 * index)),
    reduction: isReductionKind(kind) ? { count: numberAt(24), rule, start } : undefined,
    exact: exact !== 0,
  };
  return { primitive, depths: words.map((word) => word.readUInt8(3)) };
}

function decodeOperand(word: Buffer): Operand {
  const at = (position: number): number => word.readUInt32BE(4 + 4 * position);
  return {
    tensor: word.readUIntBE(0, 3),
    offset: at(0),
    strides: [at(1), at(2), at(3), at(4)],
    term: at(5),
    index: at(6),
  };
}

function nameOf<Name extends Kind | keyof typeof TERM_RULES | keyof typeof STARTS>(
  codes: Readonly<Record<Name, number>>,
  code: number,
): Name | undefined {
  return (Object.keys(codes) as Name[]).find((name) => codes[name] === code);
}
