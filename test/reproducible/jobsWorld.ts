import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { BigNumberish, BytesLike, ContractTransactionReceipt, ContractTransactionResponse } from "ethers";
import { id } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { drawInitialWeights } from "../../src/training/initialWeights.ts";
import { bytesTree, type ChunkTree } from "../../src/training/reproducible/chunkTree.ts";
import { composeTape, type TapeConfig, type TapeProgram } from "../../src/training/reproducible/composeTape.ts";
import { encodeTape, type EncodedTape } from "../../src/training/reproducible/encodePrimitive.ts";
import {
  evaluatePrimitive,
  type StepSource,
  type StringSource,
} from "../../src/training/reproducible/evaluatePrimitive.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import type { OpenedStrings } from "../../src/training/reproducible/openTransition.ts";
import { challengerMove } from "../../src/training/reproducible/players/challengerMove.ts";
import { readDispute, type DisputeView } from "../../src/training/reproducible/players/disputeView.ts";
import { providerMove, type ProviderMove } from "../../src/training/reproducible/players/providerMove.ts";
import { JobComputation, stateRoot, type JobShape } from "../../src/training/reproducible/players/jobComputation.ts";
import { RoundComputation, type ElementPlace } from "../../src/training/reproducible/players/roundComputation.ts";
import { recentStates } from "../../src/training/reproducible/players/stateKeeper.ts";
import type { State, StepRunner } from "../../src/training/reproducible/players/stepRunner.ts";
import { kernelRunner } from "../../src/training/reproducible/kernelRunner.ts";
import { stateAfter } from "../../src/training/reproducible/runStep.ts";
import type { StringsJob } from "../../src/training/reproducible/scoring/stringsJob.ts";
import { initialOptimizerState, splitState } from "../../src/training/reproducible/state.ts";
import type { ReproducibleJobs, TestPaymentToken } from "../../typechain-types/index.ts";
import type { ReproducibleTermsStruct } from "../../typechain-types/contracts/compute/reproducible/ReproducibleJobs.ts";
import { exampleText } from "../training/goldenRun.ts";

export const BASE_UNITS = 10n ** 9n;
export const STRIDE = 3;
export const CHECKPOINTS = 2;
export const ROUNDS = 2;
export const FIRST_STEP = 4;
export const CLOCK = 3_600;
export const WINDOW = 7_200;
export const PAY = 1_000n;
export const BOND = 5_000n;
export const CHALLENGE_BOND = 301n;
const MONEY = 10_000_000n;

/** As `ReproducibleState` counts. */
export const STATE = {
  none: 0n,
  posted: 1n,
  training: 2n,
  done: 3n,
  cancelled: 4n,
  stopped: 5n,
  abandoned: 6n,
  refuted: 7n,
} as const;

export const corpus = exampleText(10);
const seed = 3;
export const model = { layers: 1, width: 8, heads: 2, context: 6 };
/** Of the program of these tests. */
export const CONFIG: TapeConfig = {
  ...{ model, batch: 2, seed, corpusBytes: corpus.length },
  optimizer: { kind: "adam", learningRate: 0.01 },
};

/** One bit of one element of an operation's output, in one step. */
export interface Lie {
  readonly step: number;
  readonly operation: number;
  readonly element: number;
  /** Of a reduction: how many accumulators before its last are changed too, so that the element is the last of them. */
  readonly terms: number;
}

/** A chooser of children for a challenger that repeated nothing. */
export type Pointer = (children: number, view: DisputeView) => number;

/** Every tensor of a step, by a party that computes operation by operation. */
export type StepFunction = (state: State, step: number) => readonly Float32Array[];

/** Steps of a party that computes them in its own way. */
export function stepwise(tape: TapeProgram, run: StepFunction): StepRunner {
  return {
    advance(state, firstStep, steps) {
      let at = state;
      for (let step = firstStep; step < firstStep + steps; ++step) at = stateAfter(tape, run(at, step));
      return Promise.resolve(at);
    },
    tensors: (state, step) => Promise.resolve(run(state, step)),
  };
}

