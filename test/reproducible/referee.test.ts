import { expect } from "chai";
import { toBeHex } from "ethers";
import hre from "hardhat";
import { batchStarts } from "../../src/training/batches.ts";
import { bytesTree } from "../../src/training/reproducible/chunkTree.ts";
import { CommittedStep, type Opening } from "../../src/training/reproducible/committedStep.ts";
import { openTransition } from "../../src/training/reproducible/openTransition.ts";
import { coordinatesOf, elementsOf, KINDS, termsOf } from "../../src/training/reproducible/primitives.ts";
import { Choices } from "../differential/random.ts";
import {
  ADAM,
  SGD,
  STEP,
  corpus,
  model,
  addressWorld,
  argumentsOf,
  committedWorld,
  deployHarness,
  measuredWorld,
  randomPlace,
  transitionAt,
  type Transition,
  type World,
} from "./refereeWorld.ts";

/** Random transitions of each kind. */
const TRANSITIONS = 12;
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
      expect(await harness.transition(...argumentsOf(measured, beyond))).to.equal(0n);
      await expect(harness.transition(...argumentsOf(measured, { ...beyond, openings })))
        .to.be.revertedWithCustomError(harness, "OpeningCount")
        .withArgs(1, 0);
    });
  });
});
