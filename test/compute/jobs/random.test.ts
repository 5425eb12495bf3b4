import { expect } from "chai";
import { id } from "ethers";
import hre from "hardhat";
import { resultHash } from "../../../src/training/jobs/hashes.ts";
import {
  contributionSamples,
  divideEqually,
  dividePool,
  voidShare,
  type ScoredUpdate,
} from "../../../src/training/jobs/payouts.ts";
import { Choices, fuzzRuns } from "../../differential/random.ts";
import {
  BASE_UNITS,
  deployJobWorld,
  EVALUATORS,
  KIND,
  OUTCOME,
  saltOf,
  STAKE,
  STATE,
  STATUS,
  STRANGER,
  TERMS,
  tryTo,
  WORKERS,
  type Finding,
  type JobWorld,
} from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const RUNS = fuzzRuns(100);
const PARTIES = [2, ...WORKERS, ...EVALUATORS, STRANGER];
/** More moves than a job of three rounds with redraws and panels can need, draws that are armed again included. */
const MOST_MOVES = 200;

async function emptyWorld() {
  return deployJobWorld(connection);
}

/** What one job was seen to do, and what each party should have of it. */
class Ghost {
  readonly held = new Map<number, bigint>();
  escrow = 0n;
  readonly commitments = new Map<string, string>();
  readonly states = new Set<bigint>();
  readonly outcomes: bigint[] = [];

  pay(index: number, ticks: bigint): void {
    this.held.set(index, (this.held.get(index) ?? 0n) + ticks);
    this.escrow -= ticks;
  }
}

/** Act at random, or stay silent, as the parties of the job's state. */
async function act(world: JobWorld, job: bigint, choices: Choices, truth: Finding): Promise<void> {
  const { state, round } = await world.jobs.jobInfo(job);
  const loyal = choices.of([0.1, 0.6, 0.95, 1]);
  if (state === STATE.waiting) {
    for (const index of WORKERS) if (choices.chance(0.8)) await tryTo(world.as(index).join(job));
    for (const index of EVALUATORS) if (choices.chance(0.8)) await tryTo(world.as(index).joinEvaluators(job));
    if (choices.chance(0.1)) await tryTo(world.as(choices.of([...WORKERS, ...EVALUATORS])).vacate(job));
    if (choices.chance(0.9)) await tryTo(world.jobs.open(job));
  }
  if (state === STATE.commit) {
    for (const index of WORKERS) {
      if (choices.chance(loyal)) await tryTo(world.commitUpdate(job, index, rootOf(choices, round, index)));
    }
  }
  if (state === STATE.reveal) {
    for (const index of [...WORKERS].reverse()) {
      if (!choices.chance(loyal)) continue;
      for (const root of rootsOf(round, index)) await tryTo(world.revealUpdate(job, index, root));
    }
  }
  if (state === STATE.validation && choices.chance(0.7)) await world.revealValidation(job);
  if (state === STATE.draw) await world.mine(choices.of([1, 3, 3, 3, 300]));
  if (state === STATE.scoreCommit || state === STATE.scoreReveal) {
    for (const index of await world.drawn(job)) {
      if (!choices.chance(loyal)) continue;
      const lies = liesOf(truth);
      const findings = state === STATE.scoreCommit ? [choices.of([truth, truth, truth, ...lies])] : [truth, ...lies];
      for (const finding of findings) {
        const result = resultHash({ job, round }, finding.scores, finding.aggregate);
        await tryTo(
          state === STATE.scoreCommit
            ? world.as(index).commitScores(job, await world.commitment(job, index, result, saltOf(index)))
            : world.as(index).revealScores(job, [...finding.scores], finding.aggregate, saltOf(index)),
        );
      }
    }
  }
  if (state === STATE.challenge && choices.chance(0.5)) {
    await tryTo(world.as(choices.of([STRANGER, ...EVALUATORS, ...WORKERS])).challenge(job));
  }
}

function rootsOf(round: bigint, index: number): string[] {
  return [id(`${String(round)} of ${String(index)}`), id(`copy ${String(round)}`), id("stale"), TERMS.modelRoot];
}

function rootOf(choices: Choices, round: bigint, index: number): string {
  const [own = "", ...others] = rootsOf(round, index);
  return choices.chance(0.7) ? own : choices.of(others);
}

function liesOf({ scores, aggregate }: Finding): Finding[] {
  return [
    { scores: scores.map((score) => score + 1n), aggregate },
    { scores, aggregate: id(`not ${aggregate}`) },
  ];
}

