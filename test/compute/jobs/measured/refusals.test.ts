import { expect } from "chai";
import { encodeBytes32String, id, ZeroAddress, ZeroHash } from "ethers";
import hre from "hardhat";
import { measurementHash } from "../../../../src/training/reproducible/scoring/measurementPrograms.ts";
import type { ReproducibleTermsStruct } from "../../../../typechain-types/contracts/compute/reproducible/ReproducibleJobs.ts";
import { STATE, STRANGER, WORKERS, type Finding } from "../world.ts";
import { CASES } from "./cases.ts";
import {
  AGGREGATE,
  deployMeasuredJob,
  findingOf,
  HONEST,
  leafOf,
  MEASURING,
  NO_LEAF,
  programsStruct,
  PROGRAMS,
  RIVAL,
  TREES,
  TRUTH,
  withoutSeat,
  type MeasuredJob,
} from "./measuredWorld.ts";
import { PART, tableStruct } from "./tables.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const LOSS = CASES.find(({ name }) => name === "the loss of one alone");
const PRODUCT = CASES.find(({ part }) => part === PART.product);
const SLICE = CASES.find(({ part }) => part === PART.slice);
const MISSING: Finding = { scores: [], aggregate: ZeroHash };
const OTHERS = { ...PROGRAMS, sliceBytes: 71 };
const FOREIGN = measurementHash(OTHERS);

async function measuredJob() {
  return deployMeasuredJob(connection);
}

async function standing(): Promise<{
  measuring: MeasuredJob;
  jobs: MeasuredJob["world"]["jobs"];
  job: bigint;
  answerer: number;
}> {
  const measuring = await networkHelpers.loadFixture(measuredJob);
  const [answerer = 0] = await measuring.stand(HONEST);
  return { measuring, jobs: measuring.world.jobs, job: measuring.job, answerer };
}

async function answered(lie = LOSS?.lie ?? HONEST) {
  const parts = await standing();
  await parts.measuring.challenge(RIVAL, lie);
  await parts.measuring.answer(parts.answerer, lie, HONEST);
  return parts;
}

