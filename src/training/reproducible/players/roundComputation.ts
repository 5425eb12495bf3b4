import { ChunkTree } from "../chunkTree.ts";
import { CommittedStep } from "../committedStep.ts";
import { accumulatorsOf } from "../evaluatePrimitive.ts";
import { stateRoot, type JobComputation } from "./jobComputation.ts";

/** An element of what a step computed. */
export interface ElementPlace {
  readonly checkpoint: number;
  /** After the checkpoint before. */
  readonly step: number;
  readonly operation: number;
  readonly element: number;
}

/**
 * What a player of a dispute knows of a round: its checkpoints, and on request the steps up to one of them and any of its steps
 * whole. It holds the stride and the step that were asked for last.
 */
export class RoundComputation {
  readonly job: JobComputation;
  readonly round: number;
  readonly checkpoints: ChunkTree;
  #stride: { readonly checkpoint: number; readonly steps: ChunkTree } | undefined;
  #step: { readonly number: number; readonly committed: CommittedStep } | undefined;

  constructor(job: JobComputation, round: number, checkpoints: ChunkTree) {
    this.job = job;
    this.round = round;
    this.checkpoints = checkpoints;
  }

  /** The states after each step up to a checkpoint. */
  async steps(checkpoint: number): Promise<ChunkTree> {
    if (this.#stride?.checkpoint !== checkpoint) {
      const { runner, shape } = this.job;
      const first = this.stepNumber(checkpoint, 0);
      let state = await this.#stateBefore(checkpoint);
      const roots: Buffer[] = [];
      for (let step = 0; step < shape.stride; ++step) {
        state = await runner.advance(state, first + step, 1);
        roots.push(stateRoot(state));
      }
      this.#stride = { checkpoint, steps: new ChunkTree(roots) };
    }
    return this.#stride.steps;
  }

  /** A step by its place after the checkpoint before. */
  async step(checkpoint: number, place: number): Promise<CommittedStep> {
    const number = this.stepNumber(checkpoint, place);
    if (this.#step?.number !== number) {
      const { runner, tape } = this.job;
      const start = await this.#stateBefore(checkpoint);
      const state = place === 0 ? start : await runner.advance(start, this.stepNumber(checkpoint, 0), place);
      this.#step = { number, committed: new CommittedStep(tape, await runner.tensors(state, number)) };
    }
    return this.#step.committed;
  }

  /** The accumulators of an element's reduction. */
  async accumulators({ checkpoint, step, operation, element }: ElementPlace): Promise<Float32Array> {
    const primitive = this.job.tape.primitives[operation];
    if (primitive === undefined) throw new RangeError(`there is no operation ${String(operation)}`);
    return accumulatorsOf(primitive, (await this.step(checkpoint, step)).tensors, element);
  }

  /** The job's number of a step. */
  stepNumber(checkpoint: number, place: number): number {
    const { firstStep, stride, checkpoints } = this.job.shape;
    return firstStep + (this.round * checkpoints + checkpoint) * stride + place;
  }

  #stateBefore(checkpoint: number) {
    return this.job.stateBefore(this.round * this.job.shape.checkpoints + checkpoint);
  }
}
