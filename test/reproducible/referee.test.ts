import { expect } from "chai";
import { toBeHex } from "ethers";
import hre from "hardhat";
import { batchStarts } from "../../src/training/batches.ts";
import { drawInitialWeights } from "../../src/training/initialWeights.ts";
import { bytesTree, ChunkTree } from "../../src/training/reproducible/chunkTree.ts";
import { TapeBuilder, tensorSizes } from "../../src/training/reproducible/tapeBuilder.ts";
import { CommittedStep, type Opening } from "../../src/training/reproducible/committedStep.ts";
import { composeTape, type TapeConfig, type TapeProgram } from "../../src/training/reproducible/composeTape.ts";
import { encodeTape, type EncodedTape } from "../../src/training/reproducible/encodePrimitive.ts";
import { accumulatorsOf, evaluatePrimitive } from "../../src/training/reproducible/evaluatePrimitive.ts";
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
  KINDS,
  termsOf,
} from "../../src/training/reproducible/primitives.ts";
import { runStep, stateAfter } from "../../src/training/reproducible/runStep.ts";
import { addressJob } from "../../src/training/reproducible/scoring/addressJob.ts";
import { composeMeasurement } from "../../src/training/reproducible/scoring/composeMeasurement.ts";
import { globalTensors, inOrderOfHashes } from "../../src/training/reproducible/scoring/measureOnTape.ts";
import { encodeSelection } from "../../src/training/reproducible/scoring/selection.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import { initialOptimizerState, splitState } from "../../src/training/reproducible/state.ts";
import type { RefereeHarness } from "../../typechain-types/index.ts";
import { Choices } from "../differential/random.ts";
import { exampleText } from "../training/goldenRun.ts";
import { scoringRound } from "./scoringRound.ts";

/** Random transitions of each kind. */
const TRANSITIONS = 12;
const STEP = 5;
const STEP_TENSORS = [
  ...(["inputs", "layers.0.attention.qkv", "layers.0.attention.sums", "loss.losses"] as const),
  "weights.layers.0.mlpIn",
];
/** From the updates' bytes to the state after the round. */
const MEASURED_TENSORS = [
  ...([
    "updates.scales",
    "updates.values",
    "players.sums",
    "players.products",
    "players.moves",
    "sorted.higher.0.1",
  ] as const),
  ...(["sorted.total.2", "gradient", "moved.layers.0.mlpIn", "inputs", "loss.parts", "loss.sums.parts"] as const),
  ...(["loss", "weights.tokens", "momentum.normGain"] as const),
];
const corpus = exampleText(20);
const model = { layers: 1, width: 16, heads: 4, context: 11 };
const common = { model, batch: 3, seed: 2 ** 34 + 3, corpusBytes: corpus.length };
const ADAM: TapeConfig = { ...common, optimizer: { kind: "adam", learningRate: 0.01 } };
const SGD: TapeConfig = { ...common, optimizer: { kind: "sgd", learningRate: 0.1 } };

interface World {
  readonly tape: TapeProgram;
  readonly encoded: EncodedTape;
  readonly committed: CommittedStep;
  readonly bytes: OpenedDataset | OpenedStrings;
  readonly harness: RefereeHarness;
}