/** A round with a lie in it, which also the accumulators of the element tell. */
class LyingRound extends RoundComputation {
  readonly #lie: Lie;

  constructor(lie: Lie, { job, round, checkpoints }: RoundComputation) {
    super(job, round, checkpoints);
    this.#lie = lie;
  }

  override async accumulators(place: ElementPlace): Promise<Float32Array> {
    const accumulators = await super.accumulators(place);
    const { step, operation, element, terms } = this.#lie;
    const here = this.stepNumber(place.checkpoint, place.step) === step;
    if (!here || place.operation !== operation || place.element !== element) return accumulators;
    const words = new Uint32Array(accumulators.buffer);
    for (let term = Math.max(0, words.length - 1 - terms); term < words.length; ++term) {
      words[term] = (words[term] ?? 0) ^ 1;
    }
    return accumulators;
  }
}

/** Reproducible jobs with a small model. Accounts: 1 requests, 2 provides, 3 and 4 challenge, 9 is the season pool. */
export class ReproducibleWorld {
  readonly connection: NetworkConnection;
  readonly jobs: ReproducibleJobs;
  readonly credit: TestPaymentToken;
  readonly signers: readonly HardhatEthersSigner[];
  readonly tape: TapeProgram;
  readonly encoded: EncodedTape;
  readonly dataset: ChunkTree | OpenedStrings;
  readonly shape: JobShape;
  readonly terms: ReproducibleTermsStruct;
  readonly start: readonly Float32Array[];
  /** Trains with the kernels. */
  readonly runner: StepRunner;
  /** Computes operation by operation, one bit wrong. */
  readonly lyingStep: (lie: Lie) => StepFunction;

  constructor(
    parts: Omit<
      ReproducibleWorld,
      "job" | "honest" | "round" | "lying" | "as" | "signer" | "poolTicks" | "pass" | "claim" | "play" | "send"
    >,
  ) {
    this.connection = parts.connection;
    this.jobs = parts.jobs;
    this.credit = parts.credit;
    this.signers = parts.signers;
    this.tape = parts.tape;
    this.encoded = parts.encoded;
    this.dataset = parts.dataset;
    this.shape = parts.shape;
    this.terms = parts.terms;
    this.start = parts.start;
    this.runner = parts.runner;
    this.lyingStep = parts.lyingStep;
  }

  signer(index: number): HardhatEthersSigner {
    const found = this.signers[index];
    if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
    return found;
  }

  as(index: number): ReproducibleJobs {
    return this.jobs.connect(this.signer(index));
  }

  /** The first rounds of a job that is computed in this way. */
  async job(runner: StepRunner, rounds = 1): Promise<JobComputation> {
    const { tape, shape, start } = this;
    const job = new JobComputation({ tape, shape, start, runner, states: recentStates() });
    for (let checkpoint = 0; checkpoint < rounds * shape.checkpoints; ++checkpoint) await job.next();
    return job;
  }

  /** A round as it is, the first one unless told. */
  async honest(round = 0): Promise<RoundComputation> {
    return (await this.job(this.runner, round + 1)).round(round);
  }

  /** The first round of a provider that computes steps in its own way. */
  async round(run: StepFunction): Promise<RoundComputation> {
    return (await this.job(stepwise(this.tape, run))).round(0);
  }

  /** The first round of a provider that changes a bit and computes on from there. */
  async lying(lie: Lie): Promise<RoundComputation> {
    return new LyingRound(lie, await this.round(this.lyingStep(lie)));
  }

  async poolTicks(): Promise<bigint> {
    return (await this.credit.balanceOf(this.signer(9).address)) / BASE_UNITS;
  }

