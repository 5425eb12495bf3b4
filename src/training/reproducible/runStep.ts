import type { TapeProgram } from "./composeTape.ts";
import { evaluatePrimitive, type StepSource, type StringSource } from "./evaluatePrimitive.ts";

/**
 * Every tensor of one step by its number: the state before it, what the step computes, and as the last of these the state
 * after it (`stateAfter`). All are the trainer's to the bit.
 */
export function runStep(
  tape: TapeProgram,
  state: readonly Float32Array[],
  source: StepSource | StringSource,
): Float32Array[] {
  const tensors = [...state];
  for (const primitive of tape.primitives) tensors.push(evaluatePrimitive(primitive, tensors, source));
  return tensors;
}

export function stateAfter(tape: TapeProgram, tensors: readonly Float32Array[]): Float32Array[] {
  return tensors.slice(-tape.state.length);
}
