import { expect } from "chai";
import { id, MaxUint256, ZeroHash } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import { floatBits } from "../../../../src/training/reproducible/tapeBuilder.ts";
import { bytesTree, ChunkTree } from "../../../../src/training/reproducible/chunkTree.ts";
import {
  measurementHash,
  type MeasurementPrograms,
} from "../../../../src/training/reproducible/scoring/measurementPrograms.ts";
import { DEFAULT_SCORING_RULE } from "../../../../src/training/federated/defaultScoringRule.ts";
import { nearCopyThreshold } from "../../../../src/training/federated/isNearCopy.ts";
import { scoreFromTable, type TableSeat } from "../../../../src/training/federated/scoreFromTable.ts";
import type { ScoreTable } from "../../../../src/training/federated/scoreTable.ts";
import type { ScoringRule } from "../../../../src/training/federated/types.ts";
import type {
  JobTermsStruct,
  LeafStruct,
  MeasurementProgramsStruct,
} from "../../../../typechain-types/contracts/compute/TrainingJobs.ts";
import {
  BASE_UNITS,
  deployJobWorld,
  EVALUATORS,
  STATE,
  TERMS,
  WORKERS,
  type Finding,
  type JobWorld,
} from "../world.ts";
import { tableStruct } from "./tables.ts";

/** State of a job whose standing result was challenged by another one. */
export const MEASURING = 10n;
/** Account that puts up rivals; it has no seat. */
export const RIVAL = 18;
export const CREDITS = 100_000n;

/** An update of this many parameters has 1,000 bytes, as the tests' reveals tell. */
const PARAMETERS = 956;
const SLICE_BYTES = 70;
const STATE_BYTES = 32 + 8 * PARAMETERS;
const PLACES = WORKERS.length;

export const RULE: ScoringRule = { ...DEFAULT_SCORING_RULE, aggregation: { kind: "trimmed-mean", trimPpm: 250_000 } };

const STRINGS = {
  model: pattern(1, STATE_BYTES),
  slice: pattern(2, SLICE_BYTES),
  next: pattern(3, STATE_BYTES),
} as const;
export const TREES = {
  model: bytesTree(STRINGS.model),
  slice: bytesTree(STRINGS.slice),
  // The second one has the header of an update.
  updates: WORKERS.map((index, seat) => {
    const bytes = pattern(index, 1_000);
    if (seat === 1) bytes.fill(0x4a, 0, 28);
    return bytesTree(bytes);
  }),
  next: bytesTree(STRINGS.next),
} as const;
/** Tensors of the state that the round leads to. */
export const MOVED = [hashOf("weights"), hashOf("momentum")] as const;
const HEADER = hashOf("header of the model");

/** Made-up programs: the tests say what is claimed of them. */
export const PROGRAMS: MeasurementPrograms = {
  mean: Array.from({ length: PLACES }, (_, less) => measured(`mean of ${String(less + 1)}`, 4)),
  sorted: Array.from({ length: PLACES }, (_, less) => measured(`sorted of ${String(less + 1)}`, 4)),
  updateAddress: measured("address of an update", 1),
  sliceAddress: measured("address of a slice", 1),
  stateAddress: measured("address of a state", 1),
  readState: measured("a state read", 5),
  updateHeader: `0x${"4a".repeat(28)}`,
  zeroUpdate: id("an update that is zero"),
  parameters: PARAMETERS,
  sliceBytes: SLICE_BYTES,
  nearCopy: floatBits(nearCopyThreshold(RULE.nearCopyPpm)),
  leastSharePpm: RULE.leastSharePpm,
  aggregation: 2,
  trimPpm: 250_000,
  rate: floatBits(RULE.outer.learningRate),
  mu: floatBits(RULE.outer.momentum),
};

function measured(name: string, stateTensors: number) {
  return {
    program: { root: id(name), stateTensors, operations: stateTensors + 3 },
    initialState: id(`${name}, zeros`),
  };
}

/** A table with four updates of use, each a player of its own, whose scores are positive. */
export const TRUTH: ScoreTable = {
  model: hexOf(TREES.model.root),
  slice: hexOf(TREES.slice.root),
  updates: TREES.updates.map(({ root }) => hexOf(root)),
  readable: WORKERS.map(() => true),
  products: Array.from({ length: PLACES ** 2 }, (_, at) => floatBits(at % (PLACES + 1) === 0 ? 1 : 0.25)),
  squares: Array.from({ length: PLACES }, () => floatBits(1)),
  // Nobody; each alone; all; all but each; still; the outer step and the plain one.
  losses: [1_000n, 900n, 910n, 920n, 930n, 600n, 700n, 650n, 640n, 620n, 1_000n, 550n, 560n],
  moved: hexOf(new ChunkTree([...MOVED]).root),
  next: hexOf(TREES.next.root),
};
export const AGGREGATE = id("model 1");

