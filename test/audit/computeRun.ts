import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, MaxUint256, ZeroHash } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { resultHash, roundCommitment, validationTree } from "../../src/training/jobs/hashes.ts";
import type { TrainingJobs } from "../../typechain-types/index.ts";
import { deployComputeWorld, PRICE, read, request, STAKE, use, type ComputeWorld } from "../compute/world.ts";
import { FIRST_SLOT as S, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { hardhatRpc } from "./hardhatRpc.ts";
import { deploymentOf } from "./smallRun.ts";

const WORKERS = [12, 13, 19] as const;
const EVALUATORS = [14, 15, 16, 17, 18] as const;
const SLICES = [id("slice 1"), id("slice 2")];
const WINDOW = 600;
const DAY = 96;

const TERMS = {
  specHash: id("specification"),
  modelRoot: id("model 0"),
  validationRoot: validationTree(SLICES).root,
  measurement: ZeroHash,
  zone: 1,
  maxImportPrice: 16_000_000,
  maxScarcityPpm: 1_000_000,
  maxWaitSlots: 200,
  energyWh: 50,
  steps: 500,
  tokens: 4_000,
  maxUpdateBytes: 1_000_000,
  rounds: 2,
  minWorkers: 2,
  maxWorkers: 3,
  workersPerSite: 1,
  evaluators: 1,
  siteCapPpm: 600_000,
  poolTicks: 900_000_000n,
  feeTicks: 90_000_000n,
  workerBondTicks: 4_000n,
  evaluatorBondTicks: 8_000n,
  commitSeconds: WINDOW,
  revealSeconds: WINDOW,
  validationSeconds: WINDOW,
  scoreCommitSeconds: WINDOW,
  scoreRevealSeconds: WINDOW,
  challengeSeconds: WINDOW,
} as const;

const HONEST = { scores: [700n, 0n, 200n], aggregate: id("model 1") };
const LIE = { scores: [0n, 0n, 900n], aggregate: id("lie") };

export interface ComputeRun {
  readonly market: TestMarket;
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  readonly toBlock: number;
}

interface Players {
  readonly world: ComputeWorld;
  readonly market: TestMarket;
  readonly jobs: TrainingJobs;
  readonly address: string;
  readonly meters: ReadonlyMap<number, TestMeter>;
}

/** Leases that are used, refused, paused and closed, and a job of two rounds: one with a lie that a panel undoes, one without a slice. */
export async function playComputeRun(connection: NetworkConnection): Promise<ComputeRun> {
  const world = await deployComputeWorld(connection);
  const { market } = world;
  const jobs = market.trainingJobs;
  await jobs.connect(market.grid).setCarbonIntensity(1, 400);
  const address = await jobs.getAddress();
  await playLeases(world);
  const meters = await register(market, jobs, world.requester);
  const players = { world, market, jobs, address, meters };
  await fill(players);
  await playDisputedRound(players);
  await playUnvalidatedRound(players);
  await goAway(players);
  return {
    market,
    rpc: hardhatRpc(connection),
    deployment: await withCompute(await deploymentOf(market), market),
    toBlock: await connection.ethers.provider.getBlockNumber(),
  };
}

/** The record of a deployment with its contracts of the compute market. */
export async function withCompute(deployment: Deployment, market: TestMarket): Promise<Deployment> {
  const compute = {
    Providers: await market.providers.getAddress(),
    ComputeMarket: await market.computeMarket.getAddress(),
    EnergyQueue: await market.energyQueue.getAddress(),
    TrainingJobs: await market.trainingJobs.getAddress(),
  };
  return { ...deployment, contracts: { ...deployment.contracts, ...compute } };
}

/** Slots S to S + 6: one lease with uses that are accepted, paid and refused, one that runs dry, one withdrawn. */
async function playLeases(world: ComputeWorld): Promise<void> {
  const { market, provider, requester, other } = world;
  const { computeMarket } = market;
  const asRequester = computeMarket.connect(requester);
  const asProvider = computeMarket.connect(provider);
  const asOther = computeMarket.connect(other);
  await asRequester.requestLease(request());
  await asOther.requestLease(request({ acceleratorSeconds: 1_000, accelerators: 2 }));
  await asOther.requestLease(request({ acceleratorSeconds: 2_000 }));
  await asOther.withdrawRequest(3);
  await market.at(S + 1);
  await computeMarket.startNext(1);
  await computeMarket.startNext(1);
  await use(world, S + 1, 3_000);
  await asRequester.acceptUse(1);
  await computeMarket.claimPay(1, 5);
  await asRequester.topUp(1, 50_000n);
  // The second lease's escrow ends within its first use.
  await use(world, S + 2, 1_500, 2);
  await asOther.topUp(2, 5n * PRICE);
  await asOther.giveNotice(2);
  await use(world, S + 3, 2_000);
  await asRequester.refuseUse(1, 1);
  await market.at(S + 6);
  await asProvider.closeLease(1);
  await asProvider.collect(provider);
  await market.at(S + 7);
}

/** Workers and evaluators, each with a site, a meter and stake of its own. */
async function register(
  market: TestMarket,
  jobs: TrainingJobs,
  requester: HardhatEthersSigner,
): Promise<ReadonlyMap<number, TestMeter>> {
  const meters = new Map<number, TestMeter>();
  const { providers, credit } = market;
  for (const index of [...WORKERS, ...EVALUATORS]) {
    const owner = signer(market, index);
    const meter = await market.addMeter({ kind: "consumer", owner });
    await market.fund(owner, STAKE);
    await credit.connect(owner).approve(providers, MaxUint256);
    await providers.connect(owner).registerProvider(owner, meter.address, 1);
    await providers.connect(owner).allowLocker(jobs, true);
    await providers.connect(owner).postStake(owner, STAKE);
    meters.set(index, meter);
  }
  await credit.connect(requester).approve(jobs, MaxUint256);
  return meters;
}

/** A job waits from slot S + 7 on, beyond the opening of the gates of tomorrow's same slots. */
async function fill({ market, jobs, world }: Players): Promise<void> {
  await market.reputation.sync(await siteOf(market, 13));
  await jobs.connect(world.requester).post(TERMS);
  await jobs.connect(world.requester).post({ ...TERMS, specHash: id("another") });
  await jobs.connect(world.requester).cancel(2);
  for (const index of WORKERS) await jobs.connect(signer(market, index)).join(1);
  await jobs.connect(signer(market, 13)).vacate(1);
  await jobs.connect(signer(market, 19)).vacate(1);
  for (const index of [13, 19]) await jobs.connect(signer(market, index)).join(1);
  for (const index of EVALUATORS) await jobs.connect(signer(market, index)).joinEvaluators(1);
}

/** A day after the first lease's uses, so that what waited counts in the prices. */
async function playDisputedRound(players: Players): Promise<void> {
  const { market, jobs, world, meters } = players;
  const slot = S + DAY + 1;
  const meter = meters.get(12);
  if (meter === undefined) throw new Error("the worker has no meter");
  await market.at(slot - 1, 10);
  await market.settleFlows(slot - 2, [{ meter }]);
  await market.at(slot, 10);
  await market.settleFlows(slot - 1, [{ meter }]);
  await jobs.open(1);
  const copied = id("update of 12");
  await commitUpdate(players, 12, copied);
  await commitUpdate(players, 13, copied);
  await commitUpdate(players, 19, id("update of 19"));
  await jobs.advance(1);
  await jobs.connect(signer(market, 13)).revealUpdate(1, copied, id("salt 13"), 1_000);
  await jobs.connect(signer(market, 12)).revealUpdate(1, copied, id("salt 12"), 1_000);
  await jobs.connect(signer(market, 19)).revealUpdate(1, id("update of 19"), id("salt 19"), 1_000);
  await jobs.advance(1);
  await jobs.connect(world.requester).revealValidation(1, SLICES[0] ?? "", validationTree(SLICES).proof(1));
  await score(players, LIE);
  await market.providers.connect(world.provider).allowLocker(jobs, true);
  await jobs.connect(world.provider).challenge(1);
  await score(players, HONEST);
  const { leaf, root } = await read({ ...world, meter }, slot, 60);
  await jobs.connect(signer(market, 12)).proveEnergy(1, 1, leaf, root, [], 45);
  await jobs.connect(signer(market, 12)).collect(signer(market, 12));
}

async function playUnvalidatedRound(players: Players): Promise<void> {
  const { market, jobs } = players;
  await jobs.open(1);
  await commitUpdate(players, 12, id("second update of 12"));
  await commitUpdate(players, 13, id("second update of 13"));
  await pass(players);
  await jobs.connect(signer(market, 12)).revealUpdate(1, id("second update of 12"), id("salt 12"), 2_000);
  await pass(players);
  await pass(players);
}

async function goAway({ market, jobs, world }: Players): Promise<void> {
  const { provider, owner, requester } = world;
  await jobs.connect(requester).collect(requester);
  const registry = market.providers.connect(provider);
  await registry.requestUnstake(1_000n);
  await registry.cancelUnstake();
  await registry.requestUnstake(2_000n);
  await market.computeMarket.connect(provider).cancelOffer(1);
  await market.providers.connect(owner).endProvider(provider);
  await market.connection.networkHelpers.time.increase(7 * 86_400);
  await registry.collectStake(provider);
}

async function commitUpdate(players: Players, index: number, root: string): Promise<void> {
  const { jobs, market } = players;
  const commitment = await commitmentOf(players, index, root);
  await jobs.connect(signer(market, index)).commitUpdate(1, commitment);
}

async function commitmentOf({ jobs, address, market }: Players, index: number, content: string): Promise<string> {
  const { round } = await jobs.jobInfo(1);
  const { chainId } = await market.connection.ethers.provider.getNetwork();
  const place = { job: 1n, round, chainId, contract: address };
  return roundCommitment(place, signer(market, index).address, content, id(`salt ${String(index)}`));
}

/** Make the draw, and let all who were drawn find the same. */
async function score(
  players: Players,
  { scores, aggregate }: { readonly scores: readonly bigint[]; readonly aggregate: string },
): Promise<void> {
  const { jobs, market } = players;
  await market.connection.networkHelpers.mine(3, { interval: 1 });
  await jobs.advance(1);
  const { round, draw } = await jobs.jobInfo(1);
  const { scoreSeats } = await jobs.roundInfo(1, round);
  const drawn = scoreSeats.filter(({ kind }) => kind === draw).map(({ evaluator }) => evaluator);
  const indices = market.signers.flatMap(({ address }, index) => (drawn.includes(address) ? [index] : []));
  const result = resultHash({ job: 1n, round }, scores, aggregate);
  for (const index of indices) {
    await jobs.connect(signer(market, index)).commitScores(1, await commitmentOf(players, index, result));
  }
  await jobs.advance(1);
  for (const index of indices) {
    await jobs.connect(signer(market, index)).revealScores(1, [...scores], aggregate, id(`salt ${String(index)}`));
  }
  await jobs.advance(1);
}

/** Let the state's end come and move the job on. */
async function pass({ jobs, market }: Players): Promise<void> {
  const { deadline } = await jobs.jobInfo(1);
  await market.connection.networkHelpers.time.increaseTo(deadline);
  await jobs.advance(1);
}

async function siteOf(market: TestMarket, index: number): Promise<bigint> {
  return (await market.providers.providerInfo(signer(market, index))).site;
}

function signer(market: TestMarket, index: number): HardhatEthersSigner {
  const found = market.signers[index];
  if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
  return found;
}
