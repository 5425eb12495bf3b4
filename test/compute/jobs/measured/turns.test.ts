import { expect } from "chai";
import { id, ZeroHash } from "ethers";
import hre from "hardhat";
import { bytesTree, ChunkTree } from "../../../../src/training/reproducible/chunkTree.ts";
import { measurementHash } from "../../../../src/training/reproducible/scoring/measurementPrograms.ts";
import { SLICES, STATE, TERMS, WORKERS } from "../world.ts";
import { CASES } from "./cases.ts";
import {
  deployMeasuredJob,
  groupOf,
  HONEST,
  hexOf,
  leafOf,
  measuredTensors,
  MEASURING,
  NO_LEAF,
  programsStruct,
  PROGRAMS,
  RIVAL,
  TREES,
  TRUTH,
  updateRoots,
  withoutSeat,
  type Measured,
  type MeasuredJob,
} from "./measuredWorld.ts";
import { PART } from "./tables.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const BOND = TERMS.evaluatorBondTicks;
/** Number of an update's blocks: what its header is asked for by. */
const HEADER = 4;
const LOSS = CASES.find(({ name }) => name === "the loss of one alone") ?? CASES[0];

async function measuredJob() {
  return deployMeasuredJob(connection);
}

/** Challenged by the rival and answered; the evaluator that answered is named. */
async function answered(standing: Measured, rival: Measured): Promise<{ measuring: MeasuredJob; answerer: number }> {
  const measuring = await networkHelpers.loadFixture(measuredJob);
  const [answerer = 0] = await measuring.stand(standing);
  await measuring.challenge(RIVAL, rival);
  await measuring.answer(answerer, rival, standing);
  return { measuring, answerer };
}

describe("who is silent loses", () => {
  it("when nobody answers: the rival's result stands", async () => {
    const measuring = await networkHelpers.loadFixture(measuredJob);
    const { world, job } = measuring;
    const lie = LOSS?.lie ?? HONEST;
    await measuring.stand(lie);
    await measuring.challenge(RIVAL, HONEST);
    await expect(world.jobs.advance(job)).to.be.revertedWithCustomError(world.jobs, "WindowOpen");
    await world.pass(job);
    await measuring.expectStanding(HONEST);
    expect(await world.state(job)).to.equal(STATE.challenge);
  });

  it("when the posted job is not taken", async () => {
    const { measuring } = await answered(HONEST, LOSS?.lie ?? HONEST);
    const { world, job } = measuring;
    await expect(world.jobs.advance(job)).to.be.revertedWithCustomError(world.jobs, "WindowOpen");
    await world.pass(job);
    await measuring.expectStanding(LOSS?.lie ?? HONEST);
  });

  it("when nothing is claimed, and when the provider stops", async () => {
    for (const end of ["abandon", "stop"] as const) {
      const { measuring, answerer } = await answered(HONEST, LOSS?.lie ?? HONEST);
      const { world, job } = measuring;
      const number = await measuring.measured();
      const provider = world.reproducible.connect(world.signer(answerer));
      await provider.accept(number);
      if (end === "abandon") await world.wait(TERMS.scoreCommitSeconds + 1);
      await provider[end](number);
      await world.jobs.advance(job);
      await measuring.expectStanding(LOSS?.lie ?? HONEST);
      // Half of the provider's bond is the other side's.
      const due = await world.reproducible.heldFor(world.signer(RIVAL).address);
      expect(due).to.equal(end === "abandon" ? BOND / 2n : 0n);
    }
  });

  it("when nobody shows what was claimed, from then on as long as scores are revealed", async () => {
    const { measuring, answerer } = await answered(HONEST, LOSS?.lie ?? HONEST);
    const { world, job } = measuring;
    await measuring.endClaim(await measuring.claim(answerer, LOSS?.truth.tensors ?? []));
    await world.jobs.advance(job);
    const { deadline } = await world.jobs.jobInfo(job);
    expect(deadline).to.equal(BigInt((await world.now()) + TERMS.scoreRevealSeconds));
    await expect(world.jobs.advance(job)).to.be.revertedWithCustomError(world.jobs, "WindowOpen");
    await world.pass(job);
    await measuring.expectStanding(LOSS?.lie ?? HONEST);
  });

  it("when the side that asked takes the posted job back", async () => {
    const { measuring } = await answered(HONEST, LOSS?.lie ?? HONEST);
    const { world, job } = measuring;
    await world.reproducible.connect(world.signer(RIVAL)).cancel(await measuring.measured());
    await world.jobs.advance(job);
    await measuring.expectStanding(HONEST);
    expect((await world.stake(RIVAL)).stake).to.equal(10_000n - BOND);
  });

  it("when who says that an update cannot be read does not show why", async () => {
    const challenger = await answered(HONEST, withoutSeat(0));
    await challenger.measuring.world.pass(challenger.measuring.job);
    await challenger.measuring.expectStanding(HONEST);

    const answerer = await answered(withoutSeat(0), HONEST);
    await answerer.measuring.world.pass(answerer.measuring.job);
    await answerer.measuring.expectStanding(HONEST);
  });
});