/** What somebody found, with the table that it follows from. */
export interface Measured {
  readonly table: ScoreTable;
  readonly aggregate: string;
}

export const HONEST: Measured = { table: TRUTH, aggregate: AGGREGATE };

/** The same round with one update that nobody measured, whose bytes are none of the model's, as they are none in these tests. */
export function withoutSeat(seat: number, root = TRUTH.updates[seat] ?? ""): Measured {
  const places = PLACES - 1;
  const table = {
    ...TRUTH,
    updates: TRUTH.updates.map((own, at) => (at === seat ? root : own)),
    readable: TRUTH.readable.map((_, at) => at !== seat),
    products: Array.from({ length: places ** 2 }, (_, at) => floatBits(at % (places + 1) === 0 ? 1 : 0.25)),
    squares: Array.from({ length: places }, () => floatBits(1)),
    losses: [1_000n, 900n, 910n, 920n, 600n, 700n, 650n, 640n, 1_000n, 550n, 560n],
  };
  return { table, aggregate: id(`model 1 without ${String(seat)}`) };
}

/** What is to be shown of a claim. */
export interface Showing {
  readonly tensors: readonly string[];
  readonly leaf: LeafStruct;
  /** Of the byte string in question, where it is about one. */
  readonly tree?: ChunkTree;
}

export const NO_LEAF: LeafStruct = { chunk: ZeroHash, siblings: [] };

/** Roots of the updates that the tests' workers reveal. */
export function updateRoots(): Map<number, string> {
  return new Map(WORKERS.map((index) => [index, id(`update of ${String(index)}`)]));
}

export function seatsOf(): TableSeat[] {
  return [...updateRoots().values()].map((hash) => ({ hash, verdict: null }));
}

/** Seats in the order of their updates' hashes: what a place is the place of. */
export function placesOf(): number[] {
  const hashes = [...updateRoots().values()];
  return hashes.map((_, seat) => seat).sort((a, b) => ((hashes[a] ?? "") < (hashes[b] ?? "") ? -1 : 1));
}

export function findingOf({ table, aggregate }: Measured): Finding {
  return { scores: scoreFromTable(table, RULE, seatsOf()).scores, aggregate };
}

/** Tensors of a measurement's state, whose true numbers are those of `TRUTH`. */
export function measuredTensors(loss = 0n, products: ChunkTree = productsTree(TRUTH.products)): string[] {
  return [`0x${loss.toString(16).padStart(16, "0")}${"00".repeat(24)}`, hexOf(products.root), ...MOVED.map(hexOf)];
}

/** Tensors of a state that was read, and follows the model. */
export function readTensors(aggregate = AGGREGATE, rounds = 1n): string[] {
  const header = BigInt(hexOf(HEADER));
  return [aggregate, hexOf(HEADER), `0x${(header + rounds).toString(16).padStart(64, "0")}`, ...MOVED.map(hexOf)];
}

/** The tree of a tensor by the bits of its elements. */
export function productsTree(bits: readonly number[]): ChunkTree {
  const bytes = Buffer.alloc(32 * Math.ceil(bits.length / 8));
  bits.forEach((word, at) => bytes.writeUInt32BE(word, 4 * at));
  return new ChunkTree(bytes);
}

export function leafOf(tree: ChunkTree, index: number): LeafStruct & { readonly siblings: string[] } {
  return { chunk: hexOf(tree.leaf(index)), siblings: tree.proof(index).map(hexOf) };
}

/** Nodes right above the chunks, 1,024 or all there are, and the siblings from their own node up. */
export function groupOf(tree: ChunkTree, group: number): { nodes: string[]; siblings: string[] } {
  const height = Math.min(10, tree.depth - 1);
  const size = 2 ** height;
  const nodes = Array.from({ length: size }, (_, at) => hexOf(tree.node(1, group * size + at)));
  const siblings = Array.from({ length: tree.depth - 1 - height }, (_, up) =>
    hexOf(tree.node(1 + height + up, (group >>> up) ^ 1)),
  );
  return { nodes, siblings };
}

export function hexOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

export function rootOver(leaves: readonly string[]): string {
  return hexOf(new ChunkTree(leaves.map((leaf) => Buffer.from(leaf.slice(2), "hex"))).root);
}

/** A job with a measurement, and its parties' moves. */
export class MeasuredJob {
  readonly world: JobWorld;
  readonly job: bigint;

  constructor(world: JobWorld, job: bigint) {
    this.world = world;
    this.job = job;
  }

  /** Up to the evaluators' turn, whom the draw named. */
  async toScoring(sizes: ReadonlyMap<number, number> = new Map()): Promise<number[]> {
    const { world, job } = this;
    await world.jobs.open(job);
    for (const [index, root] of updateRoots()) await world.commitUpdate(job, index, root);
    await world.pass(job);
    for (const [index, root] of updateRoots()) await world.revealUpdate(job, index, root, sizes.get(index));
    await world.pass(job);
    await world.revealValidation(job);
    return world.draw(job);
  }