/** A step in the middle of training, committed to. */
async function committedWorld(config: TapeConfig): Promise<World> {
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
async function measuredWorld(): Promise<World> {
  const { trainer, state, slice, honest, nearCopy } = await scoringRound(model, 50);
  await trainer.close();
  const updates = inOrderOfHashes([...honest.slice(1), nearCopy]);
  const hashes = updates.map(contentAddress);
  const [a = "", b = "", c = ""] = hashes;
  const players = [
    { seats: [0], hash: a, members: [a, c], factor: 1, values: new Float32Array() },
    { seats: [1], hash: b, members: [b], factor: 0.3, values: new Float32Array() },
  ];
  const move = { rule: { kind: "median" }, players, present: new Set(players), step: "outer" } as const;
  const selection = encodeSelection(move, hashes, { learningRate: 0.7, momentum: 0.9 });
  const sliceBytes = slice.length;
  const tape = composeMeasurement({ model, updates: updates.length, aggregation: "sorted", sliceBytes });
  const all = [slice, ...updates, selection];
  const functions = await loadFunctions();
  const tensors = runStep(tape, globalTensors(tape.parameters, state), { strings: all, functions });
  const strings = all.map(bytesTree);
  const bytes = { strings, tree: new ChunkTree(strings.map(({ root }) => root)) };
  const parts = { tape, committed: new CommittedStep(tape, tensors), encoded: encodeTape(tape), bytes };
  return { ...parts, harness: await deployHarness(parts) };
}

/** The content address of a text of some length, the second of three. */
async function addressWorld(bytes: number): Promise<World & { readonly address: string }> {
  const all = [corpus.slice(0, 40), corpus.slice(50, 50 + bytes), corpus.slice(0, 40)];
  const { encoded, dataset, computation } = await addressJob(all, 1, await loadFunctions());
  const { tape } = computation.job;
  const parts = { tape, committed: await computation.step(0, 0), encoded, bytes: dataset };
  const address = contentAddress(all[1] ?? new Uint8Array());
  return { ...parts, harness: await deployHarness(parts), address };
}

async function deployHarness({ committed, tape, encoded, bytes }: Omit<World, "harness">): Promise<RefereeHarness> {
  const { ethers } = await hre.network.getOrCreate();
  const program = [encoded.programRoot, tape.state.length, tape.primitives.length] as const;
  const roots = [committed.stateBefore, committed.between, committed.stateAfter, bytes.tree].map(({ root }) => root);
  const libraries = { Referee: await ethers.deployContract("Referee") };
  return ethers.deployContract("RefereeHarness", [program, [...roots, STEP]], { libraries });
}

interface Transition {
  readonly place: TransitionPlace;
  readonly accumulator: number;
  readonly openings: readonly Opening[];
  /** What the step of the trainer has. */
  readonly result: number;
}

const bitsAt = (values: Float32Array, index: number): number => new Uint32Array(values.buffer)[index] ?? 0;

function transitionAt({ tape, committed, bytes }: World, place: TransitionPlace): Transition {
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
function randomPlace({ tape }: World, operation: number, choices: Choices): TransitionPlace {
  const primitive = tape.primitives[operation];
  if (primitive === undefined) throw new Error("no such operation");
  const element = choices.whole(0, elementsOf(primitive) - 1);
  const coordinates = coordinatesOf(primitive, element);
  const [first, end] = isMasked(primitive, coordinates) ? [0, 0] : termsOf(primitive, coordinates);
  const term = end === 0 ? 0 : choices.of([first, end - 1, choices.whole(first, end - 1)]);
  return { operation, element, term };
}

function argumentsOf({ encoded }: World, { place, accumulator, openings }: Transition) {
  const { operation, element, term } = place;
  const record = encoded.records[operation] ?? Buffer.alloc(0);
  return [
    ...([operation, record, encoded.tree.proof(operation), element, term, accumulator] as const),
    openings.map(({ chunk, inTensor, inTree }) => ({ chunk, inTensor: [...inTensor], inTree: [...inTree] })),
  ] as const;
}

describe("the referee of one transition", () => {
  let adam: World;
  let sgd: World;
  let measured: World;
  let addressed: World;

  before(async () => {
    measured = await measuredWorld();
    addressed = await addressWorld(200);
    adam = await committedWorld(ADAM);
    sgd = await committedWorld(SGD);
  });

  const operationsOf = (world: World, kind: string): number[] =>
    world.tape.primitives.flatMap((primitive, operation) => (primitive.kind === kind ? [operation] : []));

  for (const kind of Object.keys(KINDS)) {
    it(`computes what the trainer computed: ${kind}`, async () => {
      const choices = new Choices(`referee ${kind}`);
      const world = [adam, sgd, measured, addressed].find((one) => operationsOf(one, kind).length > 0);
      if (world === undefined) throw new Error("no such operation");
      const operations = operationsOf(world, kind);
      for (let run = 0; run < TRANSITIONS; ++run) {
        const transition = transitionAt(world, randomPlace(world, choices.of(operations), choices));
        const result = await world.harness.transition(...argumentsOf(world, transition));
        const { operation, element, term } = transition.place;
        const where = `${world.tape.primitives[operation]?.name ?? ""} ${String(element)} ${String(term)}`;
        expect(toBeHex(result, 4), where).to.equal(toBeHex(transition.result, 4));
      }
    });
  }

  it("counts losses at every edge as whole micro-nats, and adds their parts up to the worst", async () => {
    // The last one is beyond the rows that count.
    const losses = Float32Array.of(
      NaN,
      Infinity,
      -Infinity,
      -1,
      -0,
      1e-45,
      4.9e-7,
      5e-7,
      1,
      5.545177,
      8_388_607.5,
      2 ** 30,
      3e38,
      2,
    );
    const rows = losses.length - 1;
    const parts = new Float32Array(Uint32Array.of(0xffff, 0x1_0000, 0, 0, 1, 2, 3, 0xffff_ffff).buffer);
    const builder = new TapeBuilder(2, true);
    builder.microNats("nats", 0, rows, losses.length);
    for (const offset of [0, 4]) {
      const operands = [0, 1, 2, 3].map((place) => ({ tensor: 1, offset: offset + place }));
      builder.add({ name: "total", kind: "wide", sizes: [1, 1, 1, 2], operands });
    }
    const { primitives } = builder;
    const tape = {
      state: ["losses", "parts"],
      primitives,
      sizes: tensorSizes([losses.length, parts.length], primitives),
    };
    const source = { strings: [], functions: await loadFunctions() };
    const tensors = [losses, parts];
    for (const primitive of primitives) tensors.push(evaluatePrimitive(primitive, tensors, source));
    const bytes = { strings: [], tree: new ChunkTree([Buffer.alloc(32)]) };
    const committed = { tape, committed: new CommittedStep(tape, tensors), encoded: encodeTape(tape), bytes };
    const world = { ...committed, harness: await deployHarness(committed) };
    const resultAt = async (operation: number, element: number): Promise<bigint> =>
      world.harness.transition(...argumentsOf(world, transitionAt(world, { operation, element, term: 0 })));

    const worst = 1n << 62n;
    for (const [row, loss] of losses.entries()) {
      // A product of 24 and 20 bits is exact in double precision.
      const exact = Number.isFinite(loss) ? Math.max(0, loss * 1e6) : Infinity;
      const whole = exact >= 2 ** 62 ? worst : BigInt(exact < 2 ** 52 ? Math.floor(exact + 0.5) : exact);
      let told = 0n;
      for (let part = 0; part < 4; ++part) told |= (await resultAt(0, 4 * row + part)) << BigInt(16 * part);
      expect(told, String(loss)).to.equal(row < rows ? whole : 0n);
    }
    const totalOf = async (operation: number) =>
      ((await resultAt(operation, 0)) << 32n) | (await resultAt(operation, 1));
    expect(await totalOf(1)).to.equal(0xffffn + (0x1_0000n << 16n));
    expect(await totalOf(2)).to.equal(worst);
  });

  for (const [what, worldOf] of [
    ["a step", () => adam],
    ["a measurement", () => measured],
    ["a content address", () => addressed],
  ] as const) {
    it(`computes one of every operation of ${what}, for less than 1,000,000 gas and 8 KiB`, async () => {
      const choices = new Choices("referee operations");
      const { ethers } = await hre.network.getOrCreate();
      const [sender] = await ethers.getSigners();
      const world = worldOf();
      let most = 0n;
      for (const operation of world.tape.primitives.keys()) {
        const transition = transitionAt(world, randomPlace(world, operation, choices));
        const request = await world.harness.judge.populateTransaction(...argumentsOf(world, transition));
        expect((request.data.length - 2) / 2).to.be.below(8_192);
        const receipt = await (await sender?.sendTransaction(request))?.wait();
        const { operation: judged, result } = world.harness.interface.decodeEventLog(
          "Judged",
          receipt?.logs[0]?.data ?? "",
        );
        expect(judged).to.equal(BigInt(operation));
        expect(result, world.tape.primitives[operation]?.name).to.equal(BigInt(transition.result));
        if (receipt !== undefined && receipt !== null && receipt.gasUsed > most) most = receipt.gasUsed;
      }
      expect(most).to.be.below(1_000_000n);
    });
  }

  const lies = [
    { what: "a step", worldOf: () => adam, names: STEP_TENSORS },
    { what: "a measurement", worldOf: () => measured, names: MEASURED_TENSORS },
    { what: "a content address", worldOf: () => addressed, names: ["digests", "digest"] },
  ];
  for (const { what, worldOf, names } of lies) {
    it(`finds one bit that was changed anywhere in what ${what} computed`, async () => {
      const choices = new Choices("referee lies");
      const world = worldOf();
      const { tape } = world;
      for (const name of names) {
        const operation = tape.primitives.findIndex((primitive) => primitive.name === name);
        const tensor = tape.state.length + operation;
        const place = randomPlace(world, operation, choices);
        const tensors = world.committed.tensors.map((values) => values.slice());
        const words = new Uint32Array(tensors[tensor]?.buffer ?? new ArrayBuffer());
        words[place.element] = (words[place.element] ?? 0) ^ 1;
        const parts = { ...world, committed: new CommittedStep(tape, tensors) };
        const lying = { ...parts, harness: await deployHarness(parts) };
        // The last transition of the element, from the provider's own operands and its accumulator before it.
        const primitive = tape.primitives[operation];
        if (primitive === undefined) throw new Error("no such operation");
        const end = termsOf(primitive, coordinatesOf(primitive, place.element))[1];
        const last = transitionAt(lying, { ...place, term: Math.max(0, end - 1) });
        const claimed = lying.committed.open(tensor, place.element).chunk.readUInt32BE(4 * (place.element % 8));
        const result = Number(await lying.harness.transition(...argumentsOf(lying, last)));
        expect(result ^ claimed, name).to.equal(1);
      }
    });
  }

  it("hashes texts of every length as they are addressed, block by block", async () => {
    // Around the end of a chunk, of a block, and of what a block's ending leaves room for.
    for (const bytes of [1, 31, 32, 33, 55, 56, 63, 64, 65, 96, 119, 120, 128]) {
      const world = await addressWorld(bytes);
      expect(`0x${world.committed.stateAfter.root.toString("hex")}`).to.equal(world.address);
      const rows = world.tape.primitives[0]?.sizes[2] ?? 0;
      for (let row = 0; row < rows; ++row) {
        for (const word of [0, 7]) {
          const transition = transitionAt(world, { operation: 0, element: 8 * row + word, term: 0 });
          const result = await world.harness.transition(...argumentsOf(world, transition));
          expect(result, `${String(bytes)} bytes, block ${String(row)}`).to.equal(BigInt(transition.result));
        }
      }
    }
  });

  it("takes no other operand than the committed one", async () => {
    const operation = adam.tape.primitives.findIndex(({ name }) => name === "layers.0.attention.qkv");
    const transition = transitionAt(adam, { operation, element: 40, term: 9 });
    const openings = transition.openings.map((opening, index) => {
      const chunk = Buffer.from(opening.chunk);
      chunk[31] = (chunk[31] ?? 0) ^ (index === 1 ? 1 : 0);
      return { ...opening, chunk };
    });
    await expect(adam.harness.transition(...argumentsOf(adam, { ...transition, openings })))
      .to.be.revertedWithCustomError(adam.harness, "ForeignOpening")
      .withArgs(1);
  });

  it("draws the trainer's batches", async () => {
    const choices = new Choices("batch starts");
    for (let run = 0; run < 30; ++run) {
      const seed = Number(choices.edged(53));
      const step = Number(choices.edged(53));
      const beginnings = Math.max(1, Number(choices.edged(32)));
      const [, , third] = batchStarts(seed, step, 3, beginnings);
      expect(await adam.harness.batchStart(seed, step, 2, beginnings)).to.equal(BigInt(third ?? -1));
    }
  });

  describe("refuses", () => {
    const place = () => ({ operation: operationsOf(adam, "embed")[0] ?? 0, element: 7, term: 0 });
    const refused = async (change: (transition: Transition) => Transition, error: string, ...values: number[]) => {
      const args = argumentsOf(adam, change(transitionAt(adam, place())));
      await expect(adam.harness.transition(...args))
        .to.be.revertedWithCustomError(adam.harness, error)
        .withArgs(...values);
    };

    it("a record of another size, or of another operation", async () => {
      const [operation, record, siblings, ...rest] = argumentsOf(adam, transitionAt(adam, place()));
      await expect(adam.harness.transition(operation, record.subarray(1), siblings, ...rest))
        .to.be.revertedWithCustomError(adam.harness, "RecordSize")
        .withArgs(255);
      await expect(adam.harness.transition(operation + 1, record, siblings, ...rest))
        .to.be.revertedWithCustomError(adam.harness, "ForeignRecord")
        .withArgs(operation + 1);
    });

    it("an element beyond the output, and a term beyond the reduction", async () => {
      const { batch } = ADAM;
      const elements = batch * model.context * model.width;
      await refused((one) => ({ ...one, place: { ...one.place, element: elements } }), "NoElement", elements, elements);
      await refused((one) => ({ ...one, place: { ...one.place, term: 1 } }), "NoTerm", 1, 0, 1);
      const operation = adam.tape.primitives.findIndex(({ name }) => name === "layers.0.attention.most");
      // The third row of a square: three terms.
      const third = transitionAt(adam, { operation, element: 2, term: 2 });
      const beyond = { ...third, place: { ...third.place, term: 3 } };
      await expect(adam.harness.transition(...argumentsOf(adam, beyond)))
        .to.be.revertedWithCustomError(adam.harness, "NoTerm")
        .withArgs(3, 0, 3);
    });

    it("too few openings, and proofs of another depth", async () => {
      await refused((one) => ({ ...one, openings: one.openings.slice(1) }), "OpeningCount", 2, 3);
      const depth = transitionAt(adam, place()).openings[1]?.inTensor.length ?? 0;
      const token = corpus[batchStarts(ADAM.seed, STEP, 1, corpus.length - model.context)[0] ?? 0] ?? 0;
      await refused(
        (one) => ({
          ...one,
          openings: one.openings.map((opening, i) => (i === 1 ? { ...opening, inTensor: [] } : opening)),
        }),
        "BadProof",
        ...[token * 2, 0, depth],
      );
    });

    it("an operand from another tensor, and a byte from another text", async () => {
      await refused(
        (one) => ({
          ...one,
          openings: one.openings.map((opening) => ({ ...opening, inTree: opening.inTree.toReversed() })),
        }),
        "ForeignOpening",
        0,
      );
      const [operation = 0] = operationsOf(adam, "byte");
      const byte = transitionAt(adam, { operation, element: 3, term: 0 });
      const other = bytesTree(corpus.map((value) => value ^ 1));
      const openings = openTransition(adam.tape, adam.committed, { step: STEP, tree: other }, byte.place);
      await expect(adam.harness.transition(...argumentsOf(adam, { ...byte, openings })))
        .to.be.revertedWithCustomError(adam.harness, "ForeignOpening")
        .withArgs(0);
    });

    it("a hash before that is not the row before, and a block of another text", async () => {
      const transition = transitionAt(addressed, { operation: 0, element: 17, term: 0 });
      const refusedOpening = async (openings: readonly Opening[], number: number) =>
        expect(addressed.harness.transition(...argumentsOf(addressed, { ...transition, openings })))
          .to.be.revertedWithCustomError(addressed.harness, "ForeignOpening")
          .withArgs(number);
      for (const number of [0, 1, 2]) {
        const openings = transition.openings.map((opening, index) =>
          index === number ? { ...opening, chunk: Buffer.alloc(32, 1) } : opening,
        );
        await refusedOpening(openings, number);
      }
      await expect(
        addressed.harness.transition(
          ...argumentsOf(addressed, { ...transition, openings: transition.openings.slice(1) }),
        ),
      )
        .to.be.revertedWithCustomError(addressed.harness, "OpeningCount")
        .withArgs(2, 3);
    });

    it("a byte of another update, and any where there is none", async () => {
      const { bytes, tape, committed, harness } = measured;
      if (!("strings" in bytes)) throw new Error("a measurement reads byte strings");
      const operation = tape.primitives.findIndex(({ name }) => name === "updates.steps");
      const transition = transitionAt(measured, { operation, element: 3, term: 0 });
      const swapped = [0, 2, 1, 3, 4].flatMap((index) => bytes.strings.slice(index, index + 1));
      const openings = openTransition(tape, committed, { ...bytes, strings: swapped }, transition.place);
      await expect(harness.transition(...argumentsOf(measured, { ...transition, openings })))
        .to.be.revertedWithCustomError(harness, "ForeignOpening")
        .withArgs(0);
      // The last block is not full: beyond the update's end nothing is opened.
      const primitive = tape.primitives[operation];
      if (primitive === undefined) throw new Error("no such operation");
      const beyond = transitionAt(measured, { operation, element: elementsOf(primitive) - 1, term: 0 });
      expect(beyond.openings).to.deep.equal([]);
      await expect(harness.transition(...argumentsOf(measured, { ...beyond, openings })))
        .to.be.revertedWithCustomError(harness, "OpeningCount")
        .withArgs(1, 0);
    });
  });
});
