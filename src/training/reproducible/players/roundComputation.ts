import { ChunkTree, tensorTree } from "../chunkTree.ts";
import { CommittedStep } from "../committedStep.ts";
import type { TapeProgram } from "../composeTape.ts";
import { accumulatorsOf } from "../evaluatePrimitive.ts";
import { stateAfter } from "../runStep.ts";

/** A round of a job: its first step, and how its steps lie between checkpoints. */
export interface RoundShape {
  readonly firstStep: number;
  readonly stride: number;
  readonly checkpoints: number;
}

/** An element of what a step computed. */
export interface ElementPlace {
  readonly checkpoint: number;
  /** After the checkpoint before. */
  readonly step: number;
  readonly operation: number;
  readonly element: number;
}

/** Every tensor of a step from the state before it; `runStep` of an honest player. */
export type StepFunction = (state: readonly Float32Array[], step: number) => Float32Array[];

/**
 * What a player of a dispute knows: the states after every step of a round, and any of its steps whole. It keeps the states
 * of one round; steps are computed again when they are asked for.
 */
export class RoundComputation {
  readonly tape: TapeProgram;
  readonly shape: RoundShape;
  readonly checkpoints: ChunkTree;
  readonly #run: StepFunction;
  /** The state before the round, then that after each of its steps. */
  readonly #states: readonly (readonly Float32Array[])[];
  readonly #roots: readonly Buffer[];
  #last: { readonly step: number; readonly committed: CommittedStep } | undefined;

  constructor(tape: TapeProgram, shape: RoundShape, state: readonly Float32Array[], run: StepFunction) {
    this.tape = tape;
    this.shape = shape;
    this.#run = run;
    const states = [state];
    for (let step = 0; step < shape.stride * shape.checkpoints; ++step) {
      states.push(stateAfter(tape, run(states[step] ?? [], shape.firstStep + step)));
    }
    this.#states = states;
    this.#roots = states.slice(1).map(stateRoot);
    this.checkpoints = new ChunkTree(
      Array.from({ length: shape.checkpoints }, (_, checkpoint) => this.#root((checkpoint + 1) * shape.stride - 1)),
    );
  }

  /** The state that the next round starts from. */
  get endState(): readonly Float32Array[] {
    return this.#states.at(-1) ?? [];
  }

  /** The states after each step up to a checkpoint. */
  steps(checkpoint: number): ChunkTree {
    const { stride } = this.shape;
    return new ChunkTree(Array.from({ length: stride }, (_, step) => this.#root(checkpoint * stride + step)));
  }

  /** A step by its place after the checkpoint before. */
  step(checkpoint: number, place: number): CommittedStep {
    const step = checkpoint * this.shape.stride + place;
    if (this.#last?.step !== step) {
      const tensors = this.#run(this.#states[step] ?? [], this.shape.firstStep + step);
      this.#last = { step, committed: new CommittedStep(this.tape, tensors) };
    }
    return this.#last.committed;
  }

  /** The accumulators of an element's reduction. */
  accumulators({ checkpoint, step, operation, element }: ElementPlace): Float32Array {
    const primitive = this.tape.primitives[operation];
    if (primitive === undefined) throw new RangeError(`there is no operation ${String(operation)}`);
    return accumulatorsOf(primitive, this.step(checkpoint, step).tensors, element);
  }

  #root(step: number): Buffer {
    const root = this.#roots[step];
    if (root === undefined) throw new RangeError(`the round has no step ${String(step)}`);
    return root;
  }
}

/** The root over a state's tensors. */
export function stateRoot(state: readonly Float32Array[]): Buffer {
  return new ChunkTree(state.map((tensor) => tensorTree(tensor).root)).root;
}