  /** Evaluators find these results, in the order of the draw; the first one's stands where no other has more votes. */
  async stand(...found: readonly (Measured | Finding)[]): Promise<number[]> {
    const drawn = await this.toScoring();
    await this.score(drawn, found);
    expect(await this.world.state(this.job)).to.equal(STATE.challenge);
    return drawn;
  }

  async score(drawn: readonly number[], found: readonly (Measured | Finding)[]): Promise<void> {
    const findings = drawn.map((index, i): [number, Finding] => {
      const result = found[i] ?? found.at(-1) ?? HONEST;
      return [index, "table" in result ? findingOf(result) : result];
    });
    await this.world.score(this.job, new Map(findings));
  }

  async challenge(index: number, { table, aggregate }: Measured, programs = PROGRAMS) {
    return this.world.as(index).challengeMeasured(this.job, programsStruct(programs), tableStruct(table), aggregate);
  }

  async answer(index: number, rival: Measured, own: Measured, programs = PROGRAMS) {
    const tables = [tableStruct(rival.table), tableStruct(own.table)] as const;
    return this.world.as(index).answerMeasured(this.job, programsStruct(programs), ...tables);
  }

  /** Number of the posted job. */
  async measured(): Promise<bigint> {
    return (await this.world.jobs.measuredCase(this.job)).measured;
  }

  /** Who has to prove a byte string shows the nodes above its chunks, a group after the other. */
  async show(index: number, tree: ChunkTree, groups = 1): Promise<void> {
    for (let group = 0; group < groups; ++group) {
      const { nodes, siblings } = groupOf(tree, group);
      await this.world.as(index).showString(this.job, group, nodes, siblings);
    }
  }

  /** Its provider takes the posted job and claims a state of these tensors. */
  async claim(index: number, tensors: readonly string[]): Promise<bigint> {
    const { reproducible } = this.world;
    const number = await this.measured();
    const provider = reproducible.connect(this.world.signer(index));
    await provider.accept(number);
    const state = rootOver(tensors);
    await provider.claim(number, state, state, []);
    return number;
  }

  /** Nobody disputes the claim, until it is paid. */
  async endClaim(number: bigint): Promise<void> {
    const { reproducible, wait } = { reproducible: this.world.reproducible, wait: this.world.wait.bind(this.world) };
    await wait(Number((await reproducible.termsOf(number)).windowSeconds) + 1);
    await reproducible.settle(number);
  }

  async conclude({ tensors, leaf }: Pick<Showing, "tensors" | "leaf">, index = RIVAL) {
    return this.world.as(index).concludeMeasured(this.job, [...tensors], leaf);
  }

  /** The side that has to prove claims these tensors, undisputed, and shows this. */
  async prove(index: number, showing: Showing): Promise<void> {
    if (showing.tree !== undefined) await this.show(index, showing.tree);
    await this.endClaim(await this.claim(index, showing.tensors));
    await this.conclude(showing);
    expect(await this.world.state(this.job)).to.equal(STATE.challenge);
  }

  async standing(): Promise<string> {
    return (await this.world.jobs.roundInfo(this.job, await this.world.round(this.job))).standing;
  }

  async expectStanding(found: Measured): Promise<void> {
    const { scores, aggregate } = findingOf(found);
    const round = await this.world.round(this.job);
    expect(await this.standing()).to.equal(await this.world.jobs.resultHash(this.job, round, [...scores], aggregate));
  }
}

export function programsStruct(programs: MeasurementPrograms): MeasurementProgramsStruct {
  return { ...programs, mean: [...programs.mean], sorted: [...programs.sorted] };
}

/** A full job whose results are measured; every party has credits for bonds of reproducible jobs. */
export async function deployMeasuredJob(
  connection: NetworkConnection,
  changes: Partial<JobTermsStruct> = {},
): Promise<MeasuredJob> {
  const world = await deployJobWorld(connection);
  for (const index of [...WORKERS, ...EVALUATORS, RIVAL]) {
    await world.credit.mint(world.signer(index).address, CREDITS * BASE_UNITS);
    await world.credit.connect(world.signer(index)).approve(world.reproducible, MaxUint256);
  }
  const job = await world.post({ measurement: measurementHash(PROGRAMS), ...changes });
  await world.join(job, WORKERS, EVALUATORS);
  expect((await world.jobs.termsOf(job)).specHash).to.equal(TERMS.specHash);
  return new MeasuredJob(world, job);
}

function pattern(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (seed * 31 + at * 7 + 1) % 251);
}

function hashOf(text: string): Buffer {
  return Buffer.from(id(text).slice(2), "hex");
}
