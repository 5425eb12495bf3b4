import { expect } from "chai";
import { decodePrimitive } from "../../src/training/reproducible/decodePrimitive.ts";
import { createReproducible } from "../../src/audit/reproducible/reproducibleState.ts";
import type { Board } from "../../src/audit/reproducible/board.ts";
import { transitionBits } from "../../src/audit/reproducible/transition.ts";
import { hexOf } from "../../src/audit/reproducible/trees.ts";
import { drawInitialWeights } from "../../src/training/initialWeights.ts";
import { bytesTree } from "../../src/training/reproducible/chunkTree.ts";
import { CommittedStep, type Opening } from "../../src/training/reproducible/committedStep.ts";
import { composeTape } from "../../src/training/reproducible/composeTape.ts";
import { encodeTape } from "../../src/training/reproducible/encodePrimitive.ts";
import { accumulatorsOf, type KernelFunctions } from "../../src/training/reproducible/evaluatePrimitive.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import { openTransition } from "../../src/training/reproducible/openTransition.ts";
import { coordinatesOf, elementsOf, isMasked, KINDS, termsOf } from "../../src/training/reproducible/primitives.ts";
import { runStep } from "../../src/training/reproducible/runStep.ts";
import {
  addressJob,
  composeMeasurement,
  inOrderOfHashes,
  measurementJob,
  type StringsJob,
} from "../../src/training/reproducible/scoring/index.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import { initialOptimizerState, splitState } from "../../src/training/reproducible/state.ts";
import { scoringRound } from "../reproducible/scoringRound.ts";
import { Choices } from "../differential/random.ts";
import { exampleText } from "../training/goldenRun.ts";

const STEP = 3;
const SEED = 5;
const corpus = exampleText(10);
const model = { layers: 1, width: 8, heads: 2, context: 6 };

/** A step of both optimizers, so that every kind of operation occurs. */
async function committedStep(kind: "adam" | "sgd") {
  const optimizer = { kind, learningRate: 0.01 } as const;
  const tape = composeTape({ model, batch: 2, optimizer, seed: SEED, corpusBytes: corpus.length });
  const weights = drawInitialWeights(model, SEED);
  const moments = kind === "adam" ? initialOptimizerState(tape.parameters) : undefined;
  const functions = await loadFunctions();
  const tensors = runStep(tape, splitState(tape.parameters, weights, moments), { step: STEP, corpus, functions });
  const bytes = { step: STEP, tree: bytesTree(corpus) };
  const committed = new CommittedStep(tape, tensors);
  return { tape, encoded: encodeTape(tape), committed, functions, bytes, root: bytes.tree.root };
}

/** A measurement of a federated round, by the mean or by sorted values. */
async function committedMeasurement(kind: "mean" | "median") {
  const { state, slice, honest, trainer } = await scoringRound(model, 30);
  await trainer.close();
  const updates = inOrderOfHashes(honest);
  const hashes = updates.map(contentAddress);
  const players = hashes.map((hash, seat) => {
    return { seats: [seat], hash, members: [hash], factor: 1 };
  });
  const move = { rule: { kind }, players, present: new Set(players), step: "outer" } as const;
  const aggregation = kind === "mean" ? "mean" : "sorted";
  const tape = composeMeasurement({ model, updates: updates.length, aggregation, sliceBytes: slice.length });
  const functions = await loadFunctions();
  const round = { state, slice, updates, outer: { learningRate: 0.7, momentum: 0.9 } };
  return committedText(await measurementJob(tape, round, move, functions), functions);
}

/** The content address of a text whose last block is begun by its last half. */
async function committedAddress() {
  const functions = await loadFunctions();
  return committedText(await addressJob(corpus.slice(0, 230), functions), functions);
}

async function committedText({ computation, encoded, dataset }: StringsJob, functions: KernelFunctions) {
  const committed = await computation.step(0, 0);
  return { tape: computation.job.tape, encoded, committed, functions, bytes: dataset, root: dataset.tree.root };
}

const STEPS = {
  "a step by Adam": () => committedStep("adam"),
  "a step by SGD": () => committedStep("sgd"),
  "a measurement of a mean": () => committedMeasurement("mean"),
  "a measurement of a median": () => committedMeasurement("median"),
  "a content address": committedAddress,
};

describe("a transition that the audit computes from openings", () => {
  const seen = new Set<string>();

  for (const [name, commit] of Object.entries(STEPS)) {
    it(`has the bits of every operation of ${name}, and tells any other operand`, async () => {
      const { tape, encoded, committed, functions, bytes, root } = await commit();
      const { tensors } = committed;
      const choices = new Choices(`transitions of ${name}`);
      for (const [operation, primitive] of tape.primitives.entries()) {
        seen.add(primitive.kind);
        const element = choices.whole(0, elementsOf(primitive) - 1);
        const coordinates = coordinatesOf(primitive, element);
        const reduces = primitive.reduction !== undefined && !isMasked(primitive, coordinates);
        const [first, end] = reduces ? termsOf(primitive, coordinates) : [0, 1];
        const accumulators = reduces ? new Uint32Array(accumulatorsOf(primitive, tensors, element).buffer) : undefined;
        const output = tensors[tape.state.length + operation] ?? new Float32Array();
        for (const term of new Set([first, end - 1])) {
          const expected =
            accumulators?.[term - first] ?? new Uint32Array(output.buffer, output.byteOffset, output.length)[element];
          const place = { operation, element, term };
          const openings = openTransition(tape, committed, bytes, place).map(hexOpening);
          const opened = decodePrimitive(encoded.records[operation] ?? Buffer.alloc(0));
          if (opened === undefined) throw new Error(`the record of ${primitive.name} cannot be read`);
          const compute = (given: typeof openings): { bits: number; differences: string[] } => {
            const differences: string[] = [];
            const board: Board = {
              ...{ book: createReproducible(), functions, time: 0, caller: "", told: [], moves: [] },
              expect: (_, subject, wanted, found) => {
                if (wanted !== found) differences.push(subject);
              },
            };
            const bits = transitionBits(
              board,
              {},
              {
                program: { root: "", stateTensors: tape.state.length, operations: tape.primitives.length },
                ...{ opened, coordinates, term },
                accumulatorBits: term === first ? 0x7fc0_0001 : (accumulators?.[term - first - 1] ?? 0),
                step: {
                  stateBefore: hexOf(committed.stateBefore.root),
                  between: hexOf(committed.between.root),
                  stateAfter: hexOf(committed.stateAfter.root),
                  dataset: hexOf(root),
                  number: STEP,
                },
                openings: given,
              },
            );
            return { bits, differences };
          };
          expect(compute(openings), primitive.name).to.deep.equal({ bits: expected, differences: [] });
          if (openings.length === 0) continue;
          const wrong = choices.whole(0, openings.length - 1);
          const forged = openings.map((one, at) => (at === wrong ? { ...one, chunk: `0x${"3f".repeat(32)}` } : one));
          expect(compute(forged).differences, primitive.name).to.have.lengthOf.at.least(1);
          expect(compute(openings.slice(1)).differences, primitive.name).to.include("operands that were opened");
        }
      }
    });
  }

  it("was of every kind", () => {
    expect([...seen]).to.have.members(Object.keys(KINDS));
  });
});

function hexOpening({ chunk, inTensor, inTree }: Opening) {
  return { chunk: hexOf(chunk), inTensor: inTensor.map(hexOf), inTree: inTree.map(hexOf) };
}