  async pass(seconds: number): Promise<void> {
    await this.connection.provider.request({ method: "evm_increaseTime", params: [seconds] });
    await this.connection.provider.request({ method: "evm_mine" });
  }

  /** Post and accept a job, and claim its first round. */
  async claim(computation: RoundComputation): Promise<bigint> {
    await this.as(1).post(this.terms);
    const job = (await this.jobs.queryFilter(this.jobs.filters.ReproducibleJobPosted())).at(-1)?.args.job ?? 0n;
    await this.as(2).accept(job);
    const { checkpoints } = computation;
    const last = this.shape.checkpoints - 1;
    await this.as(2).claim(job, checkpoints.root, checkpoints.leaf(last), checkpoints.proof(last));
    return job;
  }

  send(dispute: BigNumberish, { verb, args }: ProviderMove): Promise<ContractTransactionResponse> {
    const provider = this.as(2);
    switch (verb) {
      case "reveal":
        return provider.reveal(dispute, ...args);
      case "openStride":
        return provider.openStride(dispute, ...args);
      case "openStep":
        return provider.openStep(dispute, ...args);
      case "openTensor":
        return provider.openTensor(dispute, ...args);
      case "openReduction":
        return provider.openReduction(dispute, ...args);
      case "prove": {
        const [record, proof, previous, siblings, openings] = args;
        const opened = openings.map(({ chunk, inTensor, inTree }) => ({
          chunk,
          inTensor: [...inTensor],
          inTree: [...inTree],
        }));
        return provider.prove(dispute, record, proof, previous, siblings, opened);
      }
    }
  }

  /**
   * Plays a dispute to its end, or to before the first move for which `until` holds. The challenger is account 3: one that
   * repeated the round, or one that points anywhere.
   */
  async play(
    dispute: bigint,
    defence: RoundComputation,
    challenger: RoundComputation | Pointer,
    until: (view: DisputeView) => boolean = () => false,
  ): Promise<{ view: DisputeView; receipts: ContractTransactionReceipt[]; children: Buffer[] }> {
    const { encoded, dataset } = this;
    const receipts: ContractTransactionReceipt[] = [];
    let children: Buffer[] = [];
    for (;;) {
      const record = await this.jobs.disputeInfo(dispute);
      const view = readDispute(record);
      if (["providerWon", "challengerWon", "withdrawn"].includes(view.phase) || until(view)) {
        return { view, receipts, children };
      }
      let sent: ContractTransactionResponse;
      if (view.providerMoves) {
        const move = await providerMove({ computation: defence, encoded, dataset }, view);
        if (move.verb === "reveal") [children] = move.args;
        if (move.verb === "openStep") children = [move.args[0], bufferOf(record.node)];
        sent = await this.send(dispute, move);
      } else {
        sent = await this.#pointed(dispute, view, record, challenger, children);
      }
      const receipt = await sent.wait();
      if (receipt === null) throw new Error("a move has no receipt");
      receipts.push(receipt);
    }
  }

  async #pointed(
    dispute: bigint,
    view: DisputeView,
    { node, leaves, count }: { readonly node: string; readonly leaves: bigint; readonly count: bigint },
    challenger: RoundComputation | Pointer,
    children: readonly Buffer[],
  ): Promise<ContractTransactionResponse> {
    const named = view.height === 0 && view.phase !== "parts";
    if (typeof challenger !== "function") {
      const move = await challengerMove(challenger, view, named ? [bufferOf(node)] : children);
      if (move === undefined) throw new Error("the challenger finds nothing wrong");
      return move.verb === "point"
        ? this.as(3).point(dispute, [...move.args[0]], move.args[1])
        : this.as(3).pointElement(dispute, ...move.args);
    }
    if (named) return this.as(3).pointElement(dispute, challenger(Math.min(8, Number(count) - 8 * view.index), view));
    // Nodes below which there is nothing are no choice.
    const below = 2 ** (view.height - Math.min(4, view.height));
    const real = Math.ceil((Number(leaves) - view.index * 2 ** view.height) / below);
    const most = view.phase === "parts" ? 2 : Math.min(children.length, real);
    return this.as(3).point(dispute, [...children], challenger(most, view));
  }
}

