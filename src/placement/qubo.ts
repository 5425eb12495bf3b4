/** `offset + sum(linear[i] x_i) + sum(value x_i x_j)` over bits, to be made least. */
export interface Qubo {
  readonly labels: readonly string[];
  readonly linear: Float64Array;
  /** Pairs i < j, each once. */
  readonly quadratic: readonly Coupling[];
  readonly offset: number;
}

export interface Coupling {
  readonly i: number;
  readonly j: number;
  readonly value: number;
}

/** The same function over spins of -1 and 1, where a spin of 1 is a bit of 1. */
export interface Ising {
  readonly labels: readonly string[];
  readonly fields: Float64Array;
  readonly couplings: readonly Coupling[];
  readonly offset: number;
}

/** What a solver walks along: for each variable those that it is coupled to. */
export type Neighbours = readonly (readonly { readonly other: number; readonly value: number }[])[];

export function quboEnergy({ linear, quadratic, offset }: Qubo, bits: ArrayLike<number>): number {
  let energy = offset;
  for (let place = 0; place < linear.length; place++) energy += (linear[place] ?? 0) * (bits[place] ?? 0);
  for (const { i, j, value } of quadratic) energy += value * (bits[i] ?? 0) * (bits[j] ?? 0);
  return energy;
}

export function isingEnergy({ fields, couplings, offset }: Ising, spins: ArrayLike<number>): number {
  return quboEnergy({ labels: [], linear: fields, quadratic: couplings, offset }, spins);
}

/** By x = (1 + s) / 2. */
export function toIsing({ labels, linear, quadratic, offset }: Qubo): Ising {
  const fields = linear.map((value) => value / 2);
  let constant = offset + linear.reduce((sum, value) => sum + value / 2, 0);
  for (const { i, j, value } of quadratic) {
    fields[i] = (fields[i] ?? 0) + value / 4;
    fields[j] = (fields[j] ?? 0) + value / 4;
    constant += value / 4;
  }
  return {
    labels,
    fields,
    couplings: quadratic.map(({ i, j, value }) => ({ i, j, value: value / 4 })),
    offset: constant,
  };
}

/** By s = 2x - 1. */
export function toQubo({ labels, fields, couplings, offset }: Ising): Qubo {
  const linear = fields.map((value) => 2 * value);
  let constant = offset - fields.reduce((sum, value) => sum + value, 0);
  for (const { i, j, value } of couplings) {
    linear[i] = (linear[i] ?? 0) - 2 * value;
    linear[j] = (linear[j] ?? 0) - 2 * value;
    constant += value;
  }
  return {
    labels,
    linear,
    quadratic: couplings.map(({ i, j, value }) => ({ i, j, value: 4 * value })),
    offset: constant,
  };
}

export function neighboursOf(variables: number, couplings: readonly Coupling[]): Neighbours {
  const neighbours = Array.from({ length: variables }, (): { other: number; value: number }[] => []);
  for (const { i, j, value } of couplings) {
    neighbours[i]?.push({ other: j, value });
    neighbours[j]?.push({ other: i, value });
  }
  return neighbours;
}

/** The smallest coefficient that is not zero, above zero: what decides between good assignments. */
export function smallestCoefficient({ linear, quadratic }: Qubo): number {
  const sizes = [...linear, ...quadratic.map(({ value }) => value)].map(Math.abs).filter((size) => size > 0);
  return sizes.length === 0 ? Number.MIN_VALUE : Math.min(...sizes);
}

/** A bound on how far a single bit can change the energy, above zero: what temperatures and fields are measured by. */
export function largestChange({ linear, quadratic }: Qubo): number {
  const change = linear.map(Math.abs);
  for (const { i, j, value } of quadratic) {
    change[i] = (change[i] ?? 0) + Math.abs(value);
    change[j] = (change[j] ?? 0) + Math.abs(value);
  }
  return Math.max(Number.MIN_VALUE, ...change);
}
