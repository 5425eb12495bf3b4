import { ChunkTree, tensorTree } from "./chunkTree.ts";
import type { TapeProgram } from "./composeTape.ts";
import { ELEMENTS_PER_CHUNK } from "./primitives.ts";

/** Eight elements with the siblings up to their tensor's root, and from there up to the root of the tree of tensors. */
export interface Opening {
  readonly chunk: Buffer;
  readonly inTensor: readonly Buffer[];
  readonly inTree: readonly Buffer[];
}

/** A step's tensors and the trees over them: what a provider commits to, and opens elements of. */
export class CommittedStep {
  readonly tensors: readonly Float32Array[];
  readonly stateBefore: ChunkTree;
  /** Over what the step computes before the state after it. */
  readonly between: ChunkTree;
  readonly stateAfter: ChunkTree;
  readonly #trees: readonly ChunkTree[];
  readonly #stateTensors: number;
  readonly #operations: number;

  constructor({ state, primitives }: TapeProgram, tensors: readonly Float32Array[]) {
    this.tensors = tensors;
    this.#trees = tensors.map(tensorTree);
    this.#stateTensors = state.length;
    this.#operations = primitives.length;
    const over = (from: number, to: number): ChunkTree =>
      new ChunkTree(this.#trees.slice(from, to).map(({ root }) => root));
    this.stateBefore = over(0, state.length);
    this.between = over(state.length, primitives.length);
    this.stateAfter = over(primitives.length, tensors.length);
  }

  open(tensor: number, element: number): Opening {
    const tree = this.#trees[tensor];
    if (tree === undefined) throw new RangeError(`there is no tensor ${String(tensor)}`);
    const chunk = Math.floor(element / ELEMENTS_PER_CHUNK);
    return { chunk: tree.leaf(chunk), inTensor: tree.proof(chunk), inTree: this.#proof(tensor) };
  }

  #proof(tensor: number): Buffer[] {
    if (tensor >= this.#operations) return this.stateAfter.proof(tensor - this.#operations);
    if (tensor >= this.#stateTensors) return this.between.proof(tensor - this.#stateTensors);
    return this.stateBefore.proof(tensor);
  }
}
