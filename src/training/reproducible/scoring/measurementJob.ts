import type { GlobalState } from "../../federated/types.ts";
import { bytesTree, ChunkTree } from "../chunkTree.ts";
import { encodeTape, type EncodedTape } from "../encodePrimitive.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import type { OpenedStrings } from "../openTransition.ts";
import { RoundComputation, stateRoot } from "../players/roundComputation.ts";
import { runStep } from "../runStep.ts";
import { globalTensors } from "./measureOnTape.ts";
import type { MeasurementTape } from "./measurementTypes.ts";

/** A measurement is a round of one step. */
const SHAPE = { firstStep: 0, stride: 1, checkpoints: 1 } as const;

/** Those terms of a reproducible job that say what is to be measured; the rest is money and time. */
export interface MeasurementTerms {
  readonly program: { readonly root: Buffer; readonly stateTensors: number; readonly operations: number };
  readonly dataset: Buffer;
  readonly initialState: Buffer;
  readonly firstStep: 0;
  readonly stride: 1;
  readonly checkpoints: 1;
  readonly rounds: 1;
}

/** What both sides of a dispute about a measurement know. */
export interface MeasurementJob {
  readonly terms: MeasurementTerms;
  readonly encoded: EncodedTape;
  readonly dataset: OpenedStrings;
  readonly computation: RoundComputation;
}

/**
 * A measurement as a reproducible job whose one step it is: its end state holds the loss, and where the move leads.
 * @param strings The slice, the updates in the order of their hashes, and the selection.
 */
export function measurementJob(
  tape: MeasurementTape,
  state: GlobalState,
  strings: readonly Uint8Array[],
  functions: KernelFunctions,
): MeasurementJob {
  const encoded = encodeTape(tape);
  const trees = strings.map(bytesTree);
  const dataset = { strings: trees, tree: new ChunkTree(trees.map(({ root }) => root)) };
  const start = globalTensors(tape.parameters, state);
  const computation = new RoundComputation(tape, SHAPE, start, (before) =>
    runStep(tape, before, { strings, functions }),
  );
  const program = { root: encoded.programRoot, stateTensors: tape.state.length, operations: tape.primitives.length };
  const terms = { program, dataset: dataset.tree.root, initialState: stateRoot(start), ...SHAPE, rounds: 1 } as const;
  return { terms, encoded, dataset, computation };
}
