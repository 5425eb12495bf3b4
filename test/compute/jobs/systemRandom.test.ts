import { expect } from "chai";
import { id, MaxUint256 } from "ethers";
import hre from "hardhat";
import { audit, formatAudit } from "../../../src/audit/index.ts";
import { ROLES } from "../../../src/chain/roles.ts";
import { resultHash, validationTree } from "../../../src/training/jobs/hashes.ts";
import { withCompute } from "../../audit/computeRun.ts";
import { hardhatRpc } from "../../audit/hardhatRpc.ts";
import { deploymentOf } from "../../audit/smallRun.ts";
import { Choices } from "../../differential/random.ts";
import { FIRST_SLOT } from "../../support/testMarket.ts";
import { LEASE, PROVIDERS, Story } from "./systemStory.ts";
import { deploySystemWorld, type SystemWorld } from "./systemWorld.ts";
import {
  EVALUATORS,
  OUTCOME,
  saltOf,
  SLICES,
  STATE,
  STATUS,
  TERMS as MOCK_TERMS,
  tryTo,
  WORKERS,
  type Finding,
} from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const RUNS = Number(process.env.JOULEWORK_JOB_RUNS ?? 3);
/** From so many sequences on chance alone has to reach every end of a round. */
const ENOUGH_RUNS = 25;
const TURNS = 50;
const ROUNDS = 3;
const ZERO = `0x${"00".repeat(32)}`;
const LESSEE = 19;
/** What the turn of all parties takes at most on a chain whose blocks are a second apart. */
const MARGIN_SECONDS = 60n;
const DRAWN_FROM_BEACON = 1;
const PLENTY = 10n ** 11n;
/** A pool that pays for energy, so that waiting jobs queue some. */
const TERMS = { ...MOCK_TERMS, maxScarcityPpm: 1_000_000, poolTicks: 900_000_000n, feeTicks: 90_000_000n };

/** How a party plays a whole sequence. */
type Manner = "honest" | "silent" | "hostile";

interface Given extends SystemWorld {
  readonly choices: Choices;
  readonly story: Story;
  readonly manners: ReadonlyMap<number, Manner>;
  /** Whether no update of the sequence is worth anything. */
  readonly harmful: boolean;
}

async function system(): Promise<SystemWorld> {
  const given = await deploySystemWorld(connection, PROVIDERS, {
    randomness: DRAWN_FROM_BEACON,
    requesterTicks: PLENTY,
  });
  const { market, world } = given;
  const { providers, computeMarket, credit } = market;
  const lessor = world.signer(LEASE.provider);
  const lessee = world.signer(LESSEE);
  await providers.connect(lessor).allowLocker(computeMarket, true);
  await computeMarket.connect(lessor).makeOffer(1, 1n, LEASE.stakeTicks, 900, 100_000, 1);
  await market.fund(lessee, PLENTY);
  for (const spender of [computeMarket, market.trainingJobs]) await credit.connect(lessee).approve(spender, MaxUint256);
  await computeMarket.connect(lessee).requestLease({
    offer: 1,
    site: 0,
    accelerators: 1,
    acceleratorSeconds: 50_000,
    price: 1n,
    maxImportPrice: 16_000_000,
    maxScarcityPpm: 1_000_000,
    durationSlots: 96,
    waitSlots: 10,
  });
  await market.at(FIRST_SLOT + 1);
  await computeMarket.startNext(1);
  return given;
}

/** What an honest evaluator finds: scores of either sign, none above zero where all updates do harm. */
function truthOf({ harmful }: Given, job: bigint, round: bigint, seats: number): Finding {
  const scores = Array.from({ length: seats }, (_, seat) =>
    harmful ? -BigInt(seat) : BigInt((seat * 37 + Number(round * 11n + job)) % 50) - 5n,
  );
  return { scores, aggregate: id(`model ${String(job)} ${String(round)}`) };
}

function liesOf({ scores, aggregate }: Finding): Finding[] {
  return [
    { scores: scores.map((score) => score + 1n), aggregate },
    { scores, aggregate: id(`not ${aggregate}`) },
    // The slice is not to be had.
    { scores: [], aggregate: ZERO },
  ];
}

const ownRoot = (job: bigint, round: bigint, index: number): string =>
  id(`job ${String(job)} round ${String(round)} of ${String(index)}`);

