export { ChunkTree, tensorTree } from "./chunkTree.ts";
export { composeTape, type Tape, type TapeConfig } from "./composeTape.ts";
export { encodeTape, type EncodedTape } from "./encodePrimitive.ts";
export { accumulatorsOf, type KernelFunctions, type StepSource } from "./evaluatePrimitive.ts";
export { loadFunctions } from "./loadFunctions.ts";
export type { Kind, Operand as TapeOperand, Primitive, Quad, Reduction } from "./primitives.ts";
export { runStep, stateAfter } from "./runStep.ts";
export { initialOptimizerState, splitState } from "./state.ts";
