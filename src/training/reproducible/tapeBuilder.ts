import {
  elementsOf,
  type Kind,
  type Operand,
  type Primitive,
  type Quad,
  type Reduction,
  type SourceKind,
} from "./primitives.ts";

export interface OperandParts {
  readonly tensor: number;
  readonly offset?: number;
  readonly strides?: Quad;
  readonly term?: number;
  readonly index?: number;
}

export interface PrimitiveParts {
  readonly name: string;
  readonly kind: Kind;
  readonly sizes: Quad;
  readonly row?: number;
  readonly masked?: boolean;
  readonly operands: readonly OperandParts[];
  readonly constants?: readonly number[];
  readonly reduction?: { readonly count: number } & Partial<Reduction>;
}

/** Collects the primitive operations of a step; a tensor is named by its number, the state before the step comes first. */
export class TapeBuilder {
  readonly primitives: Primitive[] = [];
  readonly #stateTensors: number;
  readonly #exact: boolean;

  /** @param exact Whether its operations may give NaN. */
  constructor(stateTensors: number, exact = false) {
    this.#stateTensors = stateTensors;
    this.#exact = exact;
  }

  /** The tensor that the operation gives. */
  add({ name, kind, sizes, row = 2, masked = false, operands, constants = [], reduction }: PrimitiveParts): number {
    return this.#push({
      name,
      kind,
      sizes,
      row,
      masked,
      operands: operands.map(whole),
      constants: constants.map(floatBits),
      reduction: reduction === undefined ? undefined : { rule: "all", start: "zero", ...reduction },
    });
  }

  /** One element for one, of tensors of the same size. */
  map(name: string, kind: Kind, tensors: readonly number[], constants: readonly number[] = []): number {
    const sizes = this.#sizes(tensors[0] ?? 0);
    const strides: Quad = [sizes[1] * sizes[2] * sizes[3], sizes[2] * sizes[3], sizes[3], 1];
    return this.add({ name, kind, sizes, operands: tensors.map((tensor) => ({ tensor, strides })), constants });
  }

  /** Bytes, or words of four, of byte strings of one length; `place.tensor` is the first string's number. */
  strings(name: string, kind: SourceKind, sizes: Quad, place: OperandParts, words: readonly number[]): number {
    const common = { row: 2, masked: false, reduction: undefined };
    return this.#push({ name, kind, sizes, operands: [whole(place)], constants: words, ...common });
  }

  /** SHA-256 of a byte string after each of its blocks. */
  digests(name: string, string: number, blocks: number, words: readonly number[]): number {
    const own = this.#stateTensors + this.primitives.length;
    return this.#push({
      ...{ name, kind: "digest", sizes: [1, 1, blocks, 8], row: 2, masked: false, reduction: undefined },
      operands: [whole({ tensor: string, strides: [0, 0, 64, 0] }), whole({ tensor: own, strides: [0, 0, 8, 1] })],
      constants: words,
    });
  }

  /** The 16-bit parts of whole micro-nats of the first `rows` losses. */
  microNats(name: string, losses: number, rows: number, all: number): number {
    return this.#push({
      ...{ name, kind: "microNats", sizes: [1, 1, all, 4], row: 2, masked: false, reduction: undefined },
      operands: [whole({ tensor: losses, strides: [0, 0, 1, 0] })],
      constants: [rows],
    });
  }

  /** A place in the data set for each of `batch` x `context`: integers as they are. */
  bytes(name: string, batch: number, context: number, words: readonly number[]): number {
    const sizes: Quad = [1, 1, batch, context];
    const common = { row: 2, masked: false, operands: [], reduction: undefined };
    return this.#push({ name, kind: "byte", sizes, constants: words, ...common });
  }

  #push(primitive: Omit<Primitive, "exact">): number {
    this.primitives.push({ ...primitive, exact: this.#exact });
    return this.#stateTensors + this.primitives.length - 1;
  }

  #sizes(tensor: number): Quad {
    const primitive = this.primitives[tensor - this.#stateTensors];
    if (primitive === undefined) throw new RangeError(`tensor ${String(tensor)} is not an operation's`);
    return primitive.sizes;
  }
}

const scratch = new DataView(new ArrayBuffer(4));

/** The bits of a number rounded to single precision. */
export function floatBits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

export function bitsFloat(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

function whole({ tensor, offset = 0, strides = [0, 0, 0, 0], term = 0, index = 0 }: OperandParts): Operand {
  return { tensor, offset, strides, term, index };
}

/** Elements of every tensor, by its number. */
export function tensorSizes(stateSizes: readonly number[], primitives: readonly Primitive[]): number[] {
  return [...stateSizes, ...primitives.map(elementsOf)];
}
