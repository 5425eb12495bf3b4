import hre from "hardhat";
import { drawInitialWeights } from "../../src/training/initialWeights.ts";
import { bytesTree, ChunkTree } from "../../src/training/reproducible/chunkTree.ts";
import { CommittedStep, type Opening } from "../../src/training/reproducible/committedStep.ts";
import { composeTape, type TapeConfig, type TapeProgram } from "../../src/training/reproducible/composeTape.ts";
import { encodeTape, type EncodedTape } from "../../src/training/reproducible/encodePrimitive.ts";
import { accumulatorsOf } from "../../src/training/reproducible/evaluatePrimitive.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import {
  openTransition,
  type OpenedDataset,
  type OpenedStrings,
  type TransitionPlace,
} from "../../src/training/reproducible/openTransition.ts";
import {
  coordinatesOf,
  elementsOf,
  isMasked,
  isReductionKind,
  termsOf,
} from "../../src/training/reproducible/primitives.ts";
import { runStep, stateAfter } from "../../src/training/reproducible/runStep.ts";
import { addressJob } from "../../src/training/reproducible/scoring/addressJob.ts";
import { composeMeasurement } from "../../src/training/reproducible/scoring/composeMeasurement.ts";
import { measurementStrings } from "../../src/training/reproducible/scoring/measurementJob.ts";
import { inOrderOfHashes } from "../../src/training/reproducible/scoring/measureOnTape.ts";
import { zeroState } from "../../src/training/reproducible/scoring/stringsJob.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import { initialOptimizerState, splitState } from "../../src/training/reproducible/state.ts";
import type { RefereeHarness } from "../../typechain-types/index.ts";
import type { Choices } from "../differential/random.ts";
import { exampleText } from "../training/goldenRun.ts";
import { scoringRound } from "./scoringRound.ts";

/** Number of the committed steps in their training. */
export const STEP = 5;
/** The text of the steps. */
export const corpus = exampleText(20);
export const model = { layers: 1, width: 16, heads: 4, context: 11 };
const common = { model, batch: 3, seed: 2 ** 34 + 3, corpusBytes: corpus.length };
export const ADAM: TapeConfig = { ...common, optimizer: { kind: "adam", learningRate: 0.01 } };
export const SGD: TapeConfig = { ...common, optimizer: { kind: "sgd", learningRate: 0.1 } };

export interface World {
  readonly tape: TapeProgram;
  readonly encoded: EncodedTape;
  readonly committed: CommittedStep;
  readonly bytes: OpenedDataset | OpenedStrings;
  readonly harness: RefereeHarness;
}

/** A step in the middle of training, committed to. */
export async function committedWorld(config: TapeConfig): Promise<World> {
  const tape = composeTape(config);
  const functions = await loadFunctions();
  const optimizerState = config.optimizer.kind === "adam" ? initialOptimizerState(tape.parameters) : undefined;
  let state = splitState(tape.parameters, drawInitialWeights(config.model, config.seed), optimizerState);
  for (let step = 0; step < STEP; ++step) {
    state = stateAfter(tape, runStep(tape, state, { step, corpus, functions }));
  }
  const committed = new CommittedStep(tape, runStep(tape, state, { step: STEP, corpus, functions }));
  const parts = { tape, committed, encoded: encodeTape(tape), bytes: { step: STEP, tree: bytesTree(corpus) } };
  return { ...parts, harness: await deployHarness(parts) };
}