describe("an update that only one side can read", () => {
  const header = leafOf(TREES.updates[0] ?? TREES.slice, 0);

  it("is shown to be none of the model's by the challenger", async () => {
    const { measuring } = await answered(HONEST, withoutSeat(0));
    const { world, job } = measuring;
    const held = await world.jobs.measuredCase(job);
    expect([held.part, held.position, held.challengerProves, held.measured]).to.deep.equal([
      PART.readable,
      0n,
      true,
      0n,
    ]);
    await world.jobs.proveUnreadable(job, programsStruct(PROGRAMS), HEADER, [header]);
    await measuring.expectStanding(withoutSeat(0));
  });

  it("is shown to be none of the model's by who answers", async () => {
    const { measuring, answerer } = await answered(withoutSeat(0), HONEST);
    const { world, job } = measuring;
    expect((await world.jobs.measuredCase(job)).challengerProves).to.equal(false);
    await world.jobs.proveUnreadable(job, programsStruct(PROGRAMS), HEADER, [header]);
    await measuring.expectStanding(withoutSeat(0));
    expect(await world.held(answerer)).to.equal(BOND / 2n);
  });
});

describe("an update whose bytes only one side has", () => {
  const without = withoutSeat(2, ZeroHash);
  const tree = TREES.updates[2] ?? TREES.slice;
  const showing = { tensors: [[...updateRoots().values()][2] ?? ""], leaf: leafOf(tree, 31), tree };

  it("is proved by the challenger, where that has them", async () => {
    const { measuring } = await answered(without, HONEST);
    const { world, job } = measuring;
    expect((await world.jobs.measuredCase(job)).challengerProves).to.equal(true);
    const posted = await world.reproducible.jobInfo(await measuring.measured());
    expect(posted.provider).to.equal(world.signer(RIVAL).address);
    await measuring.prove(RIVAL, showing);
    await measuring.expectStanding(HONEST);
  });

  it("is proved by who answers, where that has them", async () => {
    const { measuring, answerer } = await answered(HONEST, without);
    expect((await measuring.world.jobs.measuredCase(measuring.job)).challengerProves).to.equal(false);
    await measuring.prove(answerer, showing);
    await measuring.expectStanding(HONEST);
  });

  it("is taken for none if the challenger does not prove it", async () => {
    const { measuring } = await answered(without, HONEST);
    await measuring.world.pass(measuring.job);
    await measuring.expectStanding(without);
    expect((await measuring.world.stake(RIVAL)).stake).to.equal(10_000n - BOND);
  });
});

