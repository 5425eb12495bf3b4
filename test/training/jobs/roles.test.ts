import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { JouleworkError } from "../../../src/errors.ts";
import { decodeState } from "../../../src/training/federated/decodeState.ts";
import { initialState } from "../../../src/training/federated/initialState.ts";
import { localUpdate } from "../../../src/training/federated/localUpdate.ts";
import { scoreUpdates } from "../../../src/training/federated/scoreUpdates.ts";
import { trainHere } from "../../../src/training/federated/trainHere.ts";
import type { GlobalState } from "../../../src/training/federated/types.ts";
import { buildValidation } from "../../../src/training/federated/validation.ts";
import { scoringRule } from "../../../src/training/jobs/jobSpec.ts";
import { trainJobsHere } from "../../../src/training/jobs/jobInputs.ts";
import { openWorker } from "../../../src/training/jobs/openWorker.ts";
import { JOB_STATE, UPDATE_STATUS } from "../../../src/training/jobs/jobTypes.ts";
import { formatAction } from "../../../src/training/jobs/role.ts";
import {
  copyingWorker,
  lateWorker,
  lazyWorker,
  oversizedWorker,
  poisonedWorker,
} from "../../../src/training/jobs/workerBehaviour.ts";
import { sentences } from "../support/texts.ts";
import { Arena, Crash, CrashPlan, quickTrainer, SPEC, VALIDATION } from "./arena.ts";

const EVALUATORS = ["first", "second", "third", "fourth"] as const;
const WORKERS = ["ada", "bert"] as const;

/** Rounds as anybody can compute them without a chain. */
async function federate(rounds: number): Promise<{ states: GlobalState[]; scores: (readonly bigint[])[] }> {
  const trainer = quickTrainer();
  const train = trainHere({ trainer, batch: SPEC.local.batch, learningRate: SPEC.local.learningRate });
  const { slices } = buildValidation(VALIDATION, rounds);
  const states = [initialState(trainer, SPEC.seed)];
  const scores: (readonly bigint[])[] = [];
  const earlier = new Set<string>();
  for (const { bytes: slice } of slices) {
    const state = states.at(-1) ?? initialState(trainer, SPEC.seed);
    const updates = [];
    for (const [seat, name] of WORKERS.entries()) {
      const shard = sentences(name, 2_000);
      const { bytes, hash } = await localUpdate({
        state,
        train,
        shard,
        seed: SPEC.seed + seat,
        steps: SPEC.local.steps,
      });
      updates.push({ bytes, commitOrder: seat + 1, hash });
    }
    const result = await scoreUpdates({ trainer, state, updates, earlier, slice, rule: scoringRule(SPEC) });
    for (const { hash } of updates) earlier.add(hash);
    states.push(result.next);
    scores.push(result.scores);
  }
  return { states, scores };
}

