import { expect } from "chai";
import { id, MaxUint256 } from "ethers";
import hre from "hardhat";
import { floatBits } from "../../../../src/training/reproducible/tapeBuilder.ts";
import { measurementHash } from "../../../../src/training/reproducible/scoring/measurementPrograms.ts";
import { deployJobWorld, EVALUATORS, JobWorld, STATE } from "../world.ts";
import {
  hexOf,
  leafOf,
  measuredTensors,
  MeasuredJob,
  NO_LEAF,
  productsTree,
  PROGRAMS,
  programsStruct,
  TREES,
  TRUTH,
} from "./measuredWorld.ts";
import { tableStruct } from "./tables.ts";
import type { ScoreTable } from "../../../../src/training/federated/scoreTable.ts";
import { bytesTree } from "../../../../src/training/reproducible/chunkTree.ts";

const connection = await hre.network.create();
const SEATS = 16;
/** That a transaction may take (EIP-7825). */
const MOST_GAS = 16_777_216n;

/** Sixteen updates of use, none a copy of another, of many lengths: everything is computed, and everything is different. */
function largestTable(): ScoreTable {
  const many = <T>(count: number, value: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => value(at));
  return {
    ...TRUTH,
    updates: many(SEATS, (at) => id(`bytes of ${String(at)}`)),
    readable: many(SEATS, () => true),
    products: many(SEATS ** 2, (at) => floatBits(at % (SEATS + 1) === 0 ? 1 + at / 1_000 : 0.3 + at / 10_000)),
    squares: many(SEATS, (at) => floatBits(1.1 + ((at * 7) % SEATS) / 3)),
    losses: [
      1_000_000n,
      ...many(SEATS, (at) => BigInt(900_000 + at)),
      500_000n,
      ...many(SEATS, (at) => BigInt(600_000 + at)),
      ...[1_000_000n, 450_000n, 460_000n],
    ],
  };
}

/** Sixteen workers that the chain's own accounts are too few for. */
async function largestJob(): Promise<MeasuredJob> {
  const world = await deployJobWorld(connection);
  const { ethers, networkHelpers } = connection;
  const signers = [...world.signers];
  const workers: number[] = [];
  for (let worker = 0; worker < SEATS; ++worker) {
    const address = `0x${(0x1000 + worker).toString(16).padStart(40, "0")}`;
    await networkHelpers.setBalance(address, 10n ** 20n);
    workers.push(signers.push(await ethers.getImpersonatedSigner(address)) - 1);
  }
  const larger = new JobWorld({ ...world, signers });
  for (const index of workers) await larger.provider(index);
  for (const index of [...EVALUATORS, 18]) {
    await larger.credit.mint(larger.signer(index).address, 10n ** 15n);
    await larger.credit.connect(larger.signer(index)).approve(larger.reproducible, MaxUint256);
  }
  const programs = { ...PROGRAMS, mean: sixteen(PROGRAMS.mean), sorted: sixteen(PROGRAMS.sorted) };
  const job = await larger.post({ measurement: measurementHash(programs), maxWorkers: SEATS, workersPerSite: 1 });
  await larger.join(job, workers, EVALUATORS);
  await larger.jobs.open(job);
  for (const index of workers) await larger.commitUpdate(job, index, id(`update of ${String(index)}`));
  await larger.jobs.advance(job);
  for (const index of workers) await larger.revealUpdate(job, index, id(`update of ${String(index)}`));
  await larger.jobs.advance(job);
  await larger.revealValidation(job);
  return new MeasuredJob(larger, job);
}

function sixteen<T>(programs: readonly T[]): T[] {
  return Array.from({ length: SEATS }, (_, at) => programs[at % programs.length]).flatMap((program) =>
    program === undefined ? [] : [program],
  );
}

describe("a measured challenge of sixteen updates", () => {
  it("takes less gas in each of its verbs than a transaction may", async () => {
    const measuring = await largestJob();
    const { world, job } = measuring;
    const programs = programsStruct({ ...PROGRAMS, mean: sixteen(PROGRAMS.mean), sorted: sixteen(PROGRAMS.sorted) });
    const [evaluator = 0] = await world.draw(job);
    const table = largestTable();
    const square = { ...table, squares: table.squares.with(15, floatBits(3)) };
    const taken: Record<string, bigint> = {};
    const note = async (verb: string, sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) => {
      taken[verb] = (await (await sent).wait())?.gasUsed ?? MOST_GAS;
    };
    const harness = await connection.ethers.getContractAt("TrainingJobs", world.address);
    const scores = await scoresOf(measuring, table);
    await world.score(job, new Map([[evaluator, { scores, aggregate: id("model 1") }]]));
    const rival = world.as(18);
    await note("challengeMeasured", rival.challengeMeasured(job, programs, tableStruct(square), id("a lie")));
    const own = world.as(evaluator);
    await note("answerMeasured", own.answerMeasured(job, programs, tableStruct(square), tableStruct(table)));
    const tensors = measuredTensors(0n, productsTree(table.products));
    await measuring.endClaim(await measuring.claim(evaluator, tensors));
    const { element } = await harness.measuredCase(job);
    const leaf = leafOf(productsTree(table.products), Number(element / 8n));
    await note("concludeMeasured", rival.concludeMeasured(job, tensors, { ...leaf, siblings: [...leaf.siblings] }));

    const unread = { ...table, readable: table.readable.with(0, false), ...smaller(table) };
    expect(await world.state(job)).to.equal(STATE.challenge);
    const readable = { ...table, updates: table.updates.with(0, hexOf(TREES.updates[0]?.root ?? bytesTree(Buffer.alloc(0)).root)) };
    await note("challenge of a readable update", rival.challengeMeasured(job, programs, tableStruct(unread), id("a lie")));
    await note("answer about a readable update", own.answerMeasured(job, programs, tableStruct(unread), tableStruct(table)));
    expect(readable.updates).to.have.length(SEATS);
    expect(NO_LEAF.siblings).to.have.length(0);
    for (const [verb, gas] of Object.entries(taken)) expect(gas, `${verb}: ${String(gas)}`).to.be.lessThan(MOST_GAS / 2n);
    // The figures that docs/jobs.md tells are at most this.
    expect(taken["answerMeasured"]).to.be.lessThan(8_000_000n);
  });
});
