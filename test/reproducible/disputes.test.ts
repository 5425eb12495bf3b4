import { expect } from "chai";
import hre from "hardhat";
import { composeTape } from "../../src/training/reproducible/composeTape.ts";
import { elementsOf } from "../../src/training/reproducible/primitives.ts";
import { ChunkTree } from "../../src/training/reproducible/chunkTree.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import { runStep } from "../../src/training/reproducible/runStep.ts";
import { childrenOf } from "../../src/training/reproducible/players/treeInQuestion.ts";
import { providerMove } from "../../src/training/reproducible/players/providerMove.ts";
import type { RoundComputation } from "../../src/training/reproducible/players/roundComputation.ts";
import { Choices } from "../differential/random.ts";
import {
  BOND,
  CHALLENGE_BOND,
  CHECKPOINTS,
  CLOCK,
  CONFIG,
  corpus,
  deployReproducible,
  FIRST_STEP,
  PAY,
  ROUNDS,
  STATE,
  STRIDE,
  WINDOW,
  type Lie,
  type Pointer,
  type ReproducibleWorld,
} from "./jobsWorld.ts";

/** Random disputes of each sort. */
const DISPUTES = Number(process.env.JOULEWORK_DISPUTES ?? 6);

describe("disputes about reproducible training", function () {
  let world: ReproducibleWorld;
  let honest: RoundComputation;

  before(async () => {
    world = await deployReproducible(await hre.network.create());
    honest = await world.honest();
  });

  /** A challenge of a first round by account 3. */
  async function challenged(computation: RoundComputation): Promise<{ job: bigint; dispute: bigint }> {
    const job = await world.claim(computation);
    await world.as(3).challenge(job, 0);
    const { jobs } = world;
    const dispute = (await jobs.queryFilter(jobs.filters.RoundChallenged())).at(-1)?.args.dispute ?? 0n;
    return { job, dispute };
  }

  const kinds = [...new Set(composeTape(CONFIG).primitives.map(({ kind }) => kind))];

  const heldBy = (index: number): Promise<bigint> => world.jobs.heldFor(world.signer(index).address);

  function randomLie(choices: Choices, kind: string): Lie {
    const { primitives } = world.tape;
    const operation = choices.of(primitives.flatMap((primitive, index) => (primitive.kind === kind ? [index] : [])));
    const primitive = primitives[operation];
    if (primitive === undefined) throw new Error("no such operation");
    const step = FIRST_STEP + choices.whole(0, STRIDE * CHECKPOINTS - 1);
    const element = choices.whole(0, elementsOf(primitive) - 1);
    return { step, operation, element, terms: choices.whole(0, 3) };
  }

  /** One that changes a state: some bits are rounded away, and some that a mask hides are never read. */
  async function effectiveLie(choices: Choices, kind: () => string): Promise<{ lie: Lie; lying: RoundComputation }> {
    for (let attempt = 0; attempt < 50; ++attempt) {
      const lie = randomLie(choices, kind());
      const lying = await world.lying(lie);
      if (!lying.checkpoints.root.equals(honest.checkpoints.root)) return { lie, lying };
    }
    throw new Error("no bit of this kind changes a state");
  }

  describe("a provider that changed one bit loses to a challenger that repeated the round", () => {
    // A loss is only read: one that is wrong changes no state, and is not claimed.
    for (const kind of kinds.filter((name) => name !== "loss")) {
      it(`in an operation of the kind ${kind}`, async () => {
        const { lie, lying } = await effectiveLie(new Choices(`lie ${kind}`), () => kind);
        const { job, dispute } = await challenged(lying);
        const before = { challenger: await heldBy(3), requester: await heldBy(1), pool: await world.poolTicks() };
        const { view, receipts } = await world.play(dispute, lying, honest);
        expect(view.phase).to.equal("challengerWon");
        expect(view.operation).to.equal(lie.operation);
        expect(view.element).to.equal(lie.element);
        expect(FIRST_STEP + view.checkpoint * STRIDE + view.step).to.equal(lie.step);
        expect((await world.jobs.jobInfo(job)).state).to.equal(STATE.refuted);
        expect((await heldBy(3)) - before.challenger).to.equal(2n * CHALLENGE_BOND);
        expect((await heldBy(1)) - before.requester).to.equal(PAY * BigInt(ROUNDS));
        expect((await world.poolTicks()) - before.pool).to.equal(BOND - CHALLENGE_BOND);
        for (const { gasUsed } of receipts) expect(gasUsed).to.be.below(1_000_000n);
      });
    }

    it("wherever the bit is", async () => {
      const choices = new Choices("lies");
      const { primitives } = world.tape;
      for (let run = 0; run < DISPUTES; ++run) {
        const anyKind = () => primitives[choices.whole(0, primitives.length - 1)]?.kind ?? "dot";
        const { lie, lying } = await effectiveLie(choices, anyKind);
        const { dispute } = await challenged(lying);
        const { view } = await world.play(dispute, lying, honest);
        expect(view.phase, JSON.stringify(lie)).to.equal("challengerWon");
      }
    });
  });

  describe("a provider that computed honestly", () => {
    for (const kind of kinds) {
      it(`wins wherever it is led, as to an operation of the kind ${kind}`, async () => {
        const choices = new Choices(`lead ${kind}`);
        const { operation } = randomLie(choices, kind);
        const { job, dispute } = await challenged(honest);
        const before = { provider: await heldBy(2), pool: await world.poolTicks() };
        const { view } = await world.play(dispute, honest, towards(operation, choices));
        expect(view).to.include({ phase: "providerWon", operation });
        expect((await heldBy(2)) - before.provider).to.equal(CHALLENGE_BOND / 2n);
        expect((await world.poolTicks()) - before.pool).to.equal(CHALLENGE_BOND - CHALLENGE_BOND / 2n);
        await world.pass(WINDOW + 1);
        await world.jobs.settle(job);
        expect((await heldBy(2)) - before.provider).to.equal(CHALLENGE_BOND / 2n + PAY);
      });
    }

    it("wins wherever it is led", async () => {
      const choices = new Choices("leads");
      for (let run = 0; run < 2 * DISPUTES; ++run) {
        const { dispute } = await challenged(honest);
        const { view } = await world.play(dispute, honest, (children) => choices.whole(0, children - 1));
        expect(view.phase, JSON.stringify(view)).to.equal("providerWon");
      }
    });

    it("is proved right at the last term of a sum, and at one whose accumulator before is in another chunk", async () => {
      // Sums over 12 rows: two chunks of accumulators, the second one with four.
      const operation = operationOf("layers.0.mlpInBias.gradient");
      const choices = new Choices("terms");
      for (const term of [8, 11, 7, 0]) {
        const { dispute } = await challenged(honest);
        const { view } = await world.play(dispute, honest, (children, at) => {
          if (at.phase !== "accumulators") return towards(operation, choices)(children, at);
          return at.height > 0 ? Math.floor(term / 8) : term % 8;
        });
        expect(view).to.include({ phase: "providerWon", operation, term });
      }
    });
  });

  const operationOf = (name: string): number => world.tape.primitives.findIndex((primitive) => primitive.name === name);

  /** Points anywhere on the way to an operation. */
  function towards(operation: number, choices: Choices): Pointer {
    const between = world.tape.primitives.length - world.tape.state.length;
    return (children, { phase, height, operation: first }) => {
      if (phase === "parts") return operation < between ? 0 : 1;
      if (phase !== "tensors") return choices.whole(0, children - 1);
      const levels = Math.min(4, height);
      return Math.floor((operation - first) / 2 ** (height - levels)) % 2 ** levels;
    };
  }

  it("leave no move to a provider that has no accumulators for an element that it changed: its clock decides", async () => {
    const { lie, lying } = await effectiveLie(new Choices("no accumulators"), () => "dot");
    const { job, dispute } = await challenged(lying);
    const { view } = await world.play(dispute, lying, honest, ({ phase }) => phase === "element");
    const knowledge = { encoded: world.encoded, dataset: world.dataset };
    // The same tensors with the accumulators that were computed.
    const computation = await world.round(world.lyingStep(lie));
    await expect(
      world.send(dispute, await providerMove({ computation, ...knowledge }, view)),
    ).to.be.revertedWithCustomError(world.jobs, "ForeignNode");
    await world.pass(CLOCK + 1);
    await world.jobs.callTime(dispute);
    expect((await world.jobs.jobInfo(job)).state).to.equal(STATE.refuted);
  });

  describe("what fills up a tree beyond its leaves is zero, else the provider loses at once", () => {
    it("in a chunk of elements", async () => {
      const functions = await loadFunctions();
      // The power of beta1 is one element; a second one beside it changes the state's root and nothing that is read.
      const lying = await world.round((state, step) => {
        const tensors = runStep(world.tape, state, { step, corpus, functions });
        const [power = 0] = tensors[world.tape.primitives.length] ?? [];
        return tensors.with(world.tape.primitives.length, Float32Array.of(power, 1));
      });
      const { dispute } = await challenged(lying);
      const { view } = await world.play(dispute, lying, honest);
      expect(view).to.include({ phase: "challengerWon", operation: operationOf("beta1Power") });
    });

    it("in a tree of states", async () => {
      const { dispute } = await challenged(honest);
      await world.play(
        dispute,
        honest,
        () => 0,
        ({ phase, height }) => phase === "checkpoints" && height === 0,
      );
      const steps = await honest.steps(0);
      const states = [0, 1, 2].map((step) => steps.leaf(step));
      const filled = new ChunkTree([...states, Buffer.alloc(32, 1)]);
      await world.as(2).openStride(dispute, filled.root, filled.proof(2), Buffer.alloc(32), []);
      const children = childrenOf(filled, { height: 2, index: 0 });
      await world.as(2).reveal(dispute, children);
      await expect(world.as(3).point(dispute, children, 3))
        .to.emit(world.jobs, "DisputeEnded")
        .withArgs(dispute, world.signer(3).address, false);
    });

    it("and where it is zero nobody can point to it", async () => {
      const { dispute } = await challenged(honest);
      const { jobs } = world;
      const { children } = await world.play(
        dispute,
        honest,
        () => 0,
        ({ phase, providerMoves }) => phase === "steps" && !providerMoves,
      );
      await expect(world.as(3).point(dispute, children, 3))
        .to.be.revertedWithCustomError(jobs, "NoChild")
        .withArgs(3);
      // The last of sixteen nodes has several leaves below it, and no operation among them.
      const wide = await challenged(honest);
      const { children: nodes, view } = await world.play(
        wide.dispute,
        honest,
        () => 0,
        ({ phase, providerMoves }) => phase === "tensors" && !providerMoves,
      );
      expect([nodes.length, view.height > 4]).to.deep.equal([16, true]);
      await expect(world.as(3).point(wide.dispute, nodes, 15))
        .to.be.revertedWithCustomError(jobs, "NoChild")
        .withArgs(15);
      const other = await challenged(honest);
      const pointer = towards(operationOf("beta1Power"), new Choices("zero"));
      await world.play(
        other.dispute,
        honest,
        pointer,
        ({ phase, height, providerMoves }) => phase === "chunks" && height === 0 && !providerMoves,
      );
      for (const position of [1, 8]) {
        await expect(world.as(3).pointElement(other.dispute, position))
          .to.be.revertedWithCustomError(jobs, "NoChild")
          .withArgs(position);
      }
    });
  });

  describe("clocks", () => {
    it("lose a dispute for a provider that is silent", async () => {
      const { job, dispute } = await challenged(honest);
      await expect(world.jobs.callTime(dispute)).to.be.revertedWithCustomError(world.jobs, "TimeNotOver");
      await world.pass(CLOCK + 1);
      await expect(world.as(2).reveal(dispute, [])).to.be.revertedWithCustomError(world.jobs, "TimeOver");
      await expect(world.jobs.callTime(dispute))
        .to.emit(world.jobs, "DisputeEnded")
        .withArgs(dispute, world.signer(3).address, true);
      expect((await world.jobs.jobInfo(job)).state).to.equal(STATE.refuted);
    });

    it("lose it for a challenger that is silent, and do not end the job", async () => {
      const { job, dispute } = await challenged(honest);
      await world.play(
        dispute,
        honest,
        () => 0,
        ({ providerMoves }) => !providerMoves,
      );
      await world.pass(CLOCK + 1);
      await expect(world.jobs.callTime(dispute))
        .to.emit(world.jobs, "DisputeEnded")
        .withArgs(dispute, world.signer(2).address, true);
      expect((await world.jobs.jobInfo(job)).state).to.equal(STATE.training);
    });

    it("give back what a move extends them by, and never more than they had", async () => {
      const { dispute } = await challenged(honest);
      await world.pass(1_000);
      await world.play(
        dispute,
        honest,
        () => 0,
        ({ providerMoves }) => !providerMoves,
      );
      const first = await world.jobs.disputeInfo(dispute);
      expect(first.providerClock).to.be.within(BigInt(CLOCK - 1_000 + 60 - 10), BigInt(CLOCK - 1_000 + 60));
      expect(first.challengerClock).to.equal(BigInt(CLOCK));
    });
  });

  it("run side by side: one refutes a claim, the other challengers get their bonds back", async () => {
    const lying = await world.lying({
      step: FIRST_STEP + 1,
      operation: operationOf("weights.tokens"),
      element: 5,
      terms: 0,
    });
    const { job, dispute } = await challenged(lying);
    await world.as(4).challenge(job, 0);
    const second = dispute + 1n;
    await expect(world.jobs.withdrawChallenge(second)).to.be.revertedWithCustomError(world.jobs, "NotThisMove");
    await world.play(dispute, lying, honest);
    const before = await heldBy(4);
    await world.jobs.withdrawChallenge(second);
    expect((await heldBy(4)) - before).to.equal(CHALLENGE_BOND);
    await expect(world.jobs.withdrawChallenge(second)).to.be.revertedWithCustomError(world.jobs, "NotThisMove");
    await expect(world.jobs.callTime(second)).to.be.revertedWithCustomError(world.jobs, "NotThisMove");
  });

  describe("refuse", () => {
    it("moves of others, and moves that are not next", async () => {
      const { dispute } = await challenged(honest);
      const { jobs } = world;
      await expect(world.as(4).reveal(dispute, [])).to.be.revertedWithCustomError(jobs, "OnlyParty");
      await expect(world.as(3).pointElement(dispute, 0)).to.be.revertedWithCustomError(jobs, "NotThisMove");
      await expect(world.as(3).point(dispute, [], 0)).to.be.revertedWithCustomError(jobs, "NotThisMove");
      const zero = Buffer.alloc(32);
      await expect(world.as(2).openStride(dispute, zero, [], zero, [])).to.be.revertedWithCustomError(
        jobs,
        "NotThisMove",
      );
      await expect(world.as(2).openReduction(dispute, "0x", [], zero, zero, [])).to.be.revertedWithCustomError(
        jobs,
        "NotThisMove",
      );
      await expect(world.as(2).reveal(dispute, [zero, zero])).to.be.revertedWithCustomError(jobs, "ForeignNode");
      await expect(world.jobs.callTime(0)).to.be.revertedWithCustomError(jobs, "NotThisMove");
      const { children } = await world.play(
        dispute,
        honest,
        () => 0,
        ({ providerMoves }) => !providerMoves,
      );
      await expect(world.as(3).point(dispute, children.toReversed(), 0)).to.be.revertedWithCustomError(
        jobs,
        "ForeignNode",
      );
      await expect(world.as(3).pointElement(dispute, 0)).to.be.revertedWithCustomError(jobs, "NotThisMove");
      await expect(world.as(3).point(dispute, children, 2))
        .to.be.revertedWithCustomError(jobs, "NoChild")
        .withArgs(2);
      await expect(world.as(2).reveal(dispute, children)).to.be.revertedWithCustomError(jobs, "NotThisMove");
    });

    it("children of a leaf, and to point to a child where an element is to be named", async () => {
      const { dispute } = await challenged(honest);
      const { jobs } = world;
      const first = () => 0;
      await world.play(dispute, honest, first, ({ phase, height }) => phase === "checkpoints" && height === 0);
      await expect(world.as(2).reveal(dispute, [])).to.be.revertedWithCustomError(jobs, "NotThisMove");
      const atElements = ({ phase, height }: { phase: string; height: number }) => phase === "chunks" && height === 0;
      await world.play(dispute, honest, first, atElements);
      await expect(world.as(3).point(dispute, [], 0)).to.be.revertedWithCustomError(jobs, "NotThisMove");
    });

    it("steps that do not end at the checkpoint, and a state before that is another", async () => {
      const { dispute } = await challenged(honest);
      const { jobs } = world;
      await world.play(
        dispute,
        honest,
        () => 1,
        ({ phase, height }) => phase === "checkpoints" && height === 0,
      );
      const other = await honest.steps(0);
      const own = await honest.steps(1);
      const { checkpoints } = honest;
      const last = own.proof(STRIDE - 1);
      await expect(
        world.as(2).openStride(dispute, other.root, other.proof(2), checkpoints.leaf(0), checkpoints.proof(0)),
      ).to.be.revertedWithCustomError(jobs, "ForeignNode");
      await expect(
        world.as(2).openStride(dispute, own.root, last, checkpoints.leaf(1), checkpoints.proof(0)),
      ).to.be.revertedWithCustomError(jobs, "ForeignNode");
    });

    it("a proof where a reduction is to be opened, and a reduction where there is none", async () => {
      const { jobs, encoded } = world;
      const zero = Buffer.alloc(32);
      for (const [name, reduces] of [
        ["layers.0.attention.qkv", true],
        ["layers.0.attention.norm.means", false],
      ] as const) {
        const operation = operationOf(name);
        const { dispute } = await challenged(honest);
        const pointer = towards(operation, new Choices(name));
        await world.play(dispute, honest, pointer, ({ phase }) => phase === "element");
        const opened = [encoded.records[operation] ?? zero, encoded.tree.proof(operation)] as const;
        await expect(
          reduces
            ? world.as(2).prove(dispute, ...opened, zero, [], [])
            : world.as(2).openReduction(dispute, ...opened, zero, zero, []),
        ).to.be.revertedWithCustomError(jobs, "NotThisProof");
      }
    });
  });
});