/** What a party commits to in a round: an update, or scores where it is drawn. */
interface Intent {
  readonly root: string;
  readonly finding: Finding;
}

function honestIntent(given: Given, job: bigint, round: bigint, index: number, seats: number): Intent {
  return { root: ownRoot(job, round, index), finding: truthOf(given, job, round, seats) };
}

/** A copy of the work of another, and a lie that others may tell too. */
function hostileIntent(given: Given, job: bigint, round: bigint, index: number, seats: number): Intent {
  const victim = WORKERS[(WORKERS.findIndex((one) => one === index) + 1) % WORKERS.length] ?? index;
  const lies = liesOf(truthOf(given, job, round, seats));
  return {
    root: index % 3 === 0 ? TERMS.modelRoot : ownRoot(job, round, victim),
    finding: lies[(index + Number(round)) % lies.length] ?? { scores: [], aggregate: ZERO },
  };
}

/** What is due of a party. In its window it must go through, whatever the others do. */
async function doDuty(given: Given, job: bigint, index: number, intentOf: typeof honestIntent): Promise<void> {
  const { world, market } = given;
  const as = world.as(index);
  const { state, round, draw, deadline } = await as.jobInfo(job);
  const { address } = world.signer(index);
  // Time that passed for another job may have ended the window of this one.
  if (deadline <= BigInt(await world.now()) + MARGIN_SECONDS) return;
  if (state === STATE.waiting) {
    // A place may be taken, the stake locked for another job.
    const evaluates = EVALUATORS.some((one) => one === index);
    await tryTo(market.providers.connect(world.signer(index)).allowLocker(world.address, true));
    await tryTo(evaluates ? as.joinEvaluators(job) : as.join(job));
    return;
  }
  const { seats, scoreSeats, standing } = await as.roundInfo(job, round);
  const { root, finding } = intentOf(given, job, round, index, seats.length);
  const seat = seats.find(({ provider }) => provider === address);
  if (state === STATE.commit && seat !== undefined && BigInt(seat.commitment) === 0n) {
    await world.commitUpdate(job, index, root);
  }
  if (state === STATE.reveal && seat?.status === STATUS.committed) {
    // What a meddler committed to before is not known any more.
    const known = seat.commitment === (await world.commitment(job, index, root, saltOf(index)));
    if (known) await world.revealUpdate(job, index, root);
  }
  const result = resultHash({ job, round }, finding.scores, finding.aggregate);
  if (state === STATE.challenge && standing !== result && EVALUATORS.some((one) => one === index)) {
    await tryTo(as.challenge(job));
  }
  const scoreSeat = scoreSeats.find(({ evaluator, kind }) => evaluator === address && kind === draw);
  if (scoreSeat === undefined) return;
  const commitment = await world.commitment(job, index, result, saltOf(index));
  if (state === STATE.scoreCommit && BigInt(scoreSeat.commitment) === 0n) await as.commitScores(job, commitment);
  if (state === STATE.scoreReveal && scoreSeat.commitment === commitment && BigInt(scoreSeat.result) === 0n) {
    await as.revealScores(job, [...finding.scores], finding.aggregate, saltOf(index));
  }
}

