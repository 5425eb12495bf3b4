import { bitsFloat } from "./tapeBuilder.ts";
import { batchStarts } from "../batches.ts";
import type { Kernels } from "../kernelModule.ts";
import {
  coordinatesOf,
  elementsOf,
  isBitKind,
  isMasked,
  isReductionKind,
  isSourceKind,
  operandElement,
  termsOf,
  type Primitive,
  type Quad,
} from "./primitives.ts";
import { sha256AfterBlocks } from "./sha256Blocks.ts";
import { microNats, wideTotal, wordOfWide } from "./wideIntegers.ts";

/** exp and log as the trainer computes them. */
export type KernelFunctions = Pick<Kernels, "exp" | "log">;

/** What a step reads besides tensors. */
export interface StepSource {
  readonly step: number;
  readonly corpus: Uint8Array;
  readonly functions: KernelFunctions;
}

/** What a program over byte strings reads besides tensors. */
export interface StringSource {
  readonly strings: readonly Uint8Array[];
  readonly functions: KernelFunctions;
}

const round = Math.fround;
/** The one NaN of the contract; the machine's own has any sign and payload. */
const NOT_A_NUMBER = 0x7fc00000;

/** Accumulators of an element's reduction after each of its terms. */
export function accumulatorsOf(primitive: Primitive, tensors: readonly Float32Array[], element: number): Float32Array {
  const coordinates = coordinatesOf(primitive, element);
  const [first, end] = termsOf(primitive, coordinates);
  const accumulators = new Float32Array(end - first);
  const bits = new Uint32Array(accumulators.buffer);
  let accumulator = startOf(primitive, tensors, coordinates);
  for (let term = first; term < end; ++term) {
    accumulator = reduce(primitive, tensors, coordinates, accumulator, term, term + 1);
    if (isBitKind(primitive.kind)) bits[term - first] = accumulator;
    else accumulators[term - first] = accumulator;
  }
  if (!isBitKind(primitive.kind)) unifyNaN(accumulators);
  return accumulators;
}

/** Where in an output one transition is, and the accumulator before it. */
export interface Transition {
  readonly coordinates: Quad;
  /** Of a reduction, else 0. */
  readonly term: number;
  /** Not read at an element's first term. */
  readonly accumulator: number;
}

/** One transition: an element of a map that no mask hides, or a reduction's accumulator after a term. */
export function evaluateTransition(
  primitive: Primitive,
  tensors: readonly Float32Array[],
  { coordinates, term, accumulator }: Transition,
  functions: KernelFunctions,
): number {
  if (primitive.reduction === undefined) return mapOf(primitive, tensors, functions)(coordinates);
  const [first] = termsOf(primitive, coordinates);
  const before = term === first ? startOf(primitive, tensors, coordinates) : accumulator;
  return reduce(primitive, tensors, coordinates, before, term, term + 1);
}

/** A whole output, in the kernels' order of operations. */
export function evaluatePrimitive(
  primitive: Primitive,
  tensors: readonly Float32Array[],
  source: StepSource | StringSource,
): Float32Array {
  const output = new Float32Array(elementsOf(primitive));
  const bits = new Uint32Array(output.buffer);
  if (primitive.kind === "byte" || isSourceKind(primitive.kind)) {
    if ("strings" in source) readStrings(primitive, source.strings, bits);
    else readBytes(primitive, source, bits);
    return output;
  }
  const to = isBitKind(primitive.kind) ? bits : output;
  const map = primitive.reduction === undefined ? mapOf(primitive, tensors, source.functions) : undefined;
  for (let element = 0; element < output.length; ++element) {
    const coordinates = coordinatesOf(primitive, element);
    if (isMasked(primitive, coordinates)) continue;
    if (map !== undefined) {
      to[element] = map(coordinates);
      continue;
    }
    const [first, end] = termsOf(primitive, coordinates);
    to[element] = reduce(primitive, tensors, coordinates, startOf(primitive, tensors, coordinates), first, end);
  }
  if (to === output) unifyNaN(output);
  return output;
}

function unifyNaN(values: Float32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  values.forEach((value, index) => {
    if (Number.isNaN(value)) bits[index] = NOT_A_NUMBER;
  });
}

/** Place and length of what an element of a kind that reads byte strings reads. */
export function stringPlace(primitive: Primitive, coordinates: Quad) {
  const [operand] = primitive.operands;
  if (operand === undefined) throw new RangeError(`${primitive.kind} has an operand`);
  return {
    string: operand.tensor + coordinates[0],
    place: operandElement(operand, coordinates, 0, 0),
    length: primitive.constants[1] ?? 0,
  };
}