/** A measurement of three updates, of which two are one player and another one is shortened, by the median. */
export async function measuredWorld(): Promise<World> {
  const { trainer, state, slice, honest, nearCopy } = await scoringRound(model, 50);
  await trainer.close();
  const updates = inOrderOfHashes([...honest.slice(1), nearCopy]);
  const hashes = updates.map(contentAddress);
  const [a = "", b = "", c = ""] = hashes;
  const players = [
    { seats: [0], hash: a, members: [a, c], factor: 1 },
    { seats: [1], hash: b, members: [b], factor: 0.3 },
  ];
  const move = { rule: { kind: "median" }, players, present: new Set(players), step: "outer" } as const;
  const tape = composeMeasurement({ model, updates: updates.length, aggregation: "sorted", sliceBytes: slice.length });
  const all = measurementStrings({ state, slice, updates, outer: { learningRate: 0.7, momentum: 0.9 } }, move);
  const functions = await loadFunctions();
  const tensors = runStep(tape, zeroState(tape), { strings: all, functions });
  const strings = all.map(bytesTree);
  const bytes = { strings, tree: new ChunkTree(strings.map(({ root }) => root)) };
  const parts = { tape, committed: new CommittedStep(tape, tensors), encoded: encodeTape(tape), bytes };
  return { ...parts, harness: await deployHarness(parts) };
}

/** The content address of a text of some length. */
export async function addressWorld(bytes: number): Promise<World & { readonly address: string }> {
  const text = corpus.slice(50, 50 + bytes);
  const { encoded, dataset, computation } = await addressJob(text, await loadFunctions());
  const { tape } = computation.job;
  const parts = { tape, committed: await computation.step(0, 0), encoded, bytes: dataset };
  const address = contentAddress(text);
  return { ...parts, harness: await deployHarness(parts), address };
}

export async function deployHarness({
  committed,
  tape,
  encoded,
  bytes,
}: Omit<World, "harness">): Promise<RefereeHarness> {
  const { ethers } = await hre.network.getOrCreate();
  const program = [encoded.programRoot, tape.state.length, tape.primitives.length] as const;
  const roots = [committed.stateBefore, committed.between, committed.stateAfter, bytes.tree].map(({ root }) => root);
  const libraries = { Referee: await ethers.deployContract("Referee") };
  return ethers.deployContract("RefereeHarness", [program, [...roots, STEP]], { libraries });
}

export interface Transition {
  readonly place: TransitionPlace;
  readonly accumulator: number;
  readonly openings: readonly Opening[];
  /** What the step of the trainer has. */
  readonly result: number;
}

const bitsAt = (values: Float32Array, index: number): number => new Uint32Array(values.buffer)[index] ?? 0;

export function transitionAt({ tape, committed, bytes }: World, place: TransitionPlace): Transition {
  const { operation, element, term } = place;
  const primitive = tape.primitives[operation];
  const output = committed.tensors[tape.state.length + operation];
  if (primitive === undefined || output === undefined) throw new Error("no such operation");
  const openings = openTransition(tape, committed, bytes, place);
  const coordinates = coordinatesOf(primitive, element);
  if (!isReductionKind(primitive.kind) || isMasked(primitive, coordinates)) {
    return { place, accumulator: 0, openings, result: bitsAt(output, element) };
  }
  const accumulators = accumulatorsOf(primitive, committed.tensors, element);
  const index = term - termsOf(primitive, coordinates)[0];
  const accumulator = index === 0 ? 0 : bitsAt(accumulators, index - 1);
  return { place, accumulator, openings, result: bitsAt(accumulators, index) };
}

/** A random element of an operation, and of a reduction its first, its last or any term. */
export function randomPlace({ tape }: World, operation: number, choices: Choices): TransitionPlace {
  const primitive = tape.primitives[operation];
  if (primitive === undefined) throw new Error("no such operation");
  const element = choices.whole(0, elementsOf(primitive) - 1);
  const coordinates = coordinatesOf(primitive, element);
  const [first, end] = isMasked(primitive, coordinates) ? [0, 0] : termsOf(primitive, coordinates);
  const term = end === 0 ? 0 : choices.of([first, end - 1, choices.whole(first, end - 1)]);
  return { operation, element, term };
}

export function argumentsOf({ encoded }: World, { place, accumulator, openings }: Transition) {
  const { operation, element, term } = place;
  const record = encoded.records[operation] ?? Buffer.alloc(0);
  return [
    ...([operation, record, encoded.tree.proof(operation), element, term, accumulator] as const),
    openings.map(({ chunk, inTensor, inTree }) => ({ chunk, inTensor: [...inTensor], inTree: [...inTree] })),
  ] as const;
}
