/**
 * Primitive operations by the number that names them in a record. v0, v1 ... are the values of the operands, c0, c1 ...
 * constants; every addition, multiplication and so on is rounded to single precision, in the order written.
 */
const MAP_KINDS = {
  /** A byte of the data set at a place that seed and step choose; an integer, as are v0 of those that say so. */
  byte: 0,
  /** v1 + v2; v0 is an integer that chooses the element of v1. */
  embed: 1,
  /** v0 * v1 */
  product: 2,
  /** v0 + v1 */
  sum: 3,
  /** v0 * c0 */
  scaled: 4,
  /** v0 * v1 + v2 */
  productSum: 5,
  /** (v0 - v1) * v2 */
  differenceProduct: 6,
  /** 1 / sqrt(v0 * c0 + c1) */
  inverseRoot: 7,
  /** c0 / v0 */
  quotient: 8,
  /** exp(v0 * c0 - v1) */
  exponential: 9,
  /** 1 / (1 + exp(-(v0 * (c0 + c1 * (v0 * v0))))) */
  gate: 10,
  /** v0 * (v2 + (v2 * (1 - v2)) * (v1 * (c0 + c1 * (v1 * v1)))) */
  gateGradient: 11,
  /** log(v1) + (v2 - v3); v0 is an integer that chooses the element of v3. */
  loss: 12,
  /** v1 * v2, less c0 in the column that the integer v0 names. */
  lossGradient: 13,
  /** (v0 - v1) - v2 * v3 */
  centred: 14,
  /** (v0 * (v1 - v2)) * c0 */
  scoreGradient: 15,
  /** The operand whose number is the third coordinate. */
  choice: 16,
  /** 1 / (1 - v0 * c0) */
  correction: 17,
  /** c0 * v0 + c1 * v1 */
  firstMoment: 18,
  /** c0 * v0 + c1 * (v1 * v1) */
  secondMoment: 19,
  /** v0 - (c0 * (v1 * v3)) / (sqrt(v2 * v4) + c1) */
  adamWeight: 20,
  /** v0 - c0 * v1 */
  sgdWeight: 21,
  /** A byte of one of several byte strings, at a place that operand 0 gives; an integer, zero beyond the string's end. */
  octet: 22,
  /** Four bytes of one of them as 32 bits, the lowest first. */
  word: 23,
  /** v0 * v1, where v0 is an integer: the two's complement of a byte. Positive zero where it is zero. */
  dequantised: 24,
  /** v1 where the integer v0 is not zero, else c0. */
  chosen: 25,
  /** The smaller of v0 and v1. */
  lower: 26,
  /** The larger of v0 and v1. */
  higher: 27,
  /** v0 / v1 */
  ratio: 28,
  /** v0 - v1 */
  difference: 29,
  /**
   * v0 * 10^6 to the nearest integer, halves up, at least 0; 2^62 where that is more or v0 is not finite: its 16 bits whose number
   * is the last coordinate. Zero from row c0 on, an integer.
   */
  microNats: 30,
  /** The sum of the integers vk * 2^(16 k), at most 2^62: its high 32 bits, or its low ones where the last coordinate is 1. */
  wide: 31,
  /**
   * SHA-256 of one of the byte strings after one block more a row, eight words each: a row follows from the block and from the row
   * before it of the same output, which operand 1 names.
   */
  digest: 32,
} as const;

/** Kinds that reduce: what each term makes of the accumulator a. */
const REDUCTION_KINDS = {
  /** a + v0 */
  total: 33,
  /** a + v0 * v1 */
  dot: 34,
  /** a + (v0 - v1) * (v0 - v1) */
  squaredDifferences: 35,
  /** The larger of a and v0 * c0. */
  maximum: 36,
  /** a + v1 where the integer v0 is the third coordinate, else a. */
  tokenGradient: 37,
  /** a + v1 where the integer v0 is not zero, else a. */
  chosenTotal: 38,
  /** a + v0 as integers, modulo 2^32. */
  integerTotal: 39,
} as const;

export const KINDS = { ...MAP_KINDS, ...REDUCTION_KINDS } as const;

export type ReductionKind = keyof typeof REDUCTION_KINDS;
export type Kind = keyof typeof KINDS;

export function isReductionKind(kind: Kind): kind is ReductionKind {
  return kind in REDUCTION_KINDS;
}

