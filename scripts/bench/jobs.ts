import { id } from "ethers";
import hre from "hardhat";
import { resultHash } from "../../src/training/jobs/hashes.ts";
import {
  deployJobWorld,
  EVALUATORS,
  meterOf,
  saltOf,
  SLICES,
  STRANGER,
  TERMS,
  WORKERS,
  type JobWorld,
} from "../../test/compute/jobs/world.ts";
import { validationTree } from "../../src/training/jobs/hashes.ts";
import { measure } from "./measure.ts";
import { benchWorstSettlement } from "./worstJob.ts";

const FINDING = { scores: [700n, 200n, -50n, 100n], aggregate: id("model 1") };
const WRONG = { scores: [0n, 0n, 900n, 0n], aggregate: id("lie") };

/**
 * Gas of every verb of a federated job with four workers and three evaluators: one round that is challenged and settled by
 * a panel of seven, and the end of the job. Facts of other contracts are set by hand, so what they cost comes on top, above
 * all a cut bond's two transfers of credits (which are counted). `jobSettleWorst` is the dearest settlement of all, on the
 * deployed contracts.
 */
export async function benchJobs(): Promise<Readonly<Record<string, number>>> {
  const world = await deployJobWorld(await hre.network.create());
  const { jobs } = world;
  const gas: Record<string, number> = {};
  const note = async (name: string, sent: Parameters<typeof measure>[0]): Promise<void> => {
    gas[name] = (await measure(sent)).gas;
  };
  await note("jobPost", await world.as(2).post({ ...TERMS, evaluators: 3 }));
  const job = 1n;
  for (const index of WORKERS) await note("jobJoin", await world.as(index).join(job));
  for (const index of EVALUATORS) await note("jobJoinEvaluators", await world.as(index).joinEvaluators(job));
  await note("jobOpen", await jobs.open(job));
  for (const index of WORKERS) {
    const commitment = await world.commitment(job, index, rootOf(index), saltOf(index));
    await note("jobCommitUpdate", await world.as(index).commitUpdate(job, commitment));
  }
  await note("jobEndCommit", await jobs.advance(job));
  for (const index of WORKERS) {
    await note("jobRevealUpdate", await world.as(index).revealUpdate(job, rootOf(index), saltOf(index), 1_000));
  }
  await note("jobEndReveal", await jobs.advance(job));
  await note(
    "jobRevealValidation",
    await world.as(2).revealValidation(job, SLICES[0] ?? "", validationTree(SLICES).proof(1)),
  );
  await world.mine(3);
  await note("jobDraw", await jobs.advance(job));
  await score(world, job, WRONG, note);
  await note("jobChallenge", await world.as(STRANGER).challenge(job));
  await world.mine(3);
  await note("jobDrawPanel", await jobs.advance(job));
  const { openSlot } = await jobs.roundInfo(job, 1);
  await score(world, job, FINDING, async (name, sent) => note(name === "jobEndScores" ? "jobSettlePanel" : name, sent));
  const leaf = { meter: meterOf(3), zone: 1, slot: openSlot, importWh: 500, exportWh: 0, flags: 0 };
  await note("jobProveEnergy", await world.as(3).proveEnergy(job, 1, leaf, id("root"), [], 100));
  await note("jobCollect", await world.as(3).collect(world.signer(3).address));
  await note("jobCancel", await world.as(2).cancel(job));
  await world.connection.close();
  gas.jobSettleWorst = await benchWorstSettlement();
  return gas;
}

async function score(
  world: JobWorld,
  job: bigint,
  { scores, aggregate }: typeof FINDING,
  note: (name: string, sent: Parameters<typeof measure>[0]) => Promise<void>,
): Promise<void> {
  const result = resultHash({ job, round: 1n }, scores, aggregate);
  const drawn = await world.drawn(job);
  for (const index of drawn) {
    const commitment = await world.commitment(job, index, result, saltOf(index));
    await note("jobCommitScores", await world.as(index).commitScores(job, commitment));
  }
  await note("jobEndScoreCommit", await world.jobs.advance(job));
  for (const index of drawn) {
    await note("jobRevealScores", await world.as(index).revealScores(job, scores, aggregate, saltOf(index)));
  }
  await note("jobEndScores", await world.jobs.advance(job));
}

function rootOf(index: number): string {
  return id(`update of ${String(index)}`);
}
