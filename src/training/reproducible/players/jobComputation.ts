import { ChunkTree, tensorTree } from "../chunkTree.ts";
import type { TapeProgram } from "../composeTape.ts";
import { RoundComputation } from "./roundComputation.ts";
import type { StateKeeper } from "./stateKeeper.ts";
import type { State, StepRunner } from "./stepRunner.ts";

/** How the steps of a job lie between checkpoints, and these in rounds. */
export interface JobShape {
  readonly firstStep: number;
  readonly stride: number;
  /** Of a round. */
  readonly checkpoints: number;
}

export interface JobComputationParameters {
  readonly tape: TapeProgram;
  readonly shape: JobShape;
  /** The state before the first step. */
  readonly start: State;
  readonly runner: StepRunner;
  readonly states: StateKeeper;
  /** Of the checkpoints that an earlier run reached, from the first one on. */
  readonly roots?: readonly Buffer[];
}

/**
 * A job as a player computes it, from checkpoint to checkpoint. It holds their roots; states are with the keeper, and what
 * is between two checkpoints is computed again when it is asked for.
 */
export class JobComputation {
  readonly tape: TapeProgram;
  readonly shape: JobShape;
  readonly runner: StepRunner;
  readonly #start: State;
  readonly #states: StateKeeper;
  readonly #roots: Buffer[];

  constructor({ tape, shape, start, runner, states, roots = [] }: JobComputationParameters) {
    this.tape = tape;
    this.shape = shape;
    this.runner = runner;
    this.#start = start;
    this.#states = states;
    this.#roots = [...roots];
  }

  /** Roots of the checkpoints that are computed, counted through all rounds. */
  get roots(): readonly Buffer[] {
    return this.#roots;
  }

  /** Trains up to the next checkpoint; gives its root. */
  async next(): Promise<Buffer> {
    const reached = this.#roots.length;
    const state = await this.#after(reached, await this.stateBefore(reached));
    const root = stateRoot(state);
    await this.#states.save(root, state);
    this.#roots.push(root);
    return root;
  }

  /** A round whose checkpoints are all computed. */
  round(round: number): RoundComputation {
    const { checkpoints } = this.shape;
    const roots = this.#roots.slice(round * checkpoints, (round + 1) * checkpoints);
    if (roots.length < checkpoints) throw new RangeError(`round ${String(round)} is not computed yet`);
    return new RoundComputation(this, round, new ChunkTree(roots));
  }

  /** The state that training to a checkpoint starts from: as it was kept, or trained anew from the last one that was. */
  async stateBefore(checkpoint: number): Promise<State> {
    const kept = await this.#newestKept(checkpoint);
    let { state } = kept;
    for (let at = kept.checkpoint; at < checkpoint; ++at) {
      state = await this.#after(at, state);
      const root = this.#roots[at];
      if (root !== undefined) await this.#states.save(root, state);
    }
    return state;
  }

  async #newestKept(checkpoint: number): Promise<{ readonly checkpoint: number; readonly state: State }> {
    for (let at = checkpoint; at > 0; --at) {
      const root = this.#roots[at - 1];
      const state = root === undefined ? undefined : await this.#states.load(root);
      if (state !== undefined) return { checkpoint: at, state };
    }
    return { checkpoint: 0, state: this.#start };
  }

  #after(checkpoint: number, state: State): Promise<State> {
    const { firstStep, stride } = this.shape;
    return this.runner.advance(state, firstStep + checkpoint * stride, stride);
  }
}

/** The root over a state's tensors. */
export function stateRoot(state: State): Buffer {
  return new ChunkTree(state.map((tensor) => tensorTree(tensor).root)).root;
}
