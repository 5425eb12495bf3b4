import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { expect } from "chai";
import { getAddress, id, keccak256, MaxUint256, toUtf8Bytes, ZeroHash } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import { deployReproducibleJobs } from "../../../modules/reproducibleJobs.ts";
import { deployTrainingJobs } from "../../../modules/trainingJobs.ts";
import { resultHash, roundCommitment, validationTree } from "../../../src/training/jobs/hashes.ts";
import { ROLES } from "../../../src/chain/roles.ts";
import { SLOT_SECONDS } from "../../../src/units.ts";
import type {
  AccessManager,
  JobWorldMock,
  ReproducibleJobs,
  TestPaymentToken,
  TrainingJobs,
} from "../../../typechain-types/index.ts";
import type { JobTermsStruct } from "../../../typechain-types/contracts/compute/TrainingJobs.ts";

export const BASE_UNITS = 10n ** 9n;
export const ROUNDS = 3;
export const SLICES = Array.from({ length: 256 }, (_, round) => id(`slice ${String(round + 1)}`));
export const STAKE = 10_000n;

/** As `JobState` counts. */
export const STATE = {
  none: 0n,
  waiting: 1n,
  commit: 2n,
  reveal: 3n,
  validation: 4n,
  draw: 5n,
  scoreCommit: 6n,
  scoreReveal: 7n,
  challenge: 8n,
  ended: 9n,
} as const;
export const STATUS = { none: 0n, committed: 1n, valid: 2n, copy: 3n, stale: 4n } as const;
export const OUTCOME = { open: 0n, settled: 1n, unscored: 2n, unvalidated: 3n, void: 4n } as const;
export const KIND = { first: 0n, redraw: 1n, panel: 2n } as const;

const WINDOW = 600;

/** Terms of the tests' job: three rounds, four places, one evaluator, a pool of 1,000 and a fee of 90 ticks a round. */
export const TERMS = {
  specHash: id("specification"),
  modelRoot: id("model 0"),
  validationRoot: validationTree(SLICES).root,
  measurement: ZeroHash,
  zone: 1,
  maxImportPrice: 300_000,
  maxScarcityPpm: 100_000,
  maxWaitSlots: 8,
  energyWh: 200,
  steps: 500,
  tokens: 4_000,
  maxUpdateBytes: 1_000_000,
  rounds: ROUNDS,
  minWorkers: 2,
  maxWorkers: 4,
  workersPerSite: 2,
  evaluators: 1,
  siteCapPpm: 500_000,
  poolTicks: 1_000n,
  feeTicks: 90n,
  workerBondTicks: 400n,
  evaluatorBondTicks: 800n,
  commitSeconds: WINDOW,
  revealSeconds: WINDOW,
  validationSeconds: WINDOW,
  scoreCommitSeconds: WINDOW,
  scoreRevealSeconds: WINDOW,
  challengeSeconds: WINDOW,
} as const satisfies JobTermsStruct;

export interface Finding {
  readonly scores: readonly bigint[];
  readonly aggregate: string;
}

/** What evaluators find in `driveTo`. */
const RESULT: Finding = { scores: [700n, 200n, -50n, 100n], aggregate: id("model 1") };

/** Jobs on an exchange, providers, queue and reputation whose facts are set by hand. Accounts: 2 posts, 3 to 6 work, 8 to 17 evaluate. */
export class JobWorld {
  readonly connection: NetworkConnection;
  readonly jobs: TrainingJobs;
  readonly reproducible: ReproducibleJobs;
  readonly mock: JobWorldMock;
  readonly credit: TestPaymentToken;
  readonly manager: AccessManager;
  readonly signers: readonly HardhatEthersSigner[];
  readonly address: string;
  readonly chainId: bigint;

  constructor(parts: {
    connection: NetworkConnection;
    jobs: TrainingJobs;
    reproducible: ReproducibleJobs;
    mock: JobWorldMock;
    credit: TestPaymentToken;
    manager: AccessManager;
    signers: readonly HardhatEthersSigner[];
    address: string;
    chainId: bigint;
  }) {
    this.connection = parts.connection;
    this.jobs = parts.jobs;
    this.reproducible = parts.reproducible;
    this.mock = parts.mock;
    this.credit = parts.credit;
    this.manager = parts.manager;
    this.signers = parts.signers;
    this.address = parts.address;
    this.chainId = parts.chainId;
  }

  signer(index: number): HardhatEthersSigner {
    const found = this.signers[index];
    if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
    return found;
  }

  get requester(): HardhatEthersSigner {
    return this.signer(2);
  }

  as(index: number): TrainingJobs {
    return this.jobs.connect(this.signer(index));
  }

  indexOf(address: string): number {
    return this.signers.findIndex((signer) => signer.address === address);
  }

  async now(): Promise<number> {
    return this.connection.networkHelpers.time.latest();
  }