function readStrings(primitive: Primitive, strings: readonly Uint8Array[], to: Uint32Array): void {
  if (primitive.kind === "digest") {
    to.set(sha256AfterBlocks(stringOf(primitive, strings, [0, 0, 0, 0])));
    return;
  }
  for (let element = 0; element < to.length; ++element) {
    const coordinates = coordinatesOf(primitive, element);
    const { place, length } = stringPlace(primitive, coordinates);
    const bytes = stringOf(primitive, strings, coordinates);
    if (place >= length) continue;
    to[element] =
      primitive.kind === "word"
        ? new DataView(bytes.buffer, bytes.byteOffset, length).getUint32(place, true)
        : (bytes[place] ?? 0);
  }
}

function stringOf(primitive: Primitive, strings: readonly Uint8Array[], coordinates: Quad): Uint8Array {
  const { string, length } = stringPlace(primitive, coordinates);
  const bytes = strings[string];
  if (bytes?.length === length) return bytes;
  throw new RangeError(`byte string ${String(string)} has not ${String(length)} bytes`);
}

function readBytes({ sizes, constants }: Primitive, { step, corpus }: StepSource, to: Uint32Array): void {
  const [, , batch, context] = sizes;
  const [seedLow = 0, seedHigh = 0, beginnings = 0, shift = 0] = constants;
  batchStarts(seedHigh * 2 ** 32 + seedLow, step, batch, beginnings).forEach((start, sequence) => {
    for (let place = 0; place < context; ++place) {
      to[sequence * context + place] = corpus[start + place + shift] ?? 0;
    }
  });
}

function startOf({ reduction, operands }: Primitive, tensors: readonly Float32Array[], coordinates: Quad): number {
  if (reduction?.start === "lowest") return -Infinity;
  const operand = reduction?.start === "operand" ? operands.at(-1) : undefined;
  return operand === undefined ? 0 : valueAt(tensors[operand.tensor], operandElement(operand, coordinates, 0, 0));
}

/** An accumulator after the terms from `first` to before `end`. */
function reduce(
  { kind, operands, constants }: Primitive,
  tensors: readonly Float32Array[],
  coordinates: Quad,
  start: number,
  first: number,
  end: number,
): number {
  const [left, right] = operands;
  if (left === undefined) throw new RangeError("a reduction has an operand");
  const a = tensors[left.tensor] ?? NOTHING;
  let i = operandElement(left, coordinates, first, 0);
  const b = tensors[right?.tensor ?? left.tensor] ?? NOTHING;
  let j = right === undefined ? 0 : operandElement(right, coordinates, first, 0);
  const stepB = right?.term ?? 0;
  let accumulator = start;
  if (!isReductionKind(kind)) throw new RangeError(`${kind} is not a reduction`);
  switch (kind) {
    case "total":
      for (let term = first; term < end; ++term, i += left.term) accumulator = round(accumulator + valueAt(a, i));
      return accumulator;
    case "dot":
      for (let term = first; term < end; ++term, i += left.term, j += stepB) {
        accumulator = round(accumulator + round(valueAt(a, i) * valueAt(b, j)));
      }
      return accumulator;
    case "squaredDifferences":
      for (let term = first; term < end; ++term, i += left.term, j += stepB) {
        const difference = round(valueAt(a, i) - valueAt(b, j));
        accumulator = round(accumulator + round(difference * difference));
      }
      return accumulator;
    case "maximum": {
      const factor = bitsFloat(constants[0] ?? 0);
      for (let term = first; term < end; ++term, i += left.term) {
        accumulator = Math.max(accumulator, round(valueAt(a, i) * factor));
      }
      return accumulator;
    }
    case "tokenGradient":
      for (let term = first; term < end; ++term, i += left.term, j += stepB) {
        if (integerAt(a, i) === coordinates[2]) accumulator = round(accumulator + valueAt(b, j));
      }
      return accumulator;
    case "chosenTotal":
      for (let term = first; term < end; ++term, i += left.term, j += stepB) {
        if (integerAt(a, i) !== 0) accumulator = round(accumulator + valueAt(b, j));
      }
      return accumulator;
    case "integerTotal":
      for (let term = first; term < end; ++term, i += left.term) accumulator = (accumulator + integerAt(a, i)) >>> 0;
      return accumulator;
  }
}

const NOTHING = new Float32Array();

function valueAt(tensor: Float32Array | undefined, element: number): number {
  return tensor?.[element] ?? NaN;
}

function integerAt(tensor: Float32Array, element: number): number {
  return new Uint32Array(tensor.buffer, tensor.byteOffset + 4 * element, 1)[0] ?? 0;
}

