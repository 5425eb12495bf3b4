import { elementsOf, type Kind, type Operand, type Primitive, type Quad, type Reduction } from "./primitives.ts";

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

  constructor(stateTensors: number) {
    this.#stateTensors = stateTensors;
  }

  /** The tensor that the operation gives. */
  add({ name, kind, sizes, row = 2, masked = false, operands, constants = [], reduction }: PrimitiveParts): number {
    this.primitives.push({
      name,
      kind,
      sizes,
      row,
      masked,
      operands: operands.map(whole),
      constants: constants.map(floatBits),
      reduction: reduction === undefined ? undefined : { rule: "all", start: "zero", ...reduction },
    });
    return this.#stateTensors + this.primitives.length - 1;
  }

  /** One element for one, of tensors of the same size. */
  map(name: string, kind: Kind, tensors: readonly number[], constants: readonly number[] = []): number {
    const sizes = this.#sizes(tensors[0] ?? 0);
    const strides: Quad = [sizes[1] * sizes[2] * sizes[3], sizes[2] * sizes[3], sizes[3], 1];
    return this.add({ name, kind, sizes, operands: tensors.map((tensor) => ({ tensor, strides })), constants });
  }

  /** A place in the data set for each of `batch` x `context`: integers as they are. */
  bytes(name: string, batch: number, context: number, words: readonly number[]): number {
    const sizes: Quad = [1, 1, batch, context];
    const common = { row: 2, masked: false, operands: [], reduction: undefined };
    this.primitives.push({ name, kind: "byte", sizes, constants: words, ...common });
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