describe("roles of federated jobs", () => {
  let arena: Arena;

  beforeEach(() => {
    arena = new Arena();
  });

  afterEach(() => {
    arena.close();
  });

  function addAll(job: number, plans: Readonly<Record<string, CrashPlan>> = {}): void {
    for (const name of WORKERS) arena.addWorker(name, job, plans[name] === undefined ? {} : { plan: plans[name] });
    for (const name of EVALUATORS)
      arena.addEvaluator(name, job, plans[name] === undefined ? {} : { plan: plans[name] });
    arena.addRequester(plans.requester);
    arena.addSettler();
  }

  async function expectError(work: Promise<unknown>, code: string): Promise<void> {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(JouleworkError);
    expect((error as JouleworkError).code).to.equal(code);
  }

  /** Nobody's commitment was refused or replaced, and whoever committed revealed. */
  function expectNoLoss(job: number, rounds: number): void {
    const refused = arena.jobs.sent.filter(({ refusal }) => refusal !== undefined);
    const mistakes = refused.filter(({ refusal = "" }) => ["AlreadyCommitted", "CommitmentMismatch"].includes(refusal));
    expect(mistakes).to.deep.equal([]);
    for (let round = 1; round <= rounds; ++round) {
      const { seats, scoreSeats } = arena.jobs.round(job, round);
      expect(seats.map(({ status }) => status)).to.deep.equal(seats.map(() => UPDATE_STATUS.valid));
      expect(scoreSeats.every(({ result }) => BigInt(result) !== 0n)).to.equal(true);
    }
  }

  it("train, score and settle every round as anybody computes it without a chain", async () => {
    const rounds = 2;
    const job = await arena.post(undefined, { rounds });
    addAll(job);
    await arena.play(job, JOB_STATE.ended);
    const { states, scores } = await federate(rounds);
    expectNoLoss(job, rounds);
    const standing = [1, 2].map((round) => arena.jobs.round(job, round));
    expect(standing.map(({ results, standing: hash }) => results.get(hash)?.scores)).to.deep.equal(scores);
    const roots = standing.map(({ results, standing: hash }) => results.get(hash)?.aggregateRoot);
    expect(arena.jobs.view(job).modelRoot).to.equal(roots.at(-1));
    // Whoever asks the store for the model of the chain gets it, to the last bit.
    const model = decodeState(SPEC.model, 1_024, await arena.store.get(roots.at(-1) ?? ""));
    expect(model.weights).to.deep.equal(states.at(-1)?.weights);
    const trainer = quickTrainer();
    const [before, after] = await Promise.all([
      trainer.evaluate(states[0]?.weights ?? new Float32Array(0), VALIDATION),
      trainer.evaluate(model.weights, VALIDATION),
    ]);
    expect(Number(after)).to.be.lessThan(Number(before));
    expect(await arena.chain("ada").heldFor(Arena.account("ada"))).to.equal(0n);
    expect(arena.actions.map(formatAction)).to.include(`job ${job} round 1: open`);
  });

  it("keep updates out of the store until commitments are closed, and the validation text until its round", async () => {
    const job = await arena.post();
    addAll(job);
    const { slices } = buildValidation(VALIDATION, 1);
    const seen: string[] = [];
    const put = arena.store.put.bind(arena.store);
    arena.store.put = async (bytes) => {
      const hash = await put(bytes);
      seen.push(`${arena.jobs.view(job).state} ${hash}`);
      return hash;
    };
    await arena.play(job, JOB_STATE.ended);
    const { seats } = arena.jobs.round(job, 1);
    for (const { updateRoot } of seats) expect(seen).to.include(`${JOB_STATE.reveal} ${updateRoot}`);
    expect(seen).to.include(`${JOB_STATE.validation} ${slices[0]?.hash ?? ""}`);
    const commitTime = seen.filter((line) => line.startsWith(`${JOB_STATE.commit} `));
    expect(commitTime).to.deep.equal([]);
  });

  for (const name of ["ada", "first", "requester"]) {
    it(`survive a crash of ${name} between any two effects without a second commitment or a lost reveal`, async () => {
      const clean = new CrashPlan();
      const job = await arena.post();
      addAll(job, { [name]: clean });
      await arena.play(job, JOB_STATE.ended);
      const points = clean.passed;
      expect(points).to.be.greaterThan(8);
      for (let at = 1; at <= points; ++at) {
        arena.close();
        arena = new Arena();
        await arena.post();
        const plan = new CrashPlan([at]);
        addAll(job, { [name]: plan });
        await arena.play(job, JOB_STATE.ended);
        expect(plan.crashes, `point ${String(at)}`).to.equal(1);
        expectNoLoss(job, 1);
        const own = arena.jobs.sent.filter(
          ({ account, refusal }) => account === Arena.account(name) && refusal === undefined,
        );
        const commits = own.filter(({ call }) => call.verb === "commitUpdate" || call.verb === "commitScores");
        const { seats, scoreSeats } = arena.jobs.round(job, 1);
        const seated = [...seats.map(({ provider }) => provider), ...scoreSeats.map(({ evaluator }) => evaluator)];
        expect(commits.length).to.equal(seated.filter((account) => account === Arena.account(name)).length);
      }
    });
  }

  it("survive one crash after the other", async () => {
    // Far enough apart that something is done in between, and never at the same place of what is done.
    const everywhere = Array.from({ length: 40 }, (_, i) => 7 * i + 3);
    const job = await arena.post();
    const plans = {
      ada: new CrashPlan(everywhere),
      first: new CrashPlan(everywhere),
      requester: new CrashPlan(everywhere),
    };
    addAll(job, plans);
    await arena.play(job, JOB_STATE.ended);
    const crashes = Object.values(plans).map((plan) => plan.crashes);
    expect(Math.min(...crashes)).to.be.greaterThan(0);
    expect(crashes.reduce((a, b) => a + b)).to.be.greaterThan(4);
    expectNoLoss(job, 1);
  });

  it("post a job once, wherever posting is cut off, and still hold every validation slice", async () => {
    const clean = new CrashPlan();
    await arena.post(clean);
    for (let at = 1; at <= clean.passed; ++at) {
      arena.close();
      arena = new Arena();
      const crashed = await arena.post(new CrashPlan([at])).catch((error: unknown) => error);
      expect(crashed).to.be.instanceOf(Crash);
      // What is on its way may arrive before the next attempt or make it wait.
      if (await arena.chain("requester").hasWaiting()) await expectError(arena.post(), "JOB_POST_UNSURE");
      arena.jobs.arrive();
      expect(await arena.post()).to.equal(1);
      expect(await arena.chain("requester").jobCount()).to.equal(1);
    }
    addAll(1);
    await arena.play(1, JOB_STATE.ended);
    expectNoLoss(1, 1);
  });

  it("post anew with a new journal, and serve that job, not an older one of the same terms", async () => {
    expect(await arena.post()).to.equal(1);
    for (const file of readdirSync(arena.folder)) if (file.startsWith("requester")) rmSync(join(arena.folder, file));
    expect(await arena.post()).to.equal(2);
    expect(await arena.post()).to.equal(2);
  });

  it("refuse a journal of another account, and one that lacks what its account committed to", async () => {
    const job = await arena.post();
    for (const name of WORKERS) arena.addWorker(name, job);
    arena.addWorker("late", job, { behaviour: lateWorker });
    for (const name of EVALUATORS) arena.addEvaluator(name, job);
    arena.addSettler();
    await arena.settle();
    expect(arena.jobs.view(job).state).to.equal(JOB_STATE.reveal);
    const open = (name: string) =>
      openWorker({
        chain: arena.chain(name),
        job,
        store: arena.store,
        shard: sentences(name, 2_000),
        openTrainer: trainJobsHere(() => Promise.resolve(quickTrainer())),
        journalPath: arena.path("new"),
      });
    const worker = open("late");
    await expectError(worker.step(arena.jobs.time), "JOB_JOURNAL_LOST");
    worker.close();
    await expectError(
      Promise.resolve().then(() => open("ada")),
      "JOB_JOURNAL_FOREIGN",
    );
  });

  it("score a poisoned, a lazy and a copied update at nothing, and the honest ones by what they add", async () => {
    const job = await arena.post();
    const copied = async () => {
      const { seats } = arena.jobs.round(job, 1);
      expect(seats.length).to.equal(5);
      const state = decodeState(SPEC.model, 1_024, await arena.store.get(arena.jobs.view(job).modelRoot));
      const train = trainHere({
        trainer: quickTrainer(),
        batch: SPEC.local.batch,
        learningRate: SPEC.local.learningRate,
      });
      const shard = sentences("ada", 2_000);
      return (await localUpdate({ state, train, shard, seed: SPEC.seed, steps: SPEC.local.steps })).bytes;
    };
    for (const name of WORKERS) arena.addWorker(name, job);
    arena.addWorker("poisoner", job, { behaviour: poisonedWorker() });
    arena.addWorker("sloth", job, { behaviour: lazyWorker });
    arena.addWorker("thief", job, { behaviour: copyingWorker(copied) });
    for (const name of EVALUATORS) arena.addEvaluator(name, job);
    arena.addRequester();
    await arena.play(job, JOB_STATE.ended);
    const { results, standing, seats } = arena.jobs.round(job, 1);
    const scores = results.get(standing)?.scores ?? [];
    expect(scores.map((score) => (score > 0n ? 1 : 0))).to.deep.equal([1, 1, 0, 0, 0]);
    expect(seats[4]?.status).to.equal(UPDATE_STATUS.copy);
  });

  it("let a round go on without a worker that never reveals and one whose update is too large", async () => {
    const job = await arena.post();
    for (const name of WORKERS) arena.addWorker(name, job);
    arena.addWorker("late", job, { behaviour: lateWorker });
    arena.addWorker("whale", job, { behaviour: oversizedWorker });
    for (const name of EVALUATORS) arena.addEvaluator(name, job);
    arena.addRequester();
    await arena.play(job, JOB_STATE.ended);
    const { results, standing, seats } = arena.jobs.round(job, 1);
    const { committed, valid } = UPDATE_STATUS;
    expect(seats.map(({ status }) => status)).to.deep.equal([valid, valid, committed, committed]);
    expect(results.get(standing)?.scores.slice(2)).to.deep.equal([0n, 0n]);
    const refusals = arena.actions.filter(({ refusal }) => refusal === "UpdateSize");
    expect(refusals.length).to.be.greaterThan(0);
  });

  it("wait for a withheld update until half of the time to score is over, and score it zero then", async () => {
    const job = await arena.post();
    for (const name of WORKERS) arena.addWorker(name, job);
    for (const name of EVALUATORS) arena.addEvaluator(name, job);
    arena.addSettler();
    await arena.settle();
    expect(arena.jobs.view(job).state).to.equal(JOB_STATE.validation);
    arena.store.withheld.add(arena.jobs.round(job, 1).seats[0]?.updateRoot ?? "");
    arena.addRequester();
    await arena.settle();
    expect(arena.jobs.view(job).state).to.equal(JOB_STATE.scoreCommit);
    const { scoreCommitSeconds } = await arena.chain("first").terms(job);
    arena.jobs.time = arena.jobs.view(job).deadline - scoreCommitSeconds / 2;
    await arena.play(job, JOB_STATE.ended);
    const { results, standing } = arena.jobs.round(job, 1);
    const scores = results.get(standing)?.scores ?? [];
    expect(scores[0]).to.equal(0n);
    expect(Number(scores[1])).to.be.greaterThan(0);
  });

  it("challenge a standing result that is wrong, and let the panel settle the right one", async () => {
    const job = await arena.post();
    for (const name of WORKERS) arena.addWorker(name, job);
    arena.addEvaluator("liar", job, { bendScores: ([, ...rest]) => [9_000_000_000n, ...rest] });
    arena.addEvaluator("auditor", job, { audits: true });
    for (const name of EVALUATORS) arena.addEvaluator(name, job);
    arena.addRequester();
    await arena.play(job, JOB_STATE.ended);
    const { challenger, results, standing, scoreSeats } = arena.jobs.round(job, 1);
    expect(challenger).to.equal(Arena.account("auditor"));
    const { scores } = await federate(1);
    expect(results.get(standing)?.scores).to.deep.equal(scores[0]);
    expect(scoreSeats[0]?.evaluator).to.equal(Arena.account("liar"));
    expect(scoreSeats[0]?.result).to.not.equal(standing);
  });
});