/** Whatever may do harm, in the right state or not. */
async function meddle(given: Given, job: bigint, index: number): Promise<string> {
  const { world, market, choices } = given;
  const as = world.as(index);
  const { round } = await as.jobInfo(job);
  const { seats, scoreSeats } = await as.roundInfo(job, round);
  const victim = choices.of(PROVIDERS);
  const root = choices.of([ownRoot(job, round, index), ownRoot(job, round, victim), TERMS.modelRoot, id("stale")]);
  const truth = truthOf(given, job, round, seats.length);
  const lie = choices.of([truth, ...liesOf(truth)]);
  const result = resultHash({ job, round }, lie.scores, lie.aggregate);
  const others = [...seats, ...scoreSeats].map(({ commitment }) => commitment);
  const registry = market.providers.connect(world.signer(index));
  const actions: Readonly<Record<string, () => Promise<unknown>>> = {
    join: () => as.join(job),
    joinEvaluators: () => as.joinEvaluators(job),
    vacate: () => as.vacate(job),
    cancel: () => as.cancel(job),
    open: () => as.open(job),
    commitUpdate: async () => world.commitUpdate(job, index, root),
    copyCommitment: () => as.commitUpdate(job, choices.of([...others, id("nothing")])),
    revealUpdate: async () => world.revealUpdate(job, index, root, choices.of([0, 1_000, TERMS.maxUpdateBytes + 1])),
    revealValidation: () => as.revealValidation(job, SLICES[0] ?? "", validationTree(SLICES).proof(1)),
    commitScores: async () => as.commitScores(job, await world.commitment(job, index, result, saltOf(index))),
    copyScores: () => as.commitScores(job, choices.of([...others, id("nothing")])),
    revealScores: () => as.revealScores(job, [...lie.scores], lie.aggregate, saltOf(index)),
    challenge: () => as.challenge(job),
    advance: () => as.advance(job),
    unstake: async () => registry.requestUnstake(await registry.freeStake(world.signer(index))),
    collectStake: () => registry.collectStake(world.signer(index)),
    lockOut: () => registry.allowLocker(world.address, false),
    postStake: () => registry.postStake(world.signer(victim), 1n),
    endProvider: () => registry.endProvider(world.signer(choices.of([index, victim]))),
    closeLease: () => market.computeMarket.connect(world.signer(index)).closeLease(1),
  };
  const name = choices.of(Object.keys(actions));
  const done = await tryTo(actions[name]?.() ?? Promise.resolve());
  return `${name}${done ? "" : " refused"}`;
}

/** Everybody in turn, in another order every time; then whoever moves the job on. */
async function playTurn(given: Given, job: bigint): Promise<void> {
  const { world, choices, story, manners } = given;
  const { state, requester } = await world.jobs.jobInfo(job);
  if (state === STATE.ended) return;
  const started = choices.whole(0, PROVIDERS.length - 1);
  for (const index of [...PROVIDERS.slice(started), ...PROVIDERS.slice(0, started)]) {
    const manner = manners.get(index);
    if (manner === "honest" && choices.chance(0.97)) await doDuty(given, job, index, honestIntent);
    if (manner !== "hostile") continue;
    if (choices.chance(0.8)) await doDuty(given, job, index, hostileIntent);
    else story.steps.push(`job ${String(job)}: ${String(index)} ${await meddle(given, job, index)}`);
  }
  if (state === STATE.waiting && choices.chance(0.9)) await tryTo(world.jobs.open(job));
  if (state === STATE.validation && choices.chance(0.95)) {
    const { round } = await world.jobs.jobInfo(job);
    const slice = SLICES[Number(round) - 1] ?? "";
    await tryTo(
      world.as(world.indexOf(requester)).revealValidation(job, slice, validationTree(SLICES).proof(Number(round))),
    );
  }
  await moveRole(given);
  if (choices.chance(0.2)) {
    const index = choices.of([2, LESSEE, ...PROVIDERS]);
    await tryTo(world.as(index).collect(world.signer(index).address));
  }
  if (state === STATE.draw) await world.mine(choices.of([1, 3, 3, 3, 300]));
  const moved = await tryTo(world.jobs.advance(job));
  story.steps.push(`job ${String(job)} ${String(state)}: ${moved ? "advanced" : "stays"}`);
}

/** Takes the jobs' role now and then, and soon gives it back: without it nobody joins. */
async function moveRole({ market, world, choices, story }: Given): Promise<void> {
  const council = market.handOver.connect(market.governor);
  const { isMember } = await market.manager.hasRole(ROLES.COMPUTE, world.address);
  if (!choices.chance(isMember ? 0.02 : 0.5)) return;
  await (isMember
    ? council.revokeRole(ROLES.COMPUTE, world.address)
    : council.grantRole(ROLES.COMPUTE, world.address, 0));
  story.steps.push(isMember ? "role taken" : "role given");
}

/** Lets the first window that is open end, if everybody has had a turn in it. */
async function passTime({ world, choices }: Given, before: ReadonlyMap<bigint, bigint>): Promise<void> {
  const now = BigInt(await world.now());
  const open: { readonly deadline: bigint; readonly played: boolean }[] = [];
  for (const [job, deadlineBefore] of before) {
    const { deadline, state } = await world.jobs.jobInfo(job);
    // A job that waits is seldom left alone until it waited too long.
    const played = deadline === deadlineBefore && (state !== STATE.waiting || choices.chance(0.1));
    if (deadline > now) open.push({ deadline, played });
  }
  const [first] = open.sort((a, b) => Number(a.deadline - b.deadline));
  if (first?.played === true) await networkHelpers.time.increaseTo(first.deadline);
}

