import { expect } from "chai";
import { ZeroHash } from "ethers";
import hre from "hardhat";
import { Choices, fuzzRuns } from "../../../differential/random.ts";
import { BASE_UNITS, EVALUATORS, OUTCOME, STATE, STRANGER, TERMS, tryTo, WORKERS, type Finding } from "../world.ts";
import { CASES } from "./cases.ts";
import {
  deployMeasuredJob,
  findingOf,
  HONEST,
  leafOf,
  measuredTensors,
  MEASURING,
  NO_LEAF,
  productsTree,
  readTensors,
  rootOver,
  TREES,
  TRUTH,
  updateRoots,
  withoutSeat,
  type Measured,
  type MeasuredJob,
  type Showing,
} from "./measuredWorld.ts";
import { PART, tableStruct } from "./tables.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const RUNS = fuzzRuns(100);
/** It has no place in the job, finds what is true, and is awake. */
const HONEST_ONE = STRANGER;
const OTHERS = [...WORKERS, ...EVALUATORS];
const PARTIES = [...OTHERS, HONEST_ONE];
const MISSING: Finding = { scores: [], aggregate: ZeroHash };
const FOUND: readonly Measured[] = [HONEST, HONEST, withoutSeat(2, ZeroHash), ...CASES.map(({ lie }) => lie)];
const MOST_MOVES = 400;
/** As `ReproducibleState` counts. */
const POSTED = 1n;
const TRAINING = 2n;

async function oneRound() {
  return deployMeasuredJob(connection, { rounds: 1, evaluators: 1 });
}

async function threeEvaluators() {
  return deployMeasuredJob(connection, { rounds: 1, evaluators: 3 });
}

/** What an honest claim about the case under way shows. */
async function truthOf({ world, job }: MeasuredJob): Promise<Showing> {
  const { part, position } = await world.jobs.measuredCase(job);
  if (part === PART.update) {
    const seat = Number(position);
    const root = [...updateRoots().values()][seat] ?? "";
    const tree = TREES.updates[seat] ?? TREES.slice;
    return { tensors: [root], leaf: leafOf(tree, 31), tree };
  }
  const known = CASES.find((one) => one.part === part);
  if (part < PART.product) return known?.truth ?? { tensors: [], leaf: NO_LEAF };
  if (part === PART.next) return { tensors: readTensors(), leaf: NO_LEAF, tree: TREES.next };
  const element = part === PART.square ? Number(position) * 5 : Number(position);
  const leaf = part <= PART.square ? leafOf(productsTree(TRUTH.products), Math.floor(element / 8)) : NO_LEAF;
  return { tensors: measuredTensors(TRUTH.losses[Number(position)] ?? 0n), leaf };
}

/** The table that the rival came with, and one that the standing result follows from. */
async function tablesOf(measuring: MeasuredJob): Promise<{ rival: Measured; own: Measured }> {
  const { world, job } = measuring;
  const told = (await world.jobs.queryFilter(world.jobs.filters.MeasuredChallenge())).at(-1)?.args.table;
  const rival = FOUND.find(({ table }) => String(told) === String(Object.values(tableStruct(table))));
  const standing = await measuring.standing();
  let own: Measured | undefined;
  for (const one of FOUND) {
    const { scores, aggregate } = findingOf(one);
    if ((await world.jobs.resultHash(job, 1n, [...scores], aggregate)) === standing) own ??= one;
  }
  if (rival === undefined || own === undefined) throw new Error("a table is none of those that anybody finds");
  return { rival, own };
}

/** Everybody but the honest one, at random. */
async function actAtRandom(measuring: MeasuredJob, choices: Choices): Promise<void> {
  const { world, job } = measuring;
  const state = await world.state(job);
  if (state === STATE.draw) await world.mine(3);
  for (let tries = choices.whole(0, 4); (await world.state(job)) === STATE.challenge && tries > 0; --tries) {
    const index = choices.of(OTHERS);
    await tryTo(choices.chance(0.95) ? measuring.challenge(index, choices.of(FOUND)) : world.as(index).challenge(job));
  }
  if (state !== MEASURING || choices.chance(0.3)) return;
  const held = await world.jobs.measuredCase(job);
  if (held.part === PART.none) {
    const { rival, own } = await tablesOf(measuring);
    for (const index of OTHERS) if (await tryTo(measuring.answer(index, rival, own))) return;
  }
  if (held.measured === 0n) return;
  const { provider, requester, state: posted } = await world.reproducible.jobInfo(held.measured);
  if (posted === POSTED && choices.chance(0.1)) {
    await tryTo(world.reproducible.connect(world.signer(world.indexOf(requester))).cancel(held.measured));
  }
  const index = world.indexOf(provider);
  if (index === HONEST_ONE || !choices.chance(0.6)) return;
  const { tensors, tree } = await truthOf(measuring);
  if (posted === POSTED && tree !== undefined && choices.chance(0.7)) await tryTo(measuring.show(index, tree));
  if (posted === POSTED) await tryTo(measuring.claim(index, choices.chance(0.6) ? tensors : [...tensors].reverse()));
  if (posted === TRAINING && choices.chance(0.1)) {
    await tryTo(world.reproducible.connect(world.signer(index)).stop(held.measured));
  }
}