/** An element of a map by its coordinates. */
function mapOf(
  { kind, operands, constants }: Primitive,
  tensors: readonly Float32Array[],
  { exp, log }: KernelFunctions,
): (coordinates: Quad) => number {
  const [c0 = 0, c1 = 0] = constants.map(bitsFloat);
  const integer = (coordinates: Quad, position = 0): number => {
    const operand = operands[position];
    if (operand === undefined) throw new RangeError(`${kind} has an integer operand`);
    return integerAt(tensors[operand.tensor] ?? NOTHING, operandElement(operand, coordinates, 0, 0));
  };
  const value = (position: number, coordinates: Quad, index = 0): number => {
    const operand = operands[position];
    if (operand === undefined) throw new RangeError(`${kind} has no operand ${String(position)}`);
    return valueAt(tensors[operand.tensor], operandElement(operand, coordinates, 0, index));
  };
  if (kind === "byte" || isSourceKind(kind) || isReductionKind(kind))
    throw new RangeError(`${kind} is not a map of tensors`);
  switch (kind) {
    case "embed":
      return (at) => round(value(1, at, integer(at)) + value(2, at));
    case "product":
      return (at) => round(value(0, at) * value(1, at));
    case "sum":
      return (at) => round(value(0, at) + value(1, at));
    case "scaled":
      return (at) => round(value(0, at) * c0);
    case "productSum":
      return (at) => round(round(value(0, at) * value(1, at)) + value(2, at));
    case "differenceProduct":
      return (at) => round(round(value(0, at) - value(1, at)) * value(2, at));
    case "inverseRoot":
      return (at) => round(1 / round(Math.sqrt(round(round(value(0, at) * c0) + c1))));
    case "quotient":
      return (at) => round(c0 / value(0, at));
    case "exponential":
      return (at) => exp(round(round(value(0, at) * c0) - value(1, at)));
    case "gate":
      return (at) => {
        const x = value(0, at);
        const slope = round(c0 + round(c1 * round(x * x)));
        return round(1 / round(1 + exp(-round(x * slope))));
      };
    case "gateGradient":
      return (at) => {
        const x = value(1, at);
        const gate = value(2, at);
        const rise = round(c0 + round(c1 * round(x * x)));
        const bend = round(round(gate * round(1 - gate)) * round(x * rise));
        return round(value(0, at) * round(gate + bend));
      };
    case "loss":
      return (at) => round(log(value(1, at)) + round(value(2, at) - value(3, at, integer(at))));
    case "lossGradient":
      return (at) => {
        const share = round(value(1, at) * value(2, at));
        return integer(at) === at[3] ? round(share - c0) : share;
      };
    case "centred":
      return (at) => round(round(value(0, at) - value(1, at)) - round(value(2, at) * value(3, at)));
    case "scoreGradient":
      return (at) => round(round(value(0, at) * round(value(1, at) - value(2, at))) * c0);
    case "choice":
      // Bit by bit: words of a hash that would be no numbers are kept.
      return (at) => integer(at, at[2]);
    case "correction":
      return (at) => round(1 / round(1 - round(value(0, at) * c0)));
    case "firstMoment":
      return (at) => round(round(c0 * value(0, at)) + round(c1 * value(1, at)));
    case "secondMoment":
      return (at) => round(round(c0 * value(0, at)) + round(c1 * round(value(1, at) * value(1, at))));
    case "adamWeight":
      return (at) => {
        const root = round(round(Math.sqrt(round(value(2, at) * value(4, at)))) + c1);
        const move = round(round(c0 * round(value(1, at) * value(3, at))) / root);
        return round(value(0, at) - move);
      };
    case "sgdWeight":
      return (at) => round(value(0, at) - round(c0 * value(1, at)));
    case "dequantised":
      return (at) => {
        const step = (integer(at) << 24) >> 24;
        return step === 0 ? 0 : round(step * value(1, at));
      };
    case "chosen":
      return (at) => (integer(at) === 0 ? c0 : value(1, at));
    case "lower":
      return (at) => Math.min(value(0, at), value(1, at));
    case "higher":
      return (at) => Math.max(value(0, at), value(1, at));
    case "ratio":
      return (at) => round(value(0, at) / value(1, at));
    case "difference":
      return (at) => round(value(0, at) - value(1, at));
    case "microNats": {
      const [rows = 0] = constants;
      return (at) => (at[2] < rows ? Number((microNats(value(0, at)) >> BigInt(16 * at[3])) & 0xffffn) : 0);
    }
    case "wide":
      return (at) => wordOfWide(wideTotal(operands.map((_, position) => integer(at, position))), at[3]);
  }
}
