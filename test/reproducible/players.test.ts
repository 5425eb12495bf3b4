import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { drawInitialWeights } from "../../src/training/initialWeights.ts";
import { stateFolder } from "../../src/training/reproducible/jobs/stateFolder.ts";
import { composeTape } from "../../src/training/reproducible/composeTape.ts";
import { kernelRunner } from "../../src/training/reproducible/kernelRunner.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import { JobComputation, stateRoot } from "../../src/training/reproducible/players/jobComputation.ts";
import { recentStates, type StateKeeper } from "../../src/training/reproducible/players/stateKeeper.ts";
import type { StepRunner } from "../../src/training/reproducible/players/stepRunner.ts";
import { runStep } from "../../src/training/reproducible/runStep.ts";
import { initialOptimizerState, joinState, splitState } from "../../src/training/reproducible/state.ts";
import type { Optimizer } from "../../src/training/types.ts";
import { exampleText } from "../training/goldenRun.ts";
import { stepwise } from "./jobsWorld.ts";

const corpus = exampleText(10);
const model = { layers: 2, width: 8, heads: 2, context: 6 };
const shape = { firstStep: 2, stride: 3, checkpoints: 2 };
const optimizers: readonly Optimizer[] = [
  { kind: "adam", learningRate: 0.01, beta1: 0.8, epsilon: 1e-6 },
  { kind: "sgd", learningRate: 0.05 },
];

async function players(optimizer: Optimizer) {
  const tape = composeTape({ model, batch: 2, optimizer, seed: 5, corpusBytes: corpus.length });
  const functions = await loadFunctions();
  const remembered = optimizer.kind === "adam" ? initialOptimizerState(tape.parameters) : undefined;
  const start = splitState(tape.parameters, drawInitialWeights(model, 5), remembered);
  const kernels = kernelRunner({ tape, trainer: await openTrainer(model), corpus, functions });
  const operations = stepwise(tape, (state, step) => runStep(tape, state, { step, corpus, functions }));
  const job = (runner: StepRunner, states: StateKeeper) => new JobComputation({ tape, shape, start, runner, states });
  return { tape, start, kernels, operations, job };
}

async function train(job: JobComputation, checkpoints: number): Promise<JobComputation> {
  while (job.roots.length < checkpoints) await job.next();
  return job;
}

describe("players of a dispute", () => {
  for (const optimizer of optimizers) {
    it(`that train with the kernels have the states of those that compute each operation, with ${optimizer.kind}`, async () => {
      const { kernels, operations, job } = await players(optimizer);
      const fast = await train(job(kernels, recentStates()), 4);
      const slow = await train(job(operations, recentStates()), 4);
      expect(fast.roots).to.deep.equal(slow.roots);
      for (const round of [0, 1]) {
        const [one, other] = [fast.round(round), slow.round(round)];
        for (const checkpoint of [0, 1]) {
          const steps = await one.steps(checkpoint);
          expect(steps.root).to.deep.equal((await other.steps(checkpoint)).root);
          // The last step of a stride is its checkpoint.
          expect(steps.leaf(shape.stride - 1)).to.deep.equal(one.checkpoints.leaf(checkpoint));
          const { between, stateAfter } = await one.step(checkpoint, 1);
          expect(stateAfter.root).to.deep.equal(steps.leaf(1));
          expect(between.root).to.deep.equal((await other.step(checkpoint, 1)).between.root);
        }
      }
    });

    it(`take a state apart and together again, with ${optimizer.kind}`, async () => {
      const { tape, start, kernels } = await players(optimizer);
      const state = await kernels.advance(start, 0, 2);
      const { weights, optimizerState } = joinState(tape.parameters, state);
      expect(splitState(tape.parameters, weights, optimizerState)).to.deep.equal(state);
    });
  }

  it("train again what their keeper has lost", async () => {
    const { kernels, job } = await players({ kind: "sgd", learningRate: 0.05 });
    const forgetful: StateKeeper = { save: () => Promise.resolve(), load: () => Promise.resolve(undefined) };
    const [kept, lost] = [await train(job(kernels, recentStates(4)), 4), await train(job(kernels, forgetful), 4)];
    expect(lost.roots).to.deep.equal(kept.roots);
    expect(stateRoot(await lost.stateBefore(3))).to.deep.equal(kept.roots[2]);
    expect(() => job(kernels, forgetful).round(0)).to.throw(RangeError);
  });

  describe("keep states in a folder", () => {
    let directory: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), "joulework-states-"));
    });

    afterEach(async () => {
      await rm(directory, { recursive: true });
    });

    const state = [Float32Array.of(1, -0, 3.5), Float32Array.of(2)];
    const folder = () => stateFolder(directory, [3, 1]);

    it("and find them again to the bit, but none that is damaged, too short or of another shape", async () => {
      const root = stateRoot(state);
      expect(await folder().load(root)).to.equal(undefined);
      await folder().save(root, state);
      expect(await folder().load(root)).to.deep.equal(state);
      expect(await stateFolder(directory, [3, 2]).load(root)).to.equal(undefined);
      const [name = ""] = await readdir(directory);
      await writeFile(join(directory, name), Buffer.alloc(16));
      expect(await folder().load(root)).to.equal(undefined);
      await writeFile(join(directory, name), Buffer.alloc(3));
      expect(await folder().load(root)).to.equal(undefined);
    });

    it("and let go of others, and of what was half written, but of nothing else", async () => {
      const other = [Float32Array.of(9, 9, 9), Float32Array.of(9)];
      await folder().save(stateRoot(state), state);
      await folder().save(stateRoot(other), other);
      await writeFile(join(directory, "half.tmp"), "half");
      await writeFile(join(directory, "notes.txt"), "mine");
      await folder().keepOnly([stateRoot(other)]);
      expect((await readdir(directory)).sort()).to.deep.equal(
        [`${stateRoot(other).toString("hex")}.state`, "notes.txt"].sort(),
      );
    });
  });
});
