import type { RandomStream } from "../meters/profiles/randomStream.ts";
import { neighboursOf, type Ising } from "./qubo.ts";

/** Spins in a transverse field as a classical system with one dimension more. */
export interface PathIntegral {
  /** A replica of all spins for each slice of imaginary time. */
  readonly slices: readonly Int8Array[];
  /** Visits every spin of every slice, and every spin in all slices at once, at this transverse field. */
  sweep(transverseField: number): void;
}

/**
 * Path-integral Monte Carlo of `H = sum(h s) + sum(J s s) - field * sum(σx)` at a temperature T, by Suzuki and Trotter: P
 * replicas, each at the temperature P T, whose spins are tied to those of the next replica by `(P T / 2) ln coth(field / (P T))`.
 */
export function pathIntegral(
  { fields, couplings }: Ising,
  input: {
    readonly slices: number;
    readonly temperature: number;
    readonly random: RandomStream;
  },
): PathIntegral {
  const { random } = input;
  const spins = fields.length;
  const neighbours = neighboursOf(spins, couplings);
  const replicaTemperature = input.slices * input.temperature;
  const slices = Array.from({ length: input.slices }, () =>
    Int8Array.from({ length: spins }, () => (random.uniform() < 0.5 ? -1 : 1)),
  );
  const accepts = (change: number): boolean => change <= 0 || random.uniform() < Math.exp(-change / replicaTemperature);
  const changeOf = (slice: Int8Array, spin: number): number => {
    let field = fields[spin] ?? 0;
    for (const { other, value } of neighbours[spin] ?? []) field += value * (slice[other] ?? 0);
    return -2 * (slice[spin] ?? 0) * field;
  };
  const flip = (slice: Int8Array, spin: number): void => {
    slice[spin] = -(slice[spin] ?? 0);
  };
  return {
    slices,
    sweep: (transverseField) => {
      const tie = (-replicaTemperature / 2) * Math.log(Math.tanh(transverseField / replicaTemperature));
      slices.forEach((slice, time) => {
        const before = slices.at(time - 1) ?? slice;
        const after = slices[(time + 1) % slices.length] ?? slice;
        for (let spin = 0; spin < spins; spin++) {
          const ties = 2 * tie * (slice[spin] ?? 0) * ((before[spin] ?? 0) + (after[spin] ?? 0));
          if (accepts(changeOf(slice, spin) + ties)) flip(slice, spin);
        }
      });
      for (let spin = 0; spin < spins; spin++) {
        if (!accepts(slices.reduce((sum, slice) => sum + changeOf(slice, spin), 0))) continue;
        for (const slice of slices) flip(slice, spin);
      }
    },
  };
}