  async wait(seconds: number): Promise<void> {
    await this.connection.networkHelpers.time.increase(seconds);
  }

  async mine(blocks = 1): Promise<void> {
    await this.connection.networkHelpers.mine(blocks, { interval: 1 });
  }

  /** A provider with a site of its own, numbered like the account, unless another is named. */
  async provider(index: number, { site = index, rank = 100, zone = 1 } = {}): Promise<void> {
    await this.mock.setSite(site, zone, rank);
    await this.mock.setProvider(this.signer(index).address, site, meterOf(index), STAKE);
    await this.credit.mint(await this.mock.getAddress(), STAKE * BASE_UNITS);
  }

  async post(changes: Partial<JobTermsStruct> = {}): Promise<bigint> {
    await this.as(2).post({ ...TERMS, ...changes });
    return this.jobs.jobCount();
  }

  async join(job: bigint, workers: readonly number[], evaluators: readonly number[]): Promise<void> {
    for (const index of workers) await this.as(index).join(job);
    for (const index of evaluators) await this.as(index).joinEvaluators(job);
  }

  async state(job: bigint): Promise<bigint> {
    return (await this.jobs.jobInfo(job)).state;
  }

  async round(job: bigint): Promise<bigint> {
    return (await this.jobs.jobInfo(job)).round;
  }

  /** Job in a state, with four updates revealed where it is past that, and an honest result where one stands. */
  async driveTo(job: bigint, state: bigint): Promise<void> {
    const roots = new Map(WORKERS.map((index) => [index as number, id(`update of ${String(index)}`)]));
    if (state > STATE.waiting && state < STATE.ended) await this.jobs.open(job);
    if (state > STATE.commit && state < STATE.ended) {
      for (const [index, root] of roots) await this.commitUpdate(job, index, root);
      await this.pass(job);
    }
    if (state > STATE.reveal && state < STATE.ended) {
      for (const [index, root] of roots) await this.revealUpdate(job, index, root);
      await this.pass(job);
    }
    if (state > STATE.validation && state < STATE.ended) await this.revealValidation(job);
    if (state > STATE.draw && state < STATE.ended) await this.draw(job);
    if (state > STATE.scoreCommit && state < STATE.ended) {
      const round = await this.round(job);
      const result = resultHash({ job, round }, RESULT.scores, RESULT.aggregate);
      for (const index of await this.drawn(job)) {
        await this.as(index).commitScores(job, await this.commitment(job, index, result, saltOf(index)));
      }
      await this.pass(job);
    }
    if (state > STATE.scoreReveal && state < STATE.ended) {
      for (const index of await this.drawn(job)) {
        await this.as(index).revealScores(job, [...RESULT.scores], RESULT.aggregate, saltOf(index));
      }
      await this.pass(job);
    }
    if (state === STATE.ended) await this.as(2).cancel(job);
    expect(await this.state(job)).to.equal(state);
  }

  /** Let the state's deadline pass and move the job on. */
  async pass(job: bigint): Promise<void> {
    const { deadline } = await this.jobs.jobInfo(job);
    if (deadline > BigInt(await this.now())) await this.connection.networkHelpers.time.increaseTo(deadline);
    await this.jobs.advance(job);
  }

  async commitment(job: bigint, index: number, content: string, salt: string): Promise<string> {
    const place = { job, round: await this.round(job), chainId: this.chainId, contract: this.address };
    return roundCommitment(place, this.signer(index).address, content, salt);
  }

  async commitUpdate(job: bigint, index: number, root: string): Promise<void> {
    await this.as(index).commitUpdate(job, await this.commitment(job, index, root, saltOf(index)));
  }

  async revealUpdate(job: bigint, index: number, root: string, size = 1_000): Promise<void> {
    await this.as(index).revealUpdate(job, root, saltOf(index), size);
  }

  /** Open a round in which these workers commit to and reveal these roots, up to the requester's turn. */
  async train(job: bigint, roots: ReadonlyMap<number, string>): Promise<void> {
    await this.jobs.open(job);
    for (const [index, root] of roots) await this.commitUpdate(job, index, root);
    await this.pass(job);
    for (const [index, root] of roots) await this.revealUpdate(job, index, root);
    await this.pass(job);
  }

  async revealValidation(job: bigint): Promise<void> {
    const round = Number(await this.round(job));
    const slice = SLICES[round - 1] ?? "";
    await this.as(2).revealValidation(job, slice, validationTree(SLICES).proof(round));
  }

  /** Make the draw that waits; returns the accounts that have seats in the present part. */
  async draw(job: bigint): Promise<number[]> {
    await this.mine(3);
    await this.jobs.advance(job);
    expect(await this.state(job)).to.equal(STATE.scoreCommit);
    return this.drawn(job);
  }

  async drawn(job: bigint): Promise<number[]> {
    const { round, draw } = await this.jobs.jobInfo(job);
    const { scoreSeats } = await this.jobs.roundInfo(job, round);
    return scoreSeats.filter(({ kind }) => kind === draw).map(({ evaluator }) => this.indexOf(evaluator));
  }

