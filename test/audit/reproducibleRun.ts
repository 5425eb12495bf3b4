import { MaxUint256 } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import type { RoundComputation } from "../../src/training/reproducible/players/roundComputation.ts";
import { runStep } from "../../src/training/reproducible/runStep.ts";
import { Choices } from "../differential/random.ts";
import { CLOCK, corpus, deployReproducible, FIRST_STEP, ReproducibleWorld, WINDOW } from "../reproducible/jobsWorld.ts";
import { deployTestMarket, type TestMarket } from "../support/testMarket.ts";
import { hardhatRpc } from "./hardhatRpc.ts";
import { deploymentOf } from "./smallRun.ts";

export interface ReproducibleRun {
  readonly market: TestMarket;
  readonly world: ReproducibleWorld;
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  readonly toBlock: number;
}

/** A small model's jobs on the deployed system; accounts 1 to 4 have credits. */
export async function reproducibleWorldOn(market: TestMarket): Promise<ReproducibleWorld> {
  const world = await deployReproducible(market.connection);
  const jobs = market.reproducibleJobs;
  for (const account of [1, 2, 3, 4]) {
    await market.fund(world.signer(account), 100_000n);
    await market.credit.connect(world.signer(account)).approve(jobs, MaxUint256);
  }
  const { connection, credit, signers, tape, encoded, dataset, shape, terms, start, runner, lyingStep } = world;
  return new ReproducibleWorld({
    ...{ connection, jobs, credit, signers, tape, encoded, dataset, shape, terms, start, runner, lyingStep },
  });
}

/** Jobs that are done, refuted, cancelled, stopped and abandoned, and disputes that end in every way. */
export async function playReproducibleRun(connection: NetworkConnection): Promise<ReproducibleRun> {
  const market = await deployTestMarket(connection);
  const world = await reproducibleWorldOn(market);
  await finish(world);
  await refute(world);
  await endEarly(world);
  await runOutOfTime(world);
  await fillUpWrongly(world);
  const deployment = await deploymentOf(market);
  return {
    market,
    world,
    rpc: hardhatRpc(connection),
    deployment: {
      ...deployment,
      contracts: { ...deployment.contracts, ReproducibleJobs: await market.reproducibleJobs.getAddress() },
    },
    toBlock: await connection.ethers.provider.getBlockNumber(),
  };
}

/** Two rounds of an honest provider, whose first one a stranger disputes and loses. */
async function finish(world: ReproducibleWorld): Promise<void> {
  const first = await world.honest();
  const job = await world.claim(first);
  const choices = new Choices("stranger");
  await world.play(await challenge(world, job), first, (children) => choices.whole(0, children - 1));
  await world.pass(WINDOW + 1);
  await world.as(9).settle(job);
  const { checkpoints } = await world.honest(1);
  const last = Number(world.terms.checkpoints) - 1;
  await world.as(2).claim(job, checkpoints.root, checkpoints.leaf(last), checkpoints.proof(last));
  await world.pass(WINDOW + 1);
  await world.as(9).settle(job);
  await world.as(2).collect(world.signer(2).address);
}

/** A provider that changed one bit meets two challengers; the first one leads it to the bit. */
async function refute(world: ReproducibleWorld): Promise<void> {
  const operation = world.tape.primitives.findIndex(({ name }) => name === "layers.0.mlpIn.gradient");
  const lying = await world.lying({ step: FIRST_STEP + 1, operation, element: 9, terms: 2 });
  const job = await world.claim(lying);
  const dispute = await challenge(world, job);
  const other = await challenge(world, job, 4);
  await world.play(dispute, lying, await world.honest());
  await world.as(9).withdrawChallenge(other);
  await world.as(3).collect(world.signer(8).address);
}

async function endEarly(world: ReproducibleWorld): Promise<void> {
  await world.as(1).post(world.terms);
  await world.as(1).cancel(await newestJob(world));
  await world.as(1).post(world.terms);
  await world.as(2).accept(await newestJob(world));
  await world.as(2).stop(await newestJob(world));
  await world.as(1).post(world.terms);
  await world.as(2).accept(await newestJob(world));
  await world.pass(Number(world.terms.roundSeconds) + 1);
  await world.as(9).abandon(await newestJob(world));
}

/** A silent provider, and then a silent challenger. */
async function runOutOfTime(world: ReproducibleWorld): Promise<void> {
  const honest = await world.honest();
  const silent = await challenge(world, await world.claim(honest));
  await world.pass(CLOCK + 1);
  await world.as(9).callTime(silent);
  const answered = await challenge(world, await world.claim(honest));
  await world.play(answered, honest, honest, ({ providerMoves }) => !providerMoves);
  await world.pass(CLOCK + 1);
  await world.as(9).callTime(answered);
}

/** What fills up a chunk is not zero: the challenger names it and wins at once. */
async function fillUpWrongly(world: ReproducibleWorld): Promise<void> {
  const functions = await loadFunctions();
  const lying: RoundComputation = await world.round((state, step) => {
    const tensors = runStep(world.tape, state, { step, corpus, functions });
    const [power = 0] = tensors[world.tape.primitives.length] ?? [];
    return tensors.with(world.tape.primitives.length, Float32Array.of(power, 1));
  });
  await world.play(await challenge(world, await world.claim(lying)), lying, await world.honest());
}

async function challenge(world: ReproducibleWorld, job: bigint, account = 3): Promise<bigint> {
  await world.as(account).challenge(job, 0);
  const { jobs } = world;
  return (await jobs.queryFilter(jobs.filters.RoundChallenged())).at(-1)?.args.dispute ?? 0n;
}

async function newestJob({ jobs }: ReproducibleWorld): Promise<bigint> {
  return (await jobs.queryFilter(jobs.filters.ReproducibleJobPosted())).at(-1)?.args.job ?? 0n;
}
