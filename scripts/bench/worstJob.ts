import { id } from "ethers";
import hre from "hardhat";
import { resultHash } from "../../src/training/jobs/hashes.ts";
import { deploySystemWorld } from "../../test/compute/jobs/systemWorld.ts";
import { OUTCOME, saltOf, type Finding, type JobWorld } from "../../test/compute/jobs/world.ts";
import { measure } from "./measure.ts";

const WORKERS = accounts(20, 16);
const EVALUATORS = accounts(36, 32);
const CHALLENGER = 68;
const DRAWN = 5;
const SCORES = WORKERS.map((_, seat) => BigInt(100 + seat));
const TRUTH: Finding = { scores: SCORES, aggregate: id("model 1") };
const LIE: Finding = { scores: SCORES, aggregate: id("lie") };
const OTHER_LIE: Finding = { scores: SCORES, aggregate: id("another lie") };

/**
 * Gas of the dearest settlement, on the deployed system: the last round of a job with all places taken. Sixteen updates of
 * as many sites are paid; all five evaluators lied and lose their bonds to a challenger and the panel, of whose eleven
 * members five lied as well; then every bond that is left is given free.
 */
export async function benchWorstSettlement(): Promise<number> {
  const connection = await hre.network.create({ override: { accounts: { count: CHALLENGER + 1 } } });
  const { world } = await deploySystemWorld(connection, [...WORKERS, ...EVALUATORS, CHALLENGER]);
  const job = await world.post({
    rounds: 1,
    minWorkers: WORKERS.length,
    maxWorkers: WORKERS.length,
    evaluators: DRAWN,
    siteCapPpm: 1_000_000,
  });
  await world.join(job, WORKERS, EVALUATORS);
  await world.train(job, new Map(WORKERS.map((index) => [index, id(`update of ${String(index)}`)])));
  await world.revealValidation(job);
  const drawn = await world.draw(job);
  await world.score(job, new Map(drawn.map((index) => [index, LIE])));
  await world.as(CHALLENGER).challenge(job);
  const panel = await world.draw(job);
  await find(world, job, new Map(panel.map((index, seat) => [index, seat <= DRAWN ? TRUTH : OTHER_LIE])));
  const { gas } = await measure(await world.jobs.advance(job));
  const { outcome, scoreSeats } = await world.jobs.roundInfo(job, 1);
  if (outcome !== OUTCOME.settled || scoreSeats.length !== 3 * DRAWN + 1) {
    throw new RangeError("the round was not settled by a panel of eleven");
  }
  await connection.close();
  return gas;
}

/** The panel commits and reveals; the job is not moved on after it. */
async function find(world: JobWorld, job: bigint, findings: ReadonlyMap<number, Finding>): Promise<void> {
  for (const [index, { scores, aggregate }] of findings) {
    const result = resultHash({ job, round: 1n }, scores, aggregate);
    await world.as(index).commitScores(job, await world.commitment(job, index, result, saltOf(index)));
  }
  await world.pass(job);
  for (const [index, { scores, aggregate }] of findings) {
    await world.as(index).revealScores(job, [...scores], aggregate, saltOf(index));
  }
}

function accounts(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, place) => first + place);
}
