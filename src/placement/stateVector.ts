import { JouleworkError } from "../errors.ts";
import type { Qubo } from "./qubo.ts";

/** A million amplitudes of 16 bytes. */
export const MAX_QUBITS = 20;

/** Amplitudes of all basis states; bit q of a state's number is qubit q. */
export interface StateVector {
  readonly qubits: number;
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** The equal superposition of all basis states: a Hadamard gate on each qubit of |0...0>. */
export function uniformState(qubits: number): StateVector {
  requireQubits(qubits);
  const size = 2 ** qubits;
  return { qubits, real: new Float64Array(size).fill(1 / Math.sqrt(size)), imaginary: new Float64Array(size) };
}

/** exp(-i angle D) for a diagonal operator D, given by its values. */
export function applyPhases({ real, imaginary }: StateVector, diagonal: Float64Array, angle: number): void {
  for (let state = 0; state < real.length; state++) {
    const phase = -angle * (diagonal[state] ?? 0);
    const cosine = Math.cos(phase);
    const sine = Math.sin(phase);
    const re = real[state] ?? 0;
    const im = imaginary[state] ?? 0;
    real[state] = re * cosine - im * sine;
    imaginary[state] = re * sine + im * cosine;
  }
}

/** exp(-i angle X / 2) on one qubit. */
export function applyRx({ real, imaginary }: StateVector, qubit: number, angle: number): void {
  const cosine = Math.cos(angle / 2);
  const sine = Math.sin(angle / 2);
  const stride = 2 ** qubit;
  for (let block = 0; block < real.length; block += 2 * stride) {
    for (let low = block; low < block + stride; low++) {
      const high = low + stride;
      const lowRe = real[low] ?? 0;
      const lowIm = imaginary[low] ?? 0;
      const highRe = real[high] ?? 0;
      const highIm = imaginary[high] ?? 0;
      real[low] = cosine * lowRe + sine * highIm;
      imaginary[low] = cosine * lowIm - sine * highRe;
      real[high] = cosine * highRe + sine * lowIm;
      imaginary[high] = cosine * highIm - sine * lowRe;
    }
  }
}

export function probabilities({ real, imaginary }: StateVector): Float64Array {
  return real.map((re, state) => re * re + (imaginary[state] ?? 0) ** 2);
}

/** The energy of every assignment of bits, each from one with a bit less. */
export function allEnergies({ linear, quadratic, offset }: Qubo): Float64Array {
  requireQubits(linear.length);
  const energies = new Float64Array(2 ** linear.length).fill(offset);
  const slopes = new Float64Array(energies.length);
  linear.forEach((own, qubit) => {
    const size = 2 ** qubit;
    slopes[0] = own;
    for (let lower = 0; lower < qubit; lower++) {
      const half = 2 ** lower;
      const value = quadratic.find(({ i, j }) => i === lower && j === qubit)?.value ?? 0;
      for (let state = 0; state < half; state++) slopes[half + state] = (slopes[state] ?? 0) + value;
    }
    for (let state = 0; state < size; state++) energies[size + state] = (energies[state] ?? 0) + (slopes[state] ?? 0);
  });
  return energies;
}

function requireQubits(qubits: number): void {
  if (Number.isInteger(qubits) && qubits >= 1 && qubits <= MAX_QUBITS) return;
  throw new JouleworkError({
    code: "QUBITS_OUT_OF_RANGE",
    what: "The state vector is not simulated for so many qubits",
    values: { qubits },
    hint: `Use 1 to ${MAX_QUBITS} qubits: fewer jobs, slots or data centres.`,
  });
}
