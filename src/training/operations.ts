import { JouleworkError } from "../errors.ts";

/** Kernels by the number that names them in a record. */
export const KERNELS = {
  matmul: 1,
  embed: 2,
  layerNorm: 3,
  causalSoftmax: 4,
  gelu: 5,
  add: 6,
  crossEntropy: 7,
  mean: 8,
  embedTokensBackward: 9,
  layerNormBackward: 10,
  causalSoftmaxBackward: 11,
  geluBackward: 12,
  columnSum: 13,
  adam: 14,
  sgd: 15,
} as const;

export type KernelName = keyof typeof KERNELS;

/** An operand: an address, a stride or a count; a constant is rounded to a 32-bit float. */
export type Operand = number | { readonly constant: number };

export interface Operation {
  readonly kernel: KernelName;
  /** Words 1 and following of the record. */
  readonly operands: readonly Operand[];
}

export const RECORD_BYTES = 128;
/** Room for what threads share before the first record: see `kernels/assembly/index.ts` and `engine.ts`. */
export const CONTROL_BYTES = 1024;
export const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;
const ALIGNMENT = 64;

/** Addresses for a program's records and buffers, handed out from the bottom of the memory. */
export class MemoryPlan {
  #bytes = CONTROL_BYTES;

  /** Room for 32-bit elements; padded, so that kernels may read and write four at a time. */
  elements(count: number): number {
    return this.bytes(4 * count + 32);
  }

  bytes(count: number): number {
    const address = this.#bytes;
    this.#bytes += Math.ceil(count / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  /** WebAssembly pages that hold everything. */
  pages(): number {
    const pages = Math.ceil(this.#bytes / PAGE_BYTES);
    if (pages <= MOST_PAGES) return pages;
    throw new JouleworkError({
      code: "MODEL_TOO_LARGE",
      what: "The model and its batch do not fit into the 4 GiB that a module can address",
      values: { bytes: this.#bytes },
      hint: "Take a smaller batch or a smaller model.",
    });
  }
}

export interface MatmulShape {
  readonly rows: number;
  readonly columns: number;
  /** Terms of each element's sum. */
  readonly inner: number;
}

/** A matrix by its first element; element (i, j) lies `row * i + column * j` bytes after it. */
export interface Matrix {
  readonly address: number;
  readonly row: number;
  readonly column: number;
  /** Bytes from one product's matrix to the next one's, in the outer and the inner of two loops over products. */
  readonly outer?: number;
  readonly inner?: number;
}

export interface MatmulParameters extends MatmulShape {
  readonly c: Matrix;
  readonly a: Matrix;
  readonly b: Matrix;
  /** What sums begin with: zeros if absent. */
  readonly start?: { readonly address: number; readonly row: number };
  readonly outerCount?: number;
  readonly innerCount?: number;
  readonly mask?: "columnsUpToRow" | "innerUpToRow" | "innerFromRow";
}

const MASKS = { none: 0, columnsUpToRow: 1, innerUpToRow: 2, innerFromRow: 3 } as const;

/** Row-major matrix of 32-bit elements. */
export function rowMajor(address: number, columns: number): Matrix {
  return { address, row: 4 * columns, column: 4 };
}

export function transposed({ address, row, column }: Matrix): Matrix {
  return { address, row: column, column: row };
}

/** The product's record; `scratch` is filled in once the program's largest need is known. */
export function matmul(parameters: MatmulParameters, scratch: { address: number; bytes: number }): Operation {
  const { c, a, b, start, rows, columns, inner, outerCount = 1, innerCount = 1, mask = "none" } = parameters;
  return {
    kernel: "matmul",
    operands: [
      c.address,
      a.address,
      b.address,
      start?.address ?? 0,
      rows,
      columns,
      inner,
      c.row,
      a.row,
      a.column,
      b.row,
      b.column,
      start?.row ?? 0,
      outerCount,
      innerCount,
      c.outer ?? 0,
      a.outer ?? 0,
      b.outer ?? 0,
      c.inner ?? 0,
      a.inner ?? 0,
      b.inner ?? 0,
      MASKS[mask],
      scratch.address,
      scratch.bytes,
    ],
  };
}

/** Bytes that one thread needs to gather a product's rows and columns, as `kernels/assembly/matmul.ts` lays them out. */
export function matmulScratchBytes({ rows, inner }: MatmulShape): number {
  const temporary = 128;
  const panel = 32 * inner;
  const strips = Math.ceil(rows / 4) * 16 * inner;
  return Math.ceil((temporary + panel + strips) / ALIGNMENT) * ALIGNMENT;
}

/** Records as the kernels read them. */
export function encodeOperations(operations: readonly Operation[]): Uint8Array {
  const bytes = new Uint8Array(operations.length * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  operations.forEach(({ kernel, operands }, index) => {
    const record = index * RECORD_BYTES;
    view.setUint32(record, KERNELS[kernel], true);
    operands.forEach((operand, position) => {
      const at = record + 4 * (position + 1);
      if (typeof operand === "number") view.setUint32(at, operand, true);
      else view.setFloat32(at, operand.constant, true);
    });
  });
  return bytes;
}