async function play(seed: number): Promise<Story> {
  const { market, world, meters } = await networkHelpers.loadFixture(system);
  const choices = new Choices(`jobs on the system ${String(seed)}`);
  const story = new Story({ market, world, meters });
  await story.begin();
  const manners = new Map(
    PROVIDERS.map((index) => [
      index,
      choices.of<Manner>([...Array<Manner>(7).fill("honest"), "silent", "hostile", "hostile"]),
    ]),
  );
  const jobs = [];
  for (const requester of [2, LESSEE]) {
    await world
      .as(requester)
      .post({ ...TERMS, evaluators: choices.of([1, 1, 1, 3]), minWorkers: choices.of([1, 2]), maxWaitSlots: 4 });
    jobs.push(await world.jobs.jobCount());
  }
  const given: Given = { market, world, meters, choices, story, manners, harmful: seed % 4 === 3 };
  try {
    for (let turn = 0; turn < TURNS; ++turn) {
      const deadlines = new Map<bigint, bigint>();
      for (const job of jobs) deadlines.set(job, (await world.jobs.jobInfo(job)).deadline);
      for (const job of jobs) await playTurn(given, job);
      if (choices.chance(0.6)) await passTime(given, deadlines);
      if (turn % 3 === 0) await story.check();
    }
    for (const job of jobs) await endByTimeAlone(given, job);
    await collectAll(given);
    await auditAll(given);
  } catch (error) {
    throw new Error(`sequence ${String(seed)} after: ${story.steps.slice(-40).join("; ")}`, { cause: error });
  }
  return story;
}

/** Nobody but a stranger with a clock: a round has ten moves at most, of which a draw that was missed is one. */
async function endByTimeAlone({ world, story }: Given, job: bigint): Promise<void> {
  for (let moves = 0; (await world.state(job)) !== STATE.ended; ++moves) {
    expect(moves, "a job ends by time alone").to.be.lessThan(10 * ROUNDS);
    await world.mine(3);
    await world.pass(job);
  }
  await story.check();
  expect((await world.jobs.jobInfo(job)).heldTicks).to.equal(0n);
}

async function collectAll({ market, world, story }: Given): Promise<void> {
  for (const index of [2, LESSEE, ...PROVIDERS]) {
    const { address } = world.signer(index);
    if ((await world.held(index)) !== 0n) await world.as(index).collect(address);
    expect(await market.providers.lockedBy(address, world.address)).to.equal(0n);
  }
  await story.check();
  expect(await world.credit.balanceOf(world.address)).to.equal(0n);
}

async function auditAll({ market }: Given): Promise<void> {
  const deployment = await withCompute(await deploymentOf(market), market);
  const report = await audit({ deployment, rpc: hardhatRpc(connection) });
  expect(report.passed, formatAudit(report)).to.equal(true);
}

describe("random jobs on the deployed compute market", () => {
  const outcomes = new Set<bigint>();
  const seen = new Set<string>();
  for (let seed = 0; seed < RUNS; ++seed) {
    it(`conserve escrow and stake, end by time alone and pass the audit, sequence ${String(seed)}`, async () => {
      const story = await play(seed);
      for (const outcome of story.outcomes) outcomes.add(outcome);
      for (const name of story.seen.keys()) seen.add(name);
    });
  }

  it("paid out what was left, and many sequences went through payouts, cut bonds and every end", () => {
    expect([...seen]).to.include.members(["Refunded", "Collected"]);
    // Draws follow the chain's randomness: a few sequences may miss some of what follows.
    if (RUNS < ENOUGH_RUNS) return;
    expect([...seen]).to.include.members(["UpdatePaid", "EvaluatorPaid", "BondCut"]);
    expect([...outcomes].sort()).to.deep.equal(Object.values(OUTCOME).filter((outcome) => outcome !== OUTCOME.open));
    expect([...seen]).to.include.members(["CallRefused", "ChallengeDecided", "RewardPaid", "UpdateDemoted"]);
  });
});