describe("a root of a byte string", () => {
  const claimed = [SLICES[0] ?? ""];
  const slice = CASES.find(({ part }) => part === PART.slice);

  it("is none of the string's if anything stands behind its end", async () => {
    // The last of three chunks has six bytes of the slice; a fourth leaf is none of it.
    const leaves = [0, 1, 2].map((index) => TREES.slice.leaf(index));
    const tail = Buffer.from(TREES.slice.leaf(2));
    tail[6] = 1;
    for (const tree of [
      new ChunkTree([...leaves.slice(0, 2), tail]),
      new ChunkTree([...leaves, Buffer.alloc(32, 1)]),
    ]) {
      const other: Measured = { table: { ...TRUTH, slice: hexOf(tree.root) }, aggregate: id("a lie") };
      const { measuring, answerer } = await answered(other, HONEST);
      await measuring.prove(answerer, { tensors: claimed, leaf: leafOf(tree, 2), tree });
      await measuring.expectStanding(HONEST);
    }
  });

  it("is not proved by who did not show the nodes above its chunks", async () => {
    const { measuring, answerer } = await answered(HONEST, slice?.lie ?? HONEST);
    await measuring.endClaim(await measuring.claim(answerer, claimed));
    await measuring.conclude({ tensors: claimed, leaf: leafOf(TREES.slice, 2) });
    await measuring.expectStanding(slice?.lie ?? HONEST);
  });

  it("is shown in groups, in their order, by who has to prove, before the posted job is taken", async () => {
    // Of 2,188 nodes, the last group has 140, and what fills it up.
    const bytes = Uint8Array.from({ length: 140_000 }, (_, at) => (at * 13) % 253);
    const tree = bytesTree(bytes);
    const programs = { ...PROGRAMS, sliceBytes: bytes.length };
    const measuring = await deployMeasuredJob(connection, { measurement: measurementHash(programs) });
    const { world, job } = measuring;
    const { jobs } = world;
    const found: Measured = { table: { ...TRUTH, slice: hexOf(tree.root) }, aggregate: HONEST.aggregate };
    const [answerer = 0] = await measuring.stand(found);
    const lie = slice?.lie ?? HONEST;
    await measuring.challenge(RIVAL, lie, programs);
    const show = async (group: number, index = answerer, from = group) => {
      const { nodes, siblings } = groupOf(tree, from);
      return world.as(index).showString(job, group, nodes, siblings);
    };
    const refused = async (call: Promise<unknown>, error: string) =>
      expect(call).to.be.revertedWithCustomError(jobs, error);
    await refused(show(0), "NotAsked");
    await measuring.answer(answerer, lie, found, programs);
    await refused(show(1), "NotAsked");
    await refused(show(0, RIVAL), "NotSeated");
    await refused(show(0, answerer, 1), "BadOpening");
    const { nodes, siblings } = groupOf(tree, 0);
    await refused(world.as(answerer).showString(job, 0, nodes.slice(1), siblings), "BadOpening");
    await refused(world.as(answerer).showString(job, 0, nodes, siblings.slice(1)), "BadProof");
    await expect(show(0)).to.emit(jobs, "StringShown").withArgs(job, 1n, 0n, nodes);
    await show(1);
    await show(2);
    await refused(show(3), "NotAsked");
    expect((await jobs.measuredCase(job)).shown).to.equal(3n);
    await measuring.prove(answerer, { tensors: claimed, leaf: leafOf(tree, Math.ceil(bytes.length / 32) - 1) });
    expect(await measuring.standing()).to.equal((await jobs.roundInfo(job, 1n)).scoreSeats[0]?.result);
  });

  it("needs no showing where it is one chunk", async () => {
    const bytes = Uint8Array.from({ length: 30 }, (_, at) => at + 1);
    const tree = bytesTree(bytes);
    const programs = { ...PROGRAMS, sliceBytes: bytes.length };
    const measuring = await deployMeasuredJob(connection, { measurement: measurementHash(programs) });
    const found: Measured = { table: { ...TRUTH, slice: hexOf(tree.root) }, aggregate: HONEST.aggregate };
    const [answerer = 0] = await measuring.stand(found);
    const lie = slice?.lie ?? HONEST;
    await measuring.challenge(RIVAL, lie, programs);
    await measuring.answer(answerer, lie, found, programs);
    await measuring.prove(answerer, { tensors: claimed, leaf: leafOf(tree, 0) });
    await measuring.expectStanding(found);
  });

  it("is not shown once the posted job is taken, nor where no string is in question", async () => {
    const { measuring, answerer } = await answered(HONEST, slice?.lie ?? HONEST);
    const { jobs } = measuring.world;
    await measuring.claim(answerer, claimed);
    await expect(measuring.show(answerer, TREES.slice)).to.be.revertedWithCustomError(jobs, "NotAsked");
    const other = await answered(HONEST, LOSS?.lie ?? HONEST);
    await expect(other.measuring.show(other.answerer, TREES.slice)).to.be.revertedWithCustomError(jobs, "NotAsked");
  });
});

describe("the state after a round", () => {
  it("has to have one round more than the one before", async () => {
    const next = CASES.find(({ part }) => part === PART.next);
    const { measuring, answerer } = await answered(HONEST, next?.lie ?? HONEST);
    const tensors = [...(next?.truth.tensors ?? [])];
    tensors[2] = tensors[1] ?? "";
    await measuring.prove(answerer, { tensors, leaf: NO_LEAF, tree: TREES.next });
    await measuring.expectStanding(next?.lie ?? HONEST);
  });
});