  /** Evaluators of the present part commit to and reveal what they found; the job is moved on after it. */
  async score(job: bigint, findings: ReadonlyMap<number, Finding>): Promise<void> {
    const round = await this.round(job);
    for (const [index, { scores, aggregate }] of findings) {
      const result = resultHash({ job, round }, scores, aggregate);
      await this.as(index).commitScores(job, await this.commitment(job, index, result, saltOf(index)));
    }
    await this.pass(job);
    for (const [index, { scores, aggregate }] of findings) {
      await this.as(index).revealScores(job, [...scores], aggregate, saltOf(index));
    }
    await this.pass(job);
  }

  async held(index: number): Promise<bigint> {
    return this.jobs.heldFor(this.signer(index).address);
  }

  async stake(index: number): Promise<{ stake: bigint; locked: bigint }> {
    const { stakeTicks, lockedTicks } = await this.mock.providerInfo(this.signer(index).address);
    return { stake: stakeTicks, locked: lockedTicks };
  }

  /** The contract has exactly what it owes. */
  async expectConserved(): Promise<void> {
    const owed = await this.jobs.totalHeld();
    expect(await this.credit.balanceOf(this.address)).to.equal(owed * BASE_UNITS);
  }
}

export function saltOf(index: number): string {
  return id(`salt ${String(index)}`);
}

export function meterOf(index: number): string {
  return getAddress(keccak256(toUtf8Bytes(`meter ${String(index)}`)).slice(0, 42));
}

export const WORKERS = [3, 4, 5, 6] as const;
export const EVALUATORS = [8, 9, 10, 11, 12, 13, 14, 15, 16, 17] as const;
export const STRANGER = 18;

/** The jobs as they are deployed, on contracts whose facts are set by hand. */
const WorldModule = buildModule("JobWorld", (m) => {
  const credit = m.contract("TestPaymentToken");
  const mock = m.contract("JobWorldMock", [credit, m.getParameter("pool")]);
  const manager = m.contract("AccessManager", [m.getAccount(0)]);
  const reproducible = deployReproducibleJobs(m, { credit, seasonPool: mock });
  const jobs = deployTrainingJobs(m, {
    ...{ credit, reproducible },
    exchange: mock,
    providers: mock,
    queue: mock,
    reputation: mock,
    accessManager: manager,
  });
  return { credit, mock, manager, reproducible, jobs };
});

/** Everything deployed, workers and evaluators with stake, requester with credits, energy cheap and plentiful. */
export async function deployJobWorld(connection: NetworkConnection, randomness = 0): Promise<JobWorld> {
  const { ethers, ignition } = connection;
  const signers = await ethers.getSigners();
  const [deployer, grid, requester] = signers;
  const pool = signers[19];
  if (deployer === undefined || grid === undefined || requester === undefined || pool === undefined) {
    throw new Error("accounts are missing");
  }
  const deployed = await ignition.deploy(WorldModule, {
    parameters: { JobWorld: { jobRandomness: randomness, pool: pool.address } },
  });
  const credit = await ethers.getContractAt("TestPaymentToken", await deployed.credit.getAddress());
  const mock = await ethers.getContractAt("JobWorldMock", await deployed.mock.getAddress());
  const manager = await ethers.getContractAt("AccessManager", await deployed.manager.getAddress());
  const jobs = await ethers.getContractAt("TrainingJobs", await deployed.jobs.getAddress());
  const reproducible = await ethers.getContractAt("ReproducibleJobs", await deployed.reproducible.getAddress());
  const selector = jobs.interface.getFunction("setCarbonIntensity").selector;
  await manager.setTargetFunctionRole(jobs, [selector], ROLES.GRID);
  await manager.grantRole(ROLES.GRID, grid.address, 0);
  await mock.setTariff(250_000, -200_000);
  const address = await jobs.getAddress();
  const { chainId } = await ethers.provider.getNetwork();
  const world = new JobWorld({ connection, jobs, reproducible, mock, credit, manager, signers, address, chainId });
  for (const index of [...WORKERS, ...EVALUATORS, STRANGER]) await world.provider(index);
  await credit.mint(requester.address, 10n ** 24n);
  await credit.connect(requester).approve(jobs, MaxUint256);
  return world;
}

/** A job that is full: four workers and ten evaluators. */
export async function deployFullJob(connection: NetworkConnection) {
  const world = await deployJobWorld(connection);
  const job = await world.post();
  await world.join(job, WORKERS, EVALUATORS);
  return { world, job };
}

export function slotOf(time: number): number {
  return Math.floor(time / SLOT_SECONDS);
}

/** A call that the contract may refuse by an error of its own; tells whether it went through. */
export async function tryTo(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (!String(error).includes("custom error")) throw error;
    return false;
  }
}