/** Check a round that ended after `block` against the twin, from what the chain holds of it. */
async function checkRound(
  world: JobWorld,
  { job, round, block, rewards }: { job: bigint; round: bigint; block: number; rewards: bigint },
  ghost: Ghost,
): Promise<void> {
  const { outcome, seats, scoreSeats, standing } = await world.jobs.roundInfo(job, round);
  const scores = [...(await world.jobs.resultInfo(job, round, standing)).scores];
  const updates = seats.map(({ site, status }, seat): ScoredUpdate => {
    const update = status === STATUS.valid ? "valid" : status >= STATUS.valid ? "copied" : "missing";
    return { site: Number(site), score: scores[seat] ?? 0n, update };
  });
  const right = scoreSeats.filter(({ result }) => result === standing);
  let { paidTicks } = dividePool({ poolTicks: TERMS.poolTicks, siteCapPpm: TERMS.siteCapPpm, updates });
  let fee = right.length === 0 ? 0n : TERMS.feeTicks / BigInt(right.length);
  if (outcome === OUTCOME.unvalidated) ({ paidTicks } = divideEqually(TERMS.poolTicks, updates));
  if (outcome === OUTCOME.void) ({ paidTicks } = divideEqually(voidShare(TERMS.poolTicks), updates));
  if (outcome === OUTCOME.void || outcome === OUTCOME.unvalidated) fee = 0n;
  let refund = TERMS.poolTicks + TERMS.feeTicks;
  seats.forEach(({ provider }, seat) => {
    ghost.pay(world.indexOf(provider), paidTicks[seat] ?? 0n);
    refund -= paidTicks[seat] ?? 0n;
  });
  if (fee !== 0n) {
    for (const { evaluator } of right) {
      ghost.pay(world.indexOf(evaluator), fee);
      refund -= fee;
    }
  }
  ghost.pay(2, refund);
  ghost.outcomes.push(outcome);
  if (rewards !== 0n) expect(scoreSeats.some(({ kind }) => kind === KIND.panel)).to.equal(true);
  const noted = (await world.mock.queryFilter(world.mock.filters.WorkNoted(), block + 1)).map(({ args }) => args);
  const samples = contributionSamples(updates).flatMap((sample, seat) =>
    sample === undefined ? [] : [[seats[seat]?.site, sample]],
  );
  const reported = outcome === OUTCOME.settled && !(await world.mock.closed());
  expect(noted.map(({ site, contributionPpm }) => [site, contributionPpm])).to.deep.equal(reported ? samples : []);
}

/** What moves between checks, from the events of the blocks since. */
async function rewardsSince(world: JobWorld, block: number, ghost: Ghost): Promise<bigint> {
  let sum = 0n;
  for (const { args } of await world.jobs.queryFilter(world.jobs.filters.RewardPaid(), block + 1)) {
    const index = world.indexOf(args.account);
    ghost.held.set(index, (ghost.held.get(index) ?? 0n) + args.amountTicks);
    sum += args.amountTicks;
  }
  return sum;
}

/** No commitment that was seen may ever be another. */
async function checkCommitments(world: JobWorld, job: bigint, ghost: Ghost): Promise<void> {
  const round = await world.round(job);
  const { seats, scoreSeats } = await world.jobs.roundInfo(job, round);
  const all = [
    ...seats.map(({ provider, commitment }) => [provider, commitment] as const),
    ...scoreSeats.map(({ evaluator, commitment }) => [evaluator, commitment] as const),
  ];
  for (const [account, commitment] of all) {
    const key = `${String(round)} ${account}`;
    const before = ghost.commitments.get(key);
    if (before !== undefined && !/^0x0+$/.test(before)) expect(commitment).to.equal(before);
    ghost.commitments.set(key, commitment);
  }
}

/** What every honest evaluator finds: scores of either sign, none above zero where all updates do harm. */
function truthOf(round: number, seats: readonly number[], harmful: boolean): Finding {
  const scores = seats.map((seat) => (harmful ? -BigInt(seat) : BigInt((seat * 37 + round * 11) % 50) - 5n));
  return { scores, aggregate: id(`model ${String(round)}`) };
}

/**
 * One job of three rounds.
 * @param silent whether half of the time nobody acts
 * @param harmful whether no update is worth anything
 */
