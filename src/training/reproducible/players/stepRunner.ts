/** The tensors of a state. */
export type State = readonly Float32Array[];

/** How a player computes steps: as the job says, or, for demonstrations and tests, otherwise. */
export interface StepRunner {
  /** The state after so many steps, of which `firstStep` is the first. */
  advance(state: State, firstStep: number, steps: number): Promise<State>;
  /** Every tensor of one step by its number, from the state before it. */
  tensors(state: State, step: number): Promise<readonly Float32Array[]>;
}