/** Kinds that read byte strings: `tensor` of their first operand is the number of the first string, to which the first coordinate adds. */
const SOURCE_KINDS = ["octet", "word", "digest"] as const;
/** Kinds whose outputs are 32 bits as they are, and no numbers of single precision. */
const BIT_KINDS: readonly Kind[] = ["byte", ...SOURCE_KINDS, "choice", "microNats", "wide", "integerTotal"];

export type SourceKind = (typeof SOURCE_KINDS)[number];

export function isSourceKind(kind: Kind): kind is SourceKind {
  return SOURCE_KINDS.some((source) => source === kind);
}

export function isBitKind(kind: Kind): boolean {
  return BIT_KINDS.includes(kind);
}

/** One number for each of an output's four coordinates, of which the last runs fastest. */
export type Quad = readonly [number, number, number, number];

/** Which element of a tensor belongs to which element, and term, of an output. */
export interface Operand {
  readonly tensor: number;
  /** The element is offset + strides . coordinates + term * (number of the term) + index * (integer value of operand 0). */
  readonly offset: number;
  readonly strides: Quad;
  readonly term: number;
  readonly index: number;
}

/**
 * Which of `count` terms an element has. The strips are those of the matrix kernel, which takes four rows at once and
 * leaves out terms only where all four have none.
 */
export const TERM_RULES = { all: 0, upToRow: 1, upToStrip: 2, fromStrip: 3 } as const;

/** What an accumulator starts from: zero, negative infinity, or the value of the last operand. */
export const STARTS = { zero: 0, lowest: 1, operand: 2 } as const;

export interface Reduction {
  readonly count: number;
  readonly rule: keyof typeof TERM_RULES;
  readonly start: keyof typeof STARTS;
}

/** A map over the elements of an output, or a reduction for each of them. */
export interface Primitive {
  /** For people. */
  readonly name: string;
  readonly kind: Kind;
  readonly sizes: Quad;
  /** Which coordinate is the row that mask and term rules speak of. */
  readonly row: number;
  /** Elements whose last coordinate is larger than the row are zero, from no operand. */
  readonly masked: boolean;
  readonly operands: readonly Operand[];
  /**
   * 32-bit words: numbers of single precision, but for `byte`, the row of `microNats`, and of kinds that read byte strings how
   * many strings there are, and how many bytes these have.
   */
  readonly constants: readonly number[];
  readonly reduction: Reduction | undefined;
  /** A NaN may be its result, by the one way in which the contract writes it; else nothing that is NaN is right. */
  readonly exact: boolean;
}

export const ELEMENTS_PER_CHUNK = 8;

export function elementsOf({ sizes }: Primitive): number {
  return sizes[0] * sizes[1] * sizes[2] * sizes[3];
}

export function coordinatesOf({ sizes }: Primitive, element: number): Quad {
  const [, s1, s2, s3] = sizes;
  const d3 = element % s3;
  const rest = Math.floor(element / s3);
  return [Math.floor(rest / (s1 * s2)), Math.floor(rest / s2) % s1, rest % s2, d3];
}

/** First term of an element, and the one after its last. */
export function termsOf(
  { reduction, row }: Pick<Primitive, "reduction" | "row">,
  coordinates: Quad,
): readonly [number, number] {
  if (reduction === undefined) return [0, 0];
  const { count, rule } = reduction;
  const at = coordinates[row] ?? 0;
  const strip = at - (at % 4);
  switch (rule) {
    case "all":
      return [0, count];
    case "upToRow":
      return [0, at + 1];
    case "upToStrip":
      return [0, Math.min(count, strip + 4)];
    case "fromStrip":
      return [strip, count];
  }
}

export function isMasked({ masked, row }: Primitive, coordinates: Quad): boolean {
  return masked && coordinates[3] > (coordinates[row] ?? 0);
}

/** Which element of its tensor an operand is; `index` is the integer value of operand 0 where one chooses. */
export function operandElement(operand: Operand, coordinates: Quad, term: number, index: number): number {
  const { offset, strides } = operand;
  const [d0, d1, d2, d3] = coordinates;
  return (
    offset +
    strides[0] * d0 +
    strides[1] * d1 +
    strides[2] * d2 +
    strides[3] * d3 +
    operand.term * term +
    operand.index * index
  );
}