async function run(label: string, { silent, harmful }: { silent: boolean; harmful: boolean }): Promise<Ghost> {
  const world = await networkHelpers.loadFixture(emptyWorld);
  const choices = new Choices(label);
  const ghost = new Ghost();
  const job = await world.post({ evaluators: choices.of([1, 3]), maxWaitSlots: 2 });
  ghost.escrow = (await world.jobs.jobInfo(job)).heldTicks;
  let ended = 0n;
  let collected = 0n;
  let rewards = 0n;
  let moves = 0;
  for (; (await world.state(job)) !== STATE.ended; ++moves) {
    expect(moves, "a job ends by time alone").to.be.lessThan(MOST_MOVES);
    const block = await connection.ethers.provider.getBlockNumber();
    const { state, round } = await world.jobs.jobInfo(job);
    ghost.states.add(state);
    const seats = (await world.jobs.roundInfo(job, round)).seats.map((_, seat) => seat);
    const truth = truthOf(Number(round), seats, harmful);
    if (!silent || choices.chance(0.5)) await act(world, job, choices, truth);
    if (choices.chance(0.05)) await world.mock.setClosed(choices.chance(0.3));
    if (choices.chance(0.8)) {
      if (state === STATE.draw) await world.mine(3);
      const { deadline } = await world.jobs.jobInfo(job);
      if (choices.chance(0.7) && deadline > BigInt(await world.now())) await networkHelpers.time.increaseTo(deadline);
      await tryTo(world.jobs.advance(job));
    }
    const gained = await rewardsSince(world, block, ghost);
    rewards += gained;
    // A round that ended since the last look.
    const seen = await world.jobs.queryFilter(world.jobs.filters.RoundEnded(), block + 1);
    for (const { args } of seen) {
      expect(args.round).to.equal(++ended);
      await checkRound(world, { job, round: args.round, block, rewards: gained }, ghost);
    }
    await checkCommitments(world, job, ghost);
    if (choices.chance(0.2)) {
      const index = choices.of(PARTIES);
      const due = await world.held(index);
      await tryTo(world.as(index).collect(world.signer(index).address));
      collected += due - (await world.held(index));
      ghost.held.set(index, (ghost.held.get(index) ?? 0n) - due);
    }
    await conserve(world, job, { collected, rewards });
  }
  ghost.pay(2, ghost.escrow);
  for (const index of PARTIES) expect(await world.held(index), String(index)).to.equal(ghost.held.get(index) ?? 0n);
  return ghost;
}

/** Escrow in and rewards of lost bonds = what was collected and what is held; stakes cut = rewards and gifts to the pool. */
async function conserve(
  world: JobWorld,
  job: bigint,
  { collected, rewards }: { readonly collected: bigint; readonly rewards: bigint },
): Promise<void> {
  await world.expectConserved();
  const budget = BigInt(TERMS.rounds) * (TERMS.poolTicks + TERMS.feeTicks);
  const { heldTicks } = await world.jobs.jobInfo(job);
  let owed = heldTicks;
  for (const index of PARTIES) owed += await world.held(index);
  expect(owed).to.equal(await world.jobs.totalHeld());
  expect(owed + collected).to.equal(budget + rewards);
  let stakes = 0n;
  const holders = [...WORKERS, ...EVALUATORS, STRANGER];
  for (const index of holders) stakes += (await world.stake(index)).stake;
  const pool = (await world.credit.balanceOf(world.signer(19).address)) / BASE_UNITS;
  expect(stakes + pool + rewards).to.equal(STAKE * BigInt(holders.length));
}

describe("random parties, silent and hostile ones among them", () => {
  const states = new Set<bigint>();
  const outcomes = new Set<bigint>();
  for (let seed = 0; seed < RUNS; ++seed) {
    it(`conserve every tick and let the job end, sequence ${String(seed)}`, async () => {
      const ghost = await run(`jobs ${String(seed)}`, { silent: seed % 5 === 4, harmful: seed % 4 === 3 });
      for (const state of ghost.states) states.add(state);
      for (const outcome of ghost.outcomes) outcomes.add(outcome);
    });
  }

  it("reach every state and every end of a round in these sequences", () => {
    expect([...states].sort()).to.deep.equal(
      Object.values(STATE).filter((state) => state !== STATE.none && state !== STATE.ended),
    );
    expect([...outcomes].sort()).to.deep.equal(Object.values(OUTCOME).filter((outcome) => outcome !== OUTCOME.open));
  });
});

describe("time alone", () => {
  for (const [name, state] of Object.entries(STATE)) {
    if (state === STATE.none || state === STATE.ended) continue;
    it(`brings a job that everybody left in ${name} to its end, and everything back to who it belongs to`, async () => {
      const world = await networkHelpers.loadFixture(emptyWorld);
      const job = await world.post();
      await world.join(job, WORKERS, EVALUATORS);
      await world.driveTo(job, state);
      for (let moves = 0; (await world.state(job)) !== STATE.ended; ++moves) {
        expect(moves).to.be.lessThan(12);
        await world.mine(3);
        await world.pass(job);
      }
      expect((await world.jobs.jobInfo(job)).heldTicks).to.equal(0n);
      for (const index of [...WORKERS, ...EVALUATORS]) expect((await world.stake(index)).locked).to.equal(0n);
      let owed = 0n;
      for (const index of PARTIES) owed += await world.held(index);
      expect(owed).to.equal(3_270n);
      await world.expectConserved();
    });
  }
});
