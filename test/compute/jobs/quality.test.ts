import { expect } from "chai";
import hre from "hardhat";
import { DEFAULT_SCORING_RULE } from "../../../src/training/federated/defaultScoringRule.ts";
import { initialState } from "../../../src/training/federated/initialState.ts";
import { localUpdate } from "../../../src/training/federated/localUpdate.ts";
import { modelRoot } from "../../../src/training/federated/modelRoot.ts";
import { scoreUpdates } from "../../../src/training/federated/scoreUpdates.ts";
import { trainHere } from "../../../src/training/federated/trainHere.ts";
import type { GlobalState } from "../../../src/training/federated/types.ts";
import { buildValidation } from "../../../src/training/federated/validation.ts";
import { openTrainer } from "../../../src/training/openTrainer.ts";
import type { Trainer } from "../../../src/training/types.ts";
import { noise, sentences } from "../../training/support/texts.ts";
import { deploySystemWorld, type SystemWorld } from "./systemWorld.ts";
import { OUTCOME, STATE, STATUS, WORKERS } from "./world.ts";

const connection = await hre.network.create();
const ROUNDS = 4;
const STEPS = 20;
const BATCH = 8;
const LEARNING_RATE = 0.003;
const POOL_TICKS = 1_000_000_000n;
const EVALUATING = [8, 9, 10, 11] as const;
const FEE_TICKS = 200_000_000n;

const TEXT = sentences("federated", 130_000);
const HELD_OUT = TEXT.subarray(TEXT.length - 9_000);
const SHARDS = {
  clean: TEXT.subarray(0, 60_000),
  "half corrupted": Buffer.concat([TEXT.subarray(60_000, 90_000), noise("corrupted", 30_000)]),
  // One window of the context and the byte after it.
  tiny: TEXT.subarray(120_000, 120_033),
} as const;

describe("pay by the quality of really trained updates", () => {
  let trainer: Trainer;
  let system: SystemWorld;
  /** Ticks of all rounds, by seat. */
  let paid: bigint[];
  /** Scores of every round, by seat. */
  let scores: (readonly bigint[])[];
  let job: bigint;

  before(async () => {
    trainer = await openTrainer({ layers: 1, width: 16, heads: 2, context: 32 });
    const requesterTicks = BigInt(ROUNDS) * (POOL_TICKS + FEE_TICKS);
    system = await deploySystemWorld(connection, [...WORKERS, ...EVALUATING], { requesterTicks });
    ({ job, scores } = await playJob(system, trainer));
    paid = await Promise.all(WORKERS.map((index) => system.world.held(index)));
  });
  after(() => trainer.close());

  it("is in the order of what each text is worth alone, measured on a text that nobody trained on", async () => {
    const { weights: start } = initialState(trainer, 1);
    const optimizer = { kind: "adam", learningRate: LEARNING_RATE } as const;
    const worth: number[] = [];
    for (const corpus of Object.values(SHARDS)) {
      const steps = ROUNDS * STEPS;
      const solo = { weights: start, corpus, seed: 9, firstStep: 0, steps, batch: BATCH, optimizer };
      const { weights } = await trainer.train(solo);
      worth.push(Number(await trainer.evaluate(weights, HELD_OUT)) / 1e6 / HELD_OUT.length);
    }
    const [clean = NaN, corrupted = NaN, tiny = NaN] = worth;
    // Nats a byte: so far apart that the truth is no matter of luck.
    expect(corrupted - clean).to.be.above(0.05);
    expect(tiny - corrupted).to.be.above(0.2);

    const [cleanPay = 0n, corruptedPay = 0n, tinyPay = 0n] = paid;
    expect(Number(cleanPay)).to.be.above(1.2 * Number(corruptedPay));
    expect(Number(corruptedPay)).to.be.above(1.2 * Number(tinyPay));
  });

  it("gives the copier of the best nothing", async () => {
    expect(paid[3]).to.equal(0n);
    for (let round = 1; round <= ROUNDS; ++round) {
      const { seats } = await system.world.jobs.roundInfo(job, round);
      expect(seats.map(({ status }) => status)).to.deep.equal([STATUS.valid, STATUS.valid, STATUS.valid, STATUS.copy]);
      expect(seats[3]?.updateRoot).to.equal(seats[0]?.updateRoot);
    }
  });

  it("shares each pool by the scores, rounded down, and gives the rest back", async () => {
    const expected = WORKERS.map((_, seat) =>
      scores.reduce((sum, ofRound) => {
        const positive = ofRound.map((score) => (score > 0n ? score : 0n));
        return sum + (POOL_TICKS * (positive[seat] ?? 0n)) / positive.reduce((a, b) => a + b);
      }, 0n),
    );
    expect(paid).to.deep.equal(expected);
    const rest = BigInt(ROUNDS) * POOL_TICKS - expected.reduce((a, b) => a + b);
    expect(await system.world.held(2)).to.equal(rest);
  });
});

/** A job of all rounds on the contracts, its updates trained and its scores measured, without a cap a site. */
async function playJob(
  { world }: SystemWorld,
  trainer: Trainer,
): Promise<{ readonly job: bigint; readonly scores: (readonly bigint[])[] }> {
  let state = initialState(trainer, 1);
  const { root, slices } = buildValidation(HELD_OUT, ROUNDS);
  const job = await world.post({
    rounds: ROUNDS,
    modelRoot: modelRoot(state),
    validationRoot: root,
    minWorkers: WORKERS.length,
    siteCapPpm: 1_000_000,
    poolTicks: POOL_TICKS,
    feeTicks: FEE_TICKS,
  });
  await world.join(job, WORKERS, EVALUATING);
  const earlier = new Set<string>();
  const scores: (readonly bigint[])[] = [];
  for (const slice of slices) {
    const updates = await trainAll(trainer, state);
    await world.train(job, new Map(updates.map(({ hash }, seat) => [WORKERS[seat] ?? 0, hash])));
    await world.as(2).revealValidation(job, slice.hash, [...slice.proof]);
    const result = await scoreUpdates({
      trainer,
      state,
      updates: updates.map(({ bytes }, seat) => ({ bytes, commitOrder: seat + 1 })),
      earlier,
      slice: slice.bytes,
      rule: DEFAULT_SCORING_RULE,
    });
    const finding = { scores: result.scores, aggregate: result.aggregateRoot };
    await world.score(job, new Map((await world.draw(job)).map((index) => [index, finding])));
    await world.pass(job);
    expect((await world.jobs.roundInfo(job, slice.round)).outcome).to.equal(OUTCOME.settled);
    expect((await world.jobs.jobInfo(job)).modelRoot).to.equal(modelRoot(result.next));
    for (const { hash } of updates) earlier.add(hash);
    scores.push(result.scores);
    state = result.next;
  }
  expect(await world.state(job)).to.equal(STATE.ended);
  return { job, scores };
}

/** The updates of three honest workers, and a copy of the first. */
async function trainAll(trainer: Trainer, state: GlobalState) {
  const train = trainHere({ trainer, batch: BATCH, learningRate: LEARNING_RATE });
  const updates: Awaited<ReturnType<typeof localUpdate>>[] = [];
  for (const [seed, shard] of Object.values(SHARDS).entries()) {
    updates.push(await localUpdate({ state, train, shard, seed, steps: STEPS }));
  }
  return [...updates, ...updates.slice(0, 1)];
}