/** What one that finds the truth does about every result and every claim that is wrong. */
async function actHonestly(measuring: MeasuredJob): Promise<void> {
  const { world, job } = measuring;
  const me = world.signer(HONEST_ONE);
  if ((await world.state(job)) === STATE.challenge) await tryTo(measuring.challenge(HONEST_ONE, HONEST));
  if ((await world.state(job)) !== MEASURING) return;
  let held = await world.jobs.measuredCase(job);
  if (held.part === PART.none) {
    const { rival } = await tablesOf(measuring);
    await tryTo(measuring.answer(HONEST_ONE, rival, HONEST));
    held = await world.jobs.measuredCase(job);
  }
  if (held.measured === 0n) return;
  const { provider, state } = await world.reproducible.jobInfo(held.measured);
  const showing = await truthOf(measuring);
  if (state === POSTED && provider === me.address) {
    if (showing.tree !== undefined) await tryTo(measuring.show(HONEST_ONE, showing.tree));
    await tryTo(measuring.claim(HONEST_ONE, showing.tensors));
  }
  const { endState } = await world.reproducible.claimInfo(held.measured, 0);
  const right = endState === rootOver(showing.tensors);
  // Programs are made up here, so nobody can prove a claim that is disputed: only wrong ones are.
  if (state === TRAINING && endState !== ZeroHash && !right) {
    await tryTo(world.reproducible.connect(me).challenge(held.measured, 0));
  }
}

/** Time goes on, and whoever likes moves what is due. */
async function pass(measuring: MeasuredJob): Promise<void> {
  const { world, job } = measuring;
  const { jobs, reproducible } = world;
  const { deadline } = await jobs.jobInfo(job);
  if (deadline > BigInt(await world.now())) await networkHelpers.time.increaseTo(deadline);
  await world.mine(3);
  const number = await measuring.measured();
  if (number !== 0n) {
    await world.wait(TERMS.scoreCommitSeconds + 1);
    const disputes = await reproducible.queryFilter(reproducible.filters.RoundChallenged(undefined, number));
    for (const { args } of disputes) await tryTo(reproducible.callTime(args.dispute));
    await tryTo(reproducible.settle(number));
    await tryTo(reproducible.abandon(number));
    await tryTo(measuring.conclude(await truthOf(measuring)));
  }
  await tryTo(jobs.advance(job));
}

/** Credits of everybody and everything together, ticks. */
async function allCredits({ world }: MeasuredJob): Promise<bigint> {
  let sum = 0n;
  for (const { address } of world.signers) sum += await world.credit.balanceOf(address);
  for (const contract of [world.jobs, world.reproducible, world.mock]) sum += await world.credit.balanceOf(contract);
  return sum / BASE_UNITS;
}

async function run(label: string, honest: boolean): Promise<{ measuring: MeasuredJob; parts: Set<bigint> }> {
  const choices = new Choices(label);
  const measuring = await networkHelpers.loadFixture(choices.of([oneRound, threeEvaluators]));
  const { world, job } = measuring;
  const credits = await allCredits(measuring);
  const drawn = await measuring.toScoring();
  await measuring.score(
    drawn,
    drawn.map(() => (!honest && choices.chance(0.1) ? MISSING : choices.of(FOUND))),
  );
  for (let moves = 0; (await world.state(job)) !== STATE.ended; ++moves) {
    expect(moves, "a job ends by time alone").to.be.lessThan(MOST_MOVES);
    // Liars come first, but not for ever.
    if (moves < 20 || !honest) await actAtRandom(measuring, choices);
    if (honest) await actHonestly(measuring);
    if (choices.chance(0.7)) await pass(measuring);
    await world.expectConserved();
    expect(await allCredits(measuring)).to.equal(credits);
  }
  for (const index of PARTIES) expect((await world.stake(index)).locked, String(index)).to.equal(0n);
  const answers = await world.jobs.queryFilter(world.jobs.filters.MeasuredAnswer());
  return { measuring, parts: new Set(answers.map(({ args }) => args.part)) };
}

describe("measured challenges at random", () => {
  const seen = new Set<bigint>();
  for (let seed = 0; seed < RUNS; ++seed) {
    it(`conserve credits and bonds, and the job ends, sequence ${String(seed)}`, async () => {
      const { parts } = await run(`measured ${String(seed)}`, false);
      for (const part of parts) seen.add(part);
    });
  }

  for (let seed = 0; seed < RUNS; ++seed) {
    it(`end with what is true where one that finds it is awake, sequence ${String(seed)}`, async () => {
      const { measuring, parts } = await run(`measured honestly ${String(seed)}`, true);
      expect((await measuring.world.jobs.roundInfo(measuring.job, 1n)).outcome).to.equal(OUTCOME.settled);
      await measuring.expectStanding(HONEST);
      for (const part of parts) seen.add(part);
      const { stake } = await measuring.world.stake(HONEST_ONE);
      expect(stake, "who finds what is true loses no bond").to.equal(10_000n);
    });
  }

  it("are about every part of a table in these sequences", () => {
    const { none, readable, ...decided } = PART;
    // Made-up bytes can be read or not as one likes; that part has tests of its own.
    expect([...seen].sort()).to.deep.equal(Object.values(decided));
    expect([none, readable].some((part) => seen.has(part))).to.equal(false);
  });
});