export function bufferOf(bytes: BytesLike): Buffer {
  return Buffer.from(String(bytes).slice(2), "hex");
}

/** The contract and its accounts, with credit for all of them. */
async function deployJobs(connection: NetworkConnection) {
  const { ethers } = connection;
  const signers = await ethers.getSigners();
  const pool = signers[9]?.address ?? "";
  const credit = await ethers.deployContract("TestPaymentToken");
  const libraries = { Referee: await ethers.deployContract("Referee") };
  const jobs = await ethers.deployContract("ReproducibleJobs", [credit, pool], { libraries });
  for (const signer of signers.slice(1, 5)) {
    await credit.mint(signer.address, MONEY * BASE_UNITS);
    await credit.connect(signer).approve(jobs, MONEY * BASE_UNITS);
  }
  return { connection, jobs, credit, signers };
}

/** Steps of a provider that changes one bit of an operation's output, and computes on with it. */
function lyingSteps(tape: TapeProgram, sourceOf: (step: number) => StepSource | StringSource) {
  return (lie: Lie): StepFunction =>
    (state, step) => {
      const tensors = [...state];
      tape.primitives.forEach((primitive, operation) => {
        const output = evaluatePrimitive(primitive, tensors, sourceOf(step));
        const words = new Uint32Array(output.buffer);
        if (step === lie.step && operation === lie.operation) words[lie.element] = (words[lie.element] ?? 0) ^ 1;
        tensors.push(output);
      });
      return tensors;
    };
}

/** Money and time of every job of these tests. */
const COMMON_TERMS = {
  specification: id("specification"),
  ...{ payTicks: PAY, bondTicks: BOND, challengeBondTicks: CHALLENGE_BOND },
  ...{ roundSeconds: 36_000, windowSeconds: WINDOW, clockSeconds: CLOCK, extensionSeconds: 60 },
};

export async function deployReproducible(connection: NetworkConnection): Promise<ReproducibleWorld> {
  const deployed = await deployJobs(connection);
  const tape = composeTape(CONFIG);
  const encoded = encodeTape(tape);
  const dataset = bytesTree(corpus);
  const start = splitState(tape.parameters, drawInitialWeights(model, seed), initialOptimizerState(tape.parameters));
  const functions = await loadFunctions();
  const shape = { firstStep: FIRST_STEP, stride: STRIDE, checkpoints: CHECKPOINTS };
  const terms: ReproducibleTermsStruct = {
    program: {
      root: encoded.programRoot,
      stateTensors: tape.state.length,
      operations: tape.primitives.length,
    },
    dataset: dataset.root,
    initialState: stateRoot(start),
    ...shape,
    rounds: ROUNDS,
    ...COMMON_TERMS,
  };
  return new ReproducibleWorld({
    ...{ ...deployed, tape, encoded, dataset, shape, terms, start },
    lyingStep: lyingSteps(tape, (step) => ({ step, corpus, functions })),
    runner: kernelRunner({ tape, trainer: await openTrainer(model), corpus, functions }),
  });
}

/** A job whose one step is a run of a program over byte strings. */
export async function deployStringsJob(
  connection: NetworkConnection,
  { terms, encoded, dataset, computation }: StringsJob,
  start: readonly Float32Array[],
  strings: readonly Uint8Array[],
): Promise<ReproducibleWorld> {
  const { tape, shape, runner } = computation.job;
  const source = { strings, functions: await loadFunctions() };
  return new ReproducibleWorld({
    ...{ ...(await deployJobs(connection)), tape, encoded, dataset, shape, start, runner },
    terms: { ...terms, ...COMMON_TERMS },
    lyingStep: lyingSteps(tape, () => source),
  });
}
