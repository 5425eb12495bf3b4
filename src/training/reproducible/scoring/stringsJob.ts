import { bytesTree, ChunkTree } from "../chunkTree.ts";
import type { TapeProgram } from "../composeTape.ts";
import { encodeTape, type EncodedTape } from "../encodePrimitive.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import type { OpenedStrings } from "../openTransition.ts";
import { JobComputation, stateRoot } from "../players/jobComputation.ts";
import type { RoundComputation } from "../players/roundComputation.ts";
import { recentStates } from "../players/stateKeeper.ts";
import type { State, StepRunner } from "../players/stepRunner.ts";
import { runStep, stateAfter } from "../runStep.ts";

/** One run of a program is a round of one step. */
const SHAPE = { firstStep: 0, stride: 1, checkpoints: 1 } as const;

/** Those terms of a reproducible job that say what is to be computed; the rest is money and time. */
export interface StringsTerms {
  readonly program: { readonly root: Buffer; readonly stateTensors: number; readonly operations: number };
  readonly dataset: Buffer;
  readonly initialState: Buffer;
  readonly firstStep: 0;
  readonly stride: 1;
  readonly checkpoints: 1;
  readonly rounds: 1;
}

/** What both sides of a dispute about one run of a program over byte strings know. */
export interface StringsJob {
  readonly terms: StringsTerms;
  readonly encoded: EncodedTape;
  readonly dataset: OpenedStrings;
  readonly computation: RoundComputation;
}

export interface StringsJobParameters {
  readonly tape: TapeProgram;
  readonly strings: readonly Uint8Array[];
  readonly functions: KernelFunctions;
}

/** The state before a program that reads byte strings alone: zeros, whatever they are. */
export function zeroState({ state, sizes }: TapeProgram): Float32Array[] {
  return state.map((_, tensor) => new Float32Array(sizes[tensor] ?? 0));
}

/** One run of a program over byte strings as a reproducible job. */
export async function stringsJob({ tape, strings, functions }: StringsJobParameters): Promise<StringsJob> {
  const start = zeroState(tape);
  const encoded = encodeTape(tape);
  const trees = strings.map(bytesTree);
  const dataset = { strings: trees, tree: new ChunkTree(trees.map(({ root }) => root)) };
  const run = (state: State) => runStep(tape, state, { strings, functions });
  const runner: StepRunner = {
    advance: (state) => Promise.resolve(stateAfter(tape, run(state))),
    tensors: (state) => Promise.resolve(run(state)),
  };
  const job = new JobComputation({ tape, shape: SHAPE, start, runner, states: recentStates() });
  await job.next();
  const program = { root: encoded.programRoot, stateTensors: tape.state.length, operations: tape.primitives.length };
  const terms = { program, dataset: dataset.tree.root, initialState: stateRoot(start), ...SHAPE, rounds: 1 } as const;
  return { terms, encoded, dataset, computation: job.round(0) };
}
