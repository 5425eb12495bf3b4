import { expect } from "chai";
import { id, MaxUint256, ZeroAddress } from "ethers";
import hre from "hardhat";
import { scoreFromTable, type TableSeat } from "../../../../src/training/federated/scoreFromTable.ts";
import type { ScoreTable } from "../../../../src/training/federated/scoreTable.ts";
import { bytesTree } from "../../../../src/training/reproducible/chunkTree.ts";
import { measurementHash } from "../../../../src/training/reproducible/scoring/measurementPrograms.ts";
import { floatBits } from "../../../../src/training/reproducible/tapeBuilder.ts";
import { deployJobWorld, EVALUATORS, JobWorld } from "../world.ts";
import {
  groupOf,
  hexOf,
  leafOf,
  MeasuredJob,
  measuredTensors,
  productsTree,
  PROGRAMS,
  programsStruct,
  RIVAL,
  RULE,
  TRUTH,
} from "./measuredWorld.ts";
import { tableStruct } from "./tables.ts";

const connection = await hre.network.create();
const SEATS = 16;
/** That a transaction may take (EIP-7825). */
const MOST_GAS = 16_777_216n;
const SLICE = bytesTree(Uint8Array.from({ length: 200_000 }, (_, at) => at % 251));
const LARGEST_PROGRAMS = {
  ...PROGRAMS,
  ...{ mean: sixteen(PROGRAMS.mean), sorted: sixteen(PROGRAMS.sorted) },
  sliceBytes: 200_000,
};
/** Accounts of the workers: those behind the chain's own. */
const WORKER_SEATS = Array.from({ length: SEATS }, (_, seat) => 20 + seat);

function updateOf(worker: number): string {
  return id(`update of ${String(worker)}`);
}

/** Sixteen updates of use, none a copy of another, of many lengths: everything is computed, and everything is different. */
function largestTable(): ScoreTable {
  const many = <T>(count: number, value: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => value(at));
  return {
    ...TRUTH,
    slice: hexOf(SLICE.root),
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
  expect(signers).to.have.length(WORKER_SEATS[0]);
  for (const worker of WORKER_SEATS) {
    const address = `0x${(0x1000 + worker).toString(16).padStart(40, "0")}`;
    await networkHelpers.setBalance(address, 10n ** 20n);
    signers.push(await ethers.getImpersonatedSigner(address));
  }
  const { jobs, reproducible, mock, credit, manager, address, chainId } = world;
  const parts = { connection, jobs, reproducible, mock, credit, manager, address, chainId };
  const larger = new JobWorld({ ...parts, signers });
  for (const worker of WORKER_SEATS) await larger.provider(worker);
  for (const index of [...EVALUATORS, RIVAL]) {
    await larger.credit.mint(larger.signer(index).address, 10n ** 15n);
    await larger.credit.connect(larger.signer(index)).approve(larger.reproducible, MaxUint256);
  }
  const measurement = measurementHash(LARGEST_PROGRAMS);
  const job = await larger.post({ measurement, maxWorkers: SEATS, workersPerSite: 1 });
  await larger.join(job, WORKER_SEATS, EVALUATORS);
  await larger.jobs.open(job);
  for (const worker of WORKER_SEATS) await larger.commitUpdate(job, worker, updateOf(worker));
  await larger.jobs.advance(job);
  for (const worker of WORKER_SEATS) await larger.revealUpdate(job, worker, updateOf(worker));
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
    const programs = programsStruct(LARGEST_PROGRAMS);
    const [evaluator = 0] = await world.draw(job);
    const table = largestTable();
    const other = tableStruct({ ...table, squares: table.squares.with(SEATS - 1, floatBits(3)) });
    const taken: Record<string, bigint> = {};
    const note = async (verb: string, sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) => {
      taken[verb] = (await (await sent).wait())?.gasUsed ?? MOST_GAS;
    };
    const seats = WORKER_SEATS.map((worker): TableSeat => ({ hash: updateOf(worker), verdict: null }));
    const { scores } = scoreFromTable(table, RULE, seats);
    await world.score(job, new Map([[evaluator, { scores, aggregate: id("model 1") }]]));
    await note("challengeMeasured", world.as(RIVAL).challengeMeasured(job, programs, other, id("a lie")));
    await note("answerMeasured", world.as(evaluator).answerMeasured(job, programs, other, tableStruct(table)));
    const { element } = await world.jobs.measuredCase(job);
    const squares = productsTree(
      Array.from({ length: SEATS ** 2 }, (_, at) => (BigInt(at) === element ? (table.squares[SEATS - 1] ?? 0) : 0)),
    );
    const tensors = measuredTensors(0n, squares);
    const { chunk, siblings } = leafOf(squares, Number(element / 8n));
    await measuring.endClaim(await measuring.claim(evaluator, tensors));
    await note("concludeMeasured", world.as(RIVAL).concludeMeasured(job, tensors, { chunk, siblings: siblings }));
    expect((await world.jobs.roundInfo(job, 1n)).rival).to.equal(ZeroAddress);

    const slice = tableStruct({ ...table, slice: id("another slice") });
    await world.as(RIVAL).challengeMeasured(job, programs, slice, id("a lie"));
    await world.as(evaluator).answerMeasured(job, programs, slice, tableStruct(table));
    const { nodes, siblings: up } = groupOf(SLICE, 0);
    await note("showString", world.as(evaluator).showString(job, 0, nodes, up));
    for (const [verb, gas] of Object.entries(taken)) expect(gas, verb).to.be.lessThan(MOST_GAS);
  });
});