describe("a measured challenge is refused", () => {
  it("in every state but that of challenges, and each of its verbs in every state but its own", async () => {
    const measuring = await networkHelpers.loadFixture(measuredJob);
    const { world, job } = measuring;
    const { jobs } = world;
    const verbs = [
      () => measuring.answer(RIVAL, HONEST, HONEST),
      () => jobs.proveUnreadable(job, programsStruct(PROGRAMS), 0, []),
      () => measuring.conclude({ tensors: [], leaf: NO_LEAF }),
    ];
    for (const call of [...verbs, () => measuring.challenge(RIVAL, HONEST)]) {
      await expect(call()).to.be.revertedWithCustomError(jobs, "WrongState").withArgs(job, STATE.waiting);
    }
    await measuring.stand(HONEST);
    for (const call of verbs) {
      await expect(call()).to.be.revertedWithCustomError(jobs, "WrongState").withArgs(job, STATE.challenge);
    }
    await measuring.challenge(RIVAL, LOSS?.lie ?? HONEST);
    for (const call of [
      () => measuring.challenge(RIVAL, HONEST),
      () => world.as(STRANGER).challenge(job),
      () => world.as(STRANGER).join(job),
      () => world.as(2).cancel(job),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(jobs, "WrongState").withArgs(job, MEASURING);
    }
  });

  it("when the state's time is over", async () => {
    const { measuring, jobs, job, answerer } = await standing();
    const { world } = measuring;
    const over = async (call: () => Promise<unknown>) => {
      const { deadline } = await jobs.jobInfo(job);
      const before = await networkHelpers.takeSnapshot();
      await networkHelpers.time.increaseTo(deadline);
      await expect(call()).to.be.revertedWithCustomError(jobs, "WindowOver").withArgs(job, deadline);
      await before.restore();
    };
    await over(() => measuring.challenge(RIVAL, withoutSeat(0)));
    await measuring.challenge(RIVAL, withoutSeat(0));
    await over(() => measuring.answer(answerer, withoutSeat(0), HONEST));
    await measuring.answer(answerer, withoutSeat(0), HONEST);
    await over(() => jobs.proveUnreadable(job, programsStruct(PROGRAMS), 4, []));
    expect(await world.state(job)).to.equal(MEASURING);
  });

  it("with other programs than the terms name, and in a job that names none", async () => {
    const { measuring, jobs, job, answerer } = await standing();
    const refused = async (call: Promise<unknown>) =>
      expect(call).to.be.revertedWithCustomError(jobs, "ForeignPrograms").withArgs(job, FOREIGN);
    await refused(measuring.challenge(RIVAL, HONEST, OTHERS));
    await measuring.challenge(RIVAL, withoutSeat(0));
    await refused(measuring.answer(answerer, withoutSeat(0), HONEST, OTHERS));
    await measuring.answer(answerer, withoutSeat(0), HONEST);
    await refused(jobs.proveUnreadable(job, programsStruct(OTHERS), 4, []));

    const plain = await deployMeasuredJob(connection, { measurement: ZeroHash });
    await plain.stand(HONEST);
    await expect(plain.challenge(RIVAL, LOSS?.lie ?? HONEST)).to.be.revertedWithCustomError(jobs, "ForeignPrograms");
  });

  it("by the result that stands, without an aggregate, and with a table of other seats", async () => {
    const { measuring, jobs, job } = await standing();
    const result = await measuring.standing();
    await expect(measuring.challenge(RIVAL, HONEST))
      .to.be.revertedWithCustomError(jobs, "SameResult")
      .withArgs(job, result);
    await expect(measuring.challenge(RIVAL, { table: TRUTH, aggregate: ZeroHash }))
      .to.be.revertedWithCustomError(jobs, "BadTable")
      .withArgs(encodeBytes32String("aggregateRoot"), 0);
    const table = { ...TRUTH, updates: TRUTH.updates.slice(1) };
    await expect(
      measuring.world.as(RIVAL).challengeMeasured(job, programsStruct(PROGRAMS), tableStruct(table), AGGREGATE),
    )
      .to.be.revertedWithCustomError(jobs, "BadTable")
      .withArgs(encodeBytes32String("updates"), 3);
  });

  it("with an update that its reveal told another size of", async () => {
    const measuring = await networkHelpers.loadFixture(measuredJob);
    const drawn = await measuring.toScoring(new Map([[WORKERS[1], 999]]));
    await measuring.score(drawn, [withoutSeat(1, ZeroHash)]);
    await expect(measuring.challenge(RIVAL, HONEST))
      .to.be.revertedWithCustomError(measuring.world.jobs, "BadTable")
      .withArgs(encodeBytes32String("updates"), 1);
    expect((await measuring.world.jobs.roundInfo(measuring.job, 1n)).seats[1]?.sizeBytes).to.equal(999n);
  });

  it("where the standing result says that the slice was not to be had", async () => {
    const measuring = await networkHelpers.loadFixture(measuredJob);
    await measuring.stand(MISSING);
    await expect(measuring.challenge(RIVAL, HONEST))
      .to.be.revertedWithCustomError(measuring.world.jobs, "SliceMissing")
      .withArgs(measuring.job);
  });

  it("without stake for its bond", async () => {
    const { measuring } = await standing();
    const { world } = measuring;
    await world.mock.setProvider(world.signer(RIVAL).address, RIVAL, world.signer(RIVAL).address, 799n);
    await expect(measuring.challenge(RIVAL, LOSS?.lie ?? HONEST)).to.be.revertedWithCustomError(
      world.mock,
      "StakeTooSmall",
    );
  });
});

describe("an answer is refused", () => {
  it("from who did not reveal the standing result, with another table, and twice", async () => {
    const { measuring, jobs, job, answerer } = await standing();
    const lie = LOSS?.lie ?? HONEST;
    await measuring.challenge(RIVAL, lie);
    await expect(measuring.answer(STRANGER, lie, HONEST))
      .to.be.revertedWithCustomError(jobs, "NotSeated")
      .withArgs(job, 1n, measuring.world.signer(STRANGER).address);
    await expect(measuring.answer(answerer, HONEST, HONEST))
      .to.be.revertedWithCustomError(jobs, "ForeignTable")
      .withArgs(job);
    const given = await jobs.resultHash(job, 1n, [...findingOf(lie).scores], AGGREGATE);
    const other = CASES.find(({ name }) => name === "the loss without one")?.lie ?? lie;
    const otherGiven = await jobs.resultHash(job, 1n, [...findingOf(other).scores], AGGREGATE);
    expect(given).to.not.equal(otherGiven);
    await expect(measuring.answer(answerer, lie, other))
      .to.be.revertedWithCustomError(jobs, "ForeignResult")
      .withArgs(otherGiven, await measuring.standing());
    await measuring.answer(answerer, lie, HONEST);
    await expect(measuring.answer(answerer, lie, HONEST))
      .to.be.revertedWithCustomError(jobs, "NotAsked")
      .withArgs(job);
  });
});

describe("a proof is refused", () => {
  it("that nothing asks for", async () => {
    const { measuring, jobs, job, answerer } = await standing();
    await measuring.challenge(RIVAL, LOSS?.lie ?? HONEST);
    const refused = async (call: Promise<unknown>) =>
      expect(call).to.be.revertedWithCustomError(jobs, "NotAsked").withArgs(job);
    await refused(measuring.conclude({ tensors: [], leaf: NO_LEAF }));
    await measuring.answer(answerer, LOSS?.lie ?? HONEST, HONEST);
    await refused(jobs.proveUnreadable(job, programsStruct(PROGRAMS), 4, []));
  });

  it("before the posted job is done", async () => {
    const { measuring, jobs, job, answerer } = await answered();
    const number = await measuring.measured();
    const early = async () =>
      expect(measuring.conclude(LOSS?.truth ?? { tensors: [], leaf: NO_LEAF }))
        .to.be.revertedWithCustomError(jobs, "CaseOpen")
        .withArgs(job, number);
    await early();
    await measuring.claim(answerer, LOSS?.truth.tensors ?? []);
    await early();
  });

  it("that does not lead to what was claimed", async () => {
    const { measuring, jobs, job, answerer } = await answered(PRODUCT?.lie);
    const truth = PRODUCT?.truth ?? { tensors: [], leaf: NO_LEAF };
    await measuring.endClaim(await measuring.claim(answerer, truth.tensors));
    const bad = async (showing: typeof truth, name: string) =>
      expect(measuring.conclude(showing)).to.be.revertedWithCustomError(jobs, name);
    // Two nodes that lead to the same root are no list of four tensors.
    await bad({ ...truth, tensors: truth.tensors.slice(0, 3) }, "BadOpening");
    await bad({ ...truth, tensors: [...truth.tensors].reverse() }, "BadOpening");
    await bad({ ...truth, leaf: { ...truth.leaf, chunk: id("x") } }, "BadOpening");
    await bad({ ...truth, leaf: { ...truth.leaf, siblings: [] } }, "BadProof");
    await measuring.conclude(truth);
    expect(await measuring.world.state(job)).to.equal(STATE.challenge);
  });

  it("with a chunk that is none of the byte string in question", async () => {
    const { measuring, jobs, answerer } = await answered(SLICE?.lie);
    const truth = SLICE?.truth ?? { tensors: [], leaf: NO_LEAF };
    await measuring.show(answerer, TREES.slice);
    await measuring.endClaim(await measuring.claim(answerer, truth.tensors));
    await expect(
      measuring.conclude({ ...truth, leaf: { ...truth.leaf, chunk: id("x") } }),
    ).to.be.revertedWithCustomError(jobs, "BadOpening");
  });

  it("of an update, where what is opened is none of it, or can be read", async () => {
    const { jobs, job } = await answered(withoutSeat(0));
    const programs = programsStruct(PROGRAMS);
    const leaf = leafOf(TREES.updates[0] ?? TREES.slice, 0);
    const bad = async (part: number, leaves: (typeof leaf)[], name: string, value: number) =>
      expect(jobs.proveUnreadable(job, programs, part, leaves))
        .to.be.revertedWithCustomError(jobs, "BadTerm")
        .withArgs(encodeBytes32String(name), value);
    await bad(5, [leaf], "block", 5);
    await bad(4, [], "leaves", 0);
    await bad(1, [leaf], "leaf", 0);
    const other = await answered(withoutSeat(1));
    const header = leafOf(TREES.updates[1] ?? TREES.slice, 0);
    await expect(other.jobs.proveUnreadable(other.job, programs, 4, [header]))
      .to.be.revertedWithCustomError(jobs, "UpdateReadable")
      .withArgs(other.job, 1);
  });
});

describe("a job with a measurement is refused", () => {
  it("whose evaluators' bonds could not be those of a reproducible job", async () => {
    const { world } = await networkHelpers.loadFixture(measuredJob);
    const measurement = measurementHash(PROGRAMS);
    for (const bond of [1n, (1n << 62n) + 1n]) {
      await expect(world.post({ measurement, evaluatorBondTicks: bond }))
        .to.be.revertedWithCustomError(world.jobs, "BadTerm")
        .withArgs(encodeBytes32String("evaluatorBondTicks"), bond);
    }
    await world.post({ measurement: ZeroHash, evaluatorBondTicks: 1n });
  });
});

describe("a reserved job", () => {
  it("is taken by its provider alone, who need not be paid", async () => {
    const { measuring, answerer } = await answered();
    const { reproducible } = measuring.world;
    const number = await measuring.measured();
    const provider = measuring.world.signer(answerer);
    const posted = await reproducible.jobInfo(number);
    expect([posted.provider, posted.requester]).to.deep.equal([
      provider.address,
      measuring.world.signer(RIVAL).address,
    ]);
    await expect(reproducible.connect(measuring.world.signer(STRANGER)).accept(number))
      .to.be.revertedWithCustomError(reproducible, "OnlyParty")
      .withArgs(provider.address);
    await reproducible.connect(provider).accept(number);
  });

  it("has a provider, and pays what its terms say", async () => {
    const { measuring } = await answered();
    const { reproducible, credit } = measuring.world;
    const [poster, provider] = [measuring.world.signer(RIVAL), measuring.world.signer(3)];
    const terms: ReproducibleTermsStruct = {
      ...PROGRAMS.readState,
      ...{ dataset: id("data set"), specification: id("specification") },
      ...{ firstStep: 0, stride: 1, checkpoints: 1, rounds: 1 },
      ...{ payTicks: 0, bondTicks: 800, challengeBondTicks: 800 },
      ...{ roundSeconds: 600, windowSeconds: 600, clockSeconds: 600, extensionSeconds: 75 },
    };
    await expect(reproducible.postFor(terms, poster.address, ZeroAddress))
      .to.be.revertedWithCustomError(reproducible, "BadReproducibleTerm")
      .withArgs(encodeBytes32String("provider"), 0);
    const before = await credit.balanceOf(poster.address);
    const paying = { ...terms, payTicks: 5n };
    await expect(reproducible.connect(poster).postFor(paying, measuring.world.signer(4).address, provider.address))
      .to.emit(reproducible, "ReproducibleJobReserved")
      .withArgs(2n, provider.address);
    expect(before - (await credit.balanceOf(poster.address))).to.equal(5n * 10n ** 9n);
    expect((await reproducible.jobInfo(2n)).requester).to.equal(measuring.world.signer(4).address);
    await expect(reproducible.post(terms)).to.be.revertedWithCustomError(reproducible, "BadReproducibleTerm");
  });
});