describe("what a posted job's claim shows", () => {
  it("decides against who had to prove as soon as it is another number", async () => {
    const { measuring, answerer } = await answered(HONEST, LOSS?.lie ?? HONEST);
    const tensors = measuredTensors(909n);
    await measuring.endClaim(await measuring.claim(answerer, tensors));
    await measuring.conclude({ tensors, leaf: NO_LEAF });
    await measuring.expectStanding(LOSS?.lie ?? HONEST);
  });
});

describe("chains of rivals", () => {
  it("each have a window of their own; who falls loses its bond, and half is the next one's", async () => {
    const measuring = await networkHelpers.loadFixture(measuredJob);
    const { world, job } = measuring;
    const [first = 0] = await measuring.stand(HONEST);
    const lie = LOSS?.lie ?? HONEST;
    await measuring.challenge(RIVAL, lie);
    await world.pass(job);
    await measuring.expectStanding(lie);
    // A rival answers for its result alone.
    const [honest] = WORKERS;
    await measuring.challenge(honest, HONEST);
    await expect(measuring.answer(first, HONEST, lie)).to.be.revertedWithCustomError(world.jobs, "NotSeated");
    await measuring.answer(RIVAL, HONEST, lie);
    await measuring.endClaim(await measuring.claim(RIVAL, LOSS?.truth.tensors ?? []));
    await measuring.conclude(LOSS?.truth ?? { tensors: [], leaf: NO_LEAF });
    await measuring.expectStanding(HONEST);
    expect((await world.stake(RIVAL)).stake).to.equal(10_000n - BOND);
    expect(await world.held(honest)).to.equal(BOND / 2n);
    expect((await world.jobs.roundInfo(job, 1n)).rival).to.equal(world.signer(honest).address);
    const { locked } = await world.stake(honest);
    await world.pass(job);
    expect(await world.state(job)).to.equal(STATE.waiting);
    // The first evaluators were right after all.
    expect((await world.stake(first)).stake).to.equal(10_000n);
    expect((await world.stake(honest)).locked).to.equal(locked - BOND);
    expect(await world.held(first)).to.equal(TERMS.feeTicks / 2n);
    await world.expectConserved();
  });

  it("end with nothing that is locked, however they end", async () => {
    const measuring = await networkHelpers.loadFixture(measuredJob);
    const { world, job } = measuring;
    await measuring.stand(HONEST);
    await measuring.challenge(RIVAL, LOSS?.lie ?? HONEST);
    await world.pass(job);
    await measuring.challenge(RIVAL, HONEST);
    await world.pass(job);
    await measuring.expectStanding(HONEST);
    // Who fells its own result pays half a bond for it.
    expect((await world.stake(RIVAL)).stake).to.equal(10_000n - BOND);
    expect(await world.held(RIVAL)).to.equal(BOND / 2n);
    await world.pass(job);
    expect((await world.stake(RIVAL)).locked).to.equal(0n);
    await world.expectConserved();
  });
});

describe("a measured challenge, told", () => {
  it("names tables, the posted job and the verdict", async () => {
    const { measuring, answerer } = await answered(HONEST, LOSS?.lie ?? HONEST);
    const { world, job } = measuring;
    const [challenged] = await world.jobs.queryFilter(world.jobs.filters.MeasuredChallenge());
    const [told] = await world.jobs.queryFilter(world.jobs.filters.MeasuredAnswer());
    expect(challenged?.args.table.losses).to.deep.equal(LOSS?.lie.table.losses);
    expect(challenged?.args.table.readable).to.equal(15n);
    expect([told?.args.part, told?.args.position, told?.args.measured]).to.deep.equal([PART.loss, 2n, 1n]);
    expect(told?.args.table.moved).to.equal(TRUTH.moved);
    await measuring.endClaim(await measuring.claim(answerer, LOSS?.truth.tensors ?? []));
    await expect(measuring.conclude(LOSS?.truth ?? { tensors: [], leaf: NO_LEAF }))
      .to.emit(world.jobs, "MeasuredVerdict")
      .withArgs(job, 1n, world.signer(answerer).address, await measuring.standing());
    expect((await world.jobs.measuredCase(job)).challenger).to.equal(`0x${"0".repeat(40)}`);
    expect(await world.state(job)).to.not.equal(MEASURING);
  });
});
