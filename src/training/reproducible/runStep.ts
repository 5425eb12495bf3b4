import type { Tape } from "./composeTape.ts";
import { evaluatePrimitive, type StepSource } from "./evaluatePrimitive.ts";

/**
 * Every tensor of one step by its number: the state before it, what the step computes, and as the last of these the state
 * after it (`stateAfter`). All are the trainer's to the bit.
 */
export function runStep(tape: Tape, state: readonly Float32Array[], source: StepSource): Float32Array[] {
  const tensors = [...state];
  for (const primitive of tape.primitives) tensors.push(evaluatePrimitive(primitive, tensors, source));
  return tensors;
}

export function stateAfter(tape: Tape, tensors: readonly Float32Array[]): Float32Array[] {
  return tensors.slice(-tape.state.length);
}
